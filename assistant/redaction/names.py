"""Which names say that their value is a secret."""

import re

WORDS = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|token|credentials?"
    r"|(?:api|access|private|secret|signing|encryption|account|shared|master|license|auth|ssh)[ _.-]?key"
    r"|shared[ _-]?access[ _-]?(?:key|signature)|connection[ _-]?string|session[ _-]?id|bearer"
)
SUFFIX = r"(?:[_.-]?(?:value|key|hash|string|b64|base64|id|\d{1,2}))?"

_NAME = re.compile(rf"(?:{WORDS}){SUFFIX}$|^_?auth$|^sig$", re.IGNORECASE)
_IN_PATH = re.compile(rf"(?:{WORDS}){SUFFIX}(?![A-Za-z])", re.IGNORECASE)
_REFERENCE = re.compile(r"valueFrom|secretKeyRef|secretRef|secretName|imagePullSecrets", re.IGNORECASE)

MAX_NAME = 256


def is_secret_name(name: str) -> bool:
    """Whether the value under this key is a secret: "DB_PASSWORD", "apiKey"; not "secretName", "max_tokens"."""
    return len(name) <= MAX_NAME and _NAME.search(name) is not None


def is_secret_path(path: str) -> bool:
    """Whether a field path leads to a secret's value: "env[DB_PASSWORD].value"; not to where it is kept."""
    return len(path) <= MAX_NAME and _IN_PATH.search(path) is not None and _REFERENCE.search(path) is None
