"""Names and ids that the server makes up: suffixes, template hashes, event names, uids."""

import hashlib
import random
import uuid

import orjson

from evals.emulators.kubernetes.objects import Json

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_MAX_GENERATED = 58  # metadata.generateName is cut so that five random letters still fit in 63


class Names:
    """Makes names from one seed, so that a world loads with the same names every time."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._last_event = 0

    def uid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def generate(self, prefix: str) -> str:
        return prefix[:_MAX_GENERATED] + "".join(self._random.choice(_LETTERS) for _ in range(5))

    def audit_id(self) -> str:
        return str(uuid.uuid4())

    def address(self) -> str:
        return f"10.244.{self._random.randrange(0, 64)}.{self._random.randrange(2, 255)}"

    def cluster_address(self) -> str:
        return f"10.96.{self._random.randrange(0, 256)}.{self._random.randrange(2, 255)}"

    def event_suffix(self, nanoseconds: int) -> str:
        """The hexadecimal end of an event's name: by time, later ones greater within the same moment too."""
        self._last_event = max(self._last_event + 1, nanoseconds)
        return f"{self._last_event:x}"


def template_hash(template: Json, collisions: int = 0) -> str:
    """The value of `pod-template-hash` for a pod template: stable, of the alphabet the server uses."""
    digest = hashlib.sha256(orjson.dumps(template, option=orjson.OPT_SORT_KEYS) + bytes([collisions])).digest()
    number = str(int.from_bytes(digest[:4], "big"))
    return "".join(_LETTERS[ord(digit) % len(_LETTERS)] for digit in number)
