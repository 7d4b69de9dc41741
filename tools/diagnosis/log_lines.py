"""Find the log line that says why a process ended. Pure; the lines are data and are never followed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.logs.models import LogLine

_LONGEST = 1000  # characters of a line that are looked at: the patterns are not linear in it
WINDOW = 80  # newest lines looked at: the reason stands near the end

_WEIGHTS: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(pattern))
    for weight, pattern in (
        (9, r"^panic: |^fatal error: |\bpanic:\s|thread '.*' panicked"),
        (9, r"^(Caused by: |[\w.$]*(Error|Exception|Errno \d+)\b\s?:|\w+(\.\w+)+(Error|Exception)\b)"),
        (
            9,
            r"^Exception in thread|Uncaught \w*(Error|Exception)|Unhandled ?(Promise)? ?(Rejection|exception)"
            r"|Error: Cannot find",
        ),
        (8, r"(?i)\b(fatal|critical|emerg|panic)\b|level=fatal|\"level\":\s*\"(fatal|panic|critical)\""),
        (8, r"(?i)exec format error|command not found|: not found$|no such file or directory|permission denied"),
        (7, r"(?i)no such host|name or service not known|connection refused|econnrefused|enotfound|eai_again"),
        (7, r"(?i)out of memory|OutOfMemoryError|heap out of memory|no space left on device|address already in use"),
        (7, r"(?i)(missing|required|undefined|not set).{0,40}(env|variable|setting|config|key)|environment variable"),
        (6, r"(?i)\berror\b|level=error|\"level\":\s*\"error\"|\bERR\b|^E\d{4} "),
        (5, r"(?i)\b(failed|failure|cannot|could not|unable to|refused|denied|invalid|timed? ?out|exception)\b"),
        (2, r"(?i)\bwarn(ing)?\b"),
    )
)
_STACK = re.compile(
    r"^\s+(at |File |\.\.\. )|^\s+\S+\(|^goroutine \d+|^Traceback \(most recent|^\s*\^+\s*$|^\s*$|^\s+raise "
)
_OUTRO = re.compile(
    r"(?i)shutting down|shutdown complete|exiting|exit (code|status)|npm ERR!|stopped|goodbye|\[signal SIG"
)
_CLIENT_NOISE = re.compile(r"(?i)\bdeprecat|retrying in|will retry")


@dataclass(frozen=True)
class Hint:
    """What a line usually means. `cause` is an id of CAUSES, "" when it only explains an exit."""

    cause: str
    says: str
    next_step: str


def decisive(lines: Sequence[LogLine]) -> LogLine | None:
    """The line most likely to say why the process ended: heaviest near the end, last of equals; None when none does."""
    best: tuple[int, int] = (0, -1)
    window = lines[-WINDOW:]
    for position, line in enumerate(window):
        best = max(best, (weigh(line.text), position))
    return window[best[1]] if best[0] >= 5 else None


def last_words(lines: Sequence[LogLine]) -> LogLine | None:
    """The last line that is not empty: what to show when no line says why."""
    return next((line for line in reversed(lines) if line.text.strip()), None)


def weigh(text: str) -> int:
    """How much a line looks like a reason to end, 0..9."""
    if _STACK.search(text[:400]):
        return 0
    body = _without_prefix(text[:_LONGEST])
    weight = max((weight for weight, pattern in _WEIGHTS if pattern.search(body)), default=0)
    weight = max(weight, 6) if hint(body) else weight
    if _OUTRO.search(body):
        weight -= 4
    return weight - 2 if _CLIENT_NOISE.search(body) else weight


_PREFIX = re.compile(r"^(\[?\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,]+(Z|[+-]\d\d:?\d\d)?\]?\s+)+")


def _without_prefix(text: str) -> str:
    return _PREFIX.sub("", text)


_HINTS: tuple[tuple[re.Pattern[str], Hint], ...] = tuple(
    (re.compile(pattern), Hint(cause, says, step))
    for pattern, cause, says, step in (
        (
            r"(?i)no space left on device|\bENOSPC\b|disk quota exceeded",
            "disk-full",
            "its disk is full",
            "Free space on the volume, or make the volume larger.",
        ),
        (
            r"User \"[^\"]+\" cannot \w+ resource \"[^\"]+\" in API group|is forbidden: User \"system:serviceaccount:",
            "rbac-forbidden",
            "its service account may not do what it asks the Kubernetes API for",
            "Give its service account a Role with the verb and resource that the log names, or correct the account.",
        ),
        (
            r"(?i)permission denied.{0,200}(vault|secret/)|vault.{0,200}permission denied|Code: 403\. Errors:"
            r"|vault is sealed|(lease not found|lease expired).{0,80}vault|invalid role name \"",
            "vault-permission-denied",
            "Vault refuses it or is sealed",
            "Check the policy and role that Vault gives its service account; ask who runs Vault if it is sealed.",
        ),
        (
            r"(?i)x509: certificate (has expired|signed by unknown|is valid for)|certificate (has )?expired"
            r"|SSLHandshakeException|CERTIFICATE_VERIFY_FAILED",
            "cert-expired-app",
            "a TLS certificate it meets is expired or not trusted",
            "Check the dates and the issuer of the certificate that the log names.",
        ),
        (
            r"KeyError: '[A-Z][A-Z0-9_]+'"
            r"|(?i:env(ironment)?( variable)?s?\b.{0,60}(not set|missing|required|undefined|empty))"
            r"|(?i:(not set|missing|required|undefined).{0,40}env(ironment)?\b)"
            r"|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b['\"]? (is )?(not set|required|missing|must be set|undefined|empty)"
            r"|(?i:missing|undefined|required|unset)\b.{0,30}\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b",
            "",
            "it misses a setting that it needs to start",
            "Set the variable that the log names, in the workload's env or the ConfigMap it reads.",
        ),
        (
            r"ModuleNotFoundError|ImportError|Cannot find module|ClassNotFoundException|NoClassDefFoundError"
            r"|error while loading shared libraries",
            "",
            "a module or library is missing in the image",
            "Check what the image build changed: a dependency is not in the image.",
        ),
        (
            r"(?i)address already in use|EADDRINUSE",
            "",
            "the port it wants to listen on is taken inside the pod",
            "Two processes of the pod use the same port: give one of them another.",
        ),
        (
            r"(?i)password authentication failed|access denied for user|authentication failed|invalid credentials"
            r"|WRONGPASS",
            "",
            "a system it calls refuses its credentials",
            "Check that the credentials were not rotated; pods read them again after a restart.",
        ),
        (
            r"(?i)(database|relation|table|role|schema) \"?[\w.-]+\"? (does not exist|doesn't exist)"
            r"|migration.{0,30}(fail|error)",
            "",
            "the database does not have what it expects",
            "Check that the migrations of this version ran against that database.",
        ),
        (
            r"(?i)permission denied|EACCES|read-only file system|Operation not permitted",
            "",
            "it may not read or write a file it needs",
            "Check the user the container runs as and the permissions of its files and volumes.",
        ),
        (
            r"(?i)FileNotFoundError|no such file or directory|ENOENT",
            "",
            "a file it needs is missing",
            "Check that the file is in the image, or that the volume that brings it is mounted at that path.",
        ),
        (
            r"(?i)(yaml|json|toml|config|configuration).{0,60}(invalid|parse|unmarshal|syntax|unexpected|unknown)"
            r"|(invalid|parse|unmarshal|unknown).{0,40}(yaml|json|toml|config|configuration|flag|option)"
            r"|flag provided but not defined",
            "",
            "it cannot read its configuration or arguments",
            "Compare the configuration and arguments with what this version of the program understands.",
        ),
        (
            r"(?i)OutOfMemoryError|heap out of memory|MemoryError|Cannot allocate memory",
            "",
            "it ran out of memory inside its own heap",
            "Raise the heap size together with the memory limit, or look for what grew.",
        ),
    )
)


def hint(text: str) -> Hint | None:
    """What a decisive line usually means, if it is a common one."""
    return next((meaning for pattern, meaning in _HINTS if pattern.search(text[:_LONGEST])), None)
