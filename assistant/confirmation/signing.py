"""Signed statements about the audit log: "record SEQ had this hash at that time" (Ed25519)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from pydantic import BaseModel

PRIVATE_MODE = 0o600
Keys = Mapping[str, Ed25519PublicKey]
"""Public keys by their name."""


class KeyFileError(Exception):
    """A key file cannot be used. The text names the file, what is wrong and what to do."""


class Statement(BaseModel, frozen=True):
    """What is signed: a checkpoint of the chain, or the anchor at which it begins since older records were pruned.

    `source`: the installation. `key`: name of the key, from its public half. `signature`: hex.
    """

    kind: Literal["checkpoint", "anchor"]
    source: str
    seq: int
    hash: str
    at: datetime
    key: str = ""
    signature: str = ""

    def signed_text(self) -> bytes:
        """Canonical JSON of everything but key and signature."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude={"key", "signature"}))

    def holds(self, keys: Keys) -> bool:
        """Whether a known key signed exactly this."""
        key = keys.get(self.key)
        try:
            signature = bytes.fromhex(self.signature)
        except ValueError:
            return False
        if key is None:
            return False
        try:
            key.verify(signature, self.signed_text())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """Signs with one private key."""

    private: Ed25519PrivateKey

    @property
    def key(self) -> str:
        """The key's name."""
        return key_name(self.private.public_key())

    def sign(self, statement: Statement) -> Statement:
        """The statement with key and signature."""
        return statement.model_copy(
            update={"key": self.key, "signature": self.private.sign(statement.signed_text()).hex()}
        )


def key_name(public: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def read_signer(path: Path) -> Signer:
    """The private key of a PEM file. Raises KeyFileError, also when others may read it."""
    if path.exists() and path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path}: others may read this private key. Run chmod 600 on it.")
    key = _load(path, lambda text: load_pem_private_key(text, None))
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: is not an Ed25519 private key. Make one with infra-assistant audit keygen.")
    return Signer(key)


def read_keys(signer: Signer | None, paths: Iterable[Path]) -> dict[str, Ed25519PublicKey]:
    """Every public key that counts: the signer's own and those of PEM files. Raises KeyFileError."""
    public = [signer.private.public_key()] if signer else []
    for path in paths:
        key = _load(path, load_pem_public_key)
        if not isinstance(key, Ed25519PublicKey):
            raise KeyFileError(f"{path}: is not an Ed25519 public key.")
        public.append(key)
    return {key_name(key): key for key in public}


def make_key(path: Path) -> str:
    """Write a new private key, readable by its owner only, and the public one beside it (.pub). Returns the key's name.

    Raises KeyFileError when the file exists: an old key is never overwritten.
    """
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.touch(mode=PRIVATE_MODE, exist_ok=False)
        path.write_bytes(text)
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        path.with_name(f"{path.name}.pub").write_bytes(public)
    except FileExistsError as error:
        raise KeyFileError(f"{path}: exists already. Keep it: signatures made with it need its public key.") from error
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written: {error.strerror}") from error
    return key_name(private.public_key())


def _load(path: Path, load: Callable[[bytes], object]) -> object:
    try:
        return load(path.read_bytes())
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"{path}: is not a key in PEM form without a passphrase.") from error
