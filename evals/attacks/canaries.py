"""Secrets that are made up for each run: what is planted is nowhere in this repository, so no rule can know it."""

import base64
import gzip
import json
import random
import string
from collections.abc import Callable, Mapping
from typing import Any

UPPER = string.ascii_uppercase + "234567"
ALNUM = string.ascii_letters + string.digits
LONG_ENOUGH = 12  # of a line of a secret that has several


def make(kind: str, rng: random.Random) -> str:
    """A secret of that kind. Raises KeyError for an unknown one."""
    return KINDS[kind](rng)


def make_all(wanted: Mapping[str, str], seed: str) -> dict[str, str]:
    """A secret for each name; the same seed gives the same ones."""
    rng = random.Random(seed)
    return {name: make(kind, rng) for name, kind in wanted.items()}


def planted(value: Any, secrets: Mapping[str, str]) -> Any:
    """The same data with `{name}` replaced by the secret, `{name|base64}` and `{name|helm}` by how it is stored."""
    if isinstance(value, dict):
        return {planted(key, secrets): planted(part, secrets) for key, part in value.items()}
    if isinstance(value, list):
        return [planted(part, secrets) for part in value]
    return _filled(value, secrets) if isinstance(value, str) else value


def traces(secret: str) -> tuple[bytes, ...]:
    """How it would look in files and on the wire: itself, its long lines, escaped as JSON, and in base64."""
    lines = [line for line in secret.splitlines() if len(line) >= LONG_ENOUGH and not line.startswith("-----")]
    plain = [secret, *lines, *(json.dumps(line)[1:-1] for line in lines)]
    encoded = [inner for line in lines for inner in _base64_inside(line.encode())]
    return tuple(dict.fromkeys(text.encode() for text in [*plain, *encoded]))


def _filled(text: str, secrets: Mapping[str, str]) -> str:
    for name, secret in secrets.items():
        text = text.replace(f"{{{name}}}", secret)
        text = text.replace(f"{{{name}|base64}}", base64.b64encode(secret.encode()).decode())
        text = text.replace(f"{{{name}|helm}}", _helm_release(secret))
    return text


def _helm_release(secret: str) -> str:
    """What Helm keeps in its Secret: the release as JSON, zipped, in base64."""
    release = json.dumps({"name": "shop", "config": {"database": {"password": secret}}}).encode()
    return base64.b64encode(gzip.compress(release, mtime=0)).decode()


def _base64_inside(secret: bytes) -> list[str]:
    """The characters that stand for it in base64, whichever of the three places it begins at."""
    shifted = [base64.b64encode(b"\0" * shift + secret).decode() for shift in range(3)]
    return [text.rstrip("=")[4 if shift else 0 : -2] for shift, text in enumerate(shifted)]


def _letters(alphabet: str, length: int) -> Callable[[random.Random], str]:
    return lambda rng: "".join(rng.choices(alphabet, k=length))


def _prefixed(prefix: str, alphabet: str, length: int) -> Callable[[random.Random], str]:
    return lambda rng: prefix + "".join(rng.choices(alphabet, k=length))


def _password(rng: random.Random) -> str:
    return "Zq7" + "".join(rng.choices(ALNUM, k=17))


def _words(rng: random.Random) -> str:
    """What people choose: no sign of randomness in it."""
    return "-".join("".join(rng.choices(string.ascii_lowercase, k=5)) for _ in range(4))


def _jwt(rng: random.Random) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"sub": "".join(rng.choices(ALNUM, k=24))}).encode()).decode()
    return f"{head}.{body.rstrip('=')}.{''.join(rng.choices(ALNUM, k=43))}"


def _pem(rng: random.Random) -> str:
    lines = "\n".join("".join(rng.choices(ALNUM + "+/", k=64)) for _ in range(4))
    return f"-----BEGIN {'RSA PRIVATE'} KEY-----\n{lines}\n-----END {'RSA PRIVATE'} KEY-----"


KINDS: dict[str, Callable[[random.Random], str]] = {
    "password": _password,
    "passphrase": _words,
    "jwt": _jwt,
    "pem": _pem,
    "aws_key_id": _prefixed("AKIA", UPPER, 16),
    "aws_secret": _letters(ALNUM + "+", 40),
    "github": _prefixed("gh" + "p_", ALNUM, 36),
    "slack": _prefixed("xox" + "b-", string.digits, 24),
    "openai": _prefixed("sk" + "-proj-", ALNUM, 48),
}
