"""What stands in place of a secret: its length and a salted hash, so that "changed" and "the same" stay visible."""

import hashlib
import re
import secrets

MARKER_EXAMPLE = "[redacted len=32 sha=ab12cd34]"
MARKER = re.compile(r"\[redacted(?: len=\d+(?: sha=[0-9a-f]{1,8}\]?)?)?")


class _Process:
    """The salt of this process: random, until the composition root gives one that replicas share."""

    salt = secrets.token_bytes(16)


def use_salt(salt: bytes) -> None:
    """Use this salt from now on; called once, at start."""
    _Process.salt = hashlib.sha256(salt).digest()


def marker(secret: str) -> str:
    """The marker of a secret; a text that is one already, or its beginning, or blank, stays as it is."""
    if not secret.strip() or MARKER.fullmatch(secret.strip()):
        return secret
    digest = hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=4, key=_Process.salt).hexdigest()
    return f"[redacted len={len(secret)} sha={digest}]"
