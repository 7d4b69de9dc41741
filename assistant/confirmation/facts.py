"""A change as the facts a policy reads, and as the words its sentences are filled with."""

from typing import Any

from assistant.confirmation.limits import Ceilings
from assistant.confirmation.subject import Subject

_UNITS = ((2**30, "Gi"), (2**20, "Mi"), (2**10, "Ki"))


def facts_of(subject: Subject, most: Ceilings, *, freeze: bool) -> dict[str, Any]:
    """The context of a policy request. What the change does not set is absent."""
    wanted = {"replicas": subject.replicas, "memory": subject.memory_bytes, "cpu": subject.cpu_millis}
    ceilings = {
        "replicaCeiling": most.replicas,
        "memoryCeiling": most.memory_bytes,
        "cpuCeiling": most.cpu_millis,
        "freeze": freeze,
    }
    return {name: value for name, value in wanted.items() if value is not None} | ceilings


def words_of(subject: Subject, most: Ceilings, freeze: str) -> dict[str, str]:
    """What {replicas}, {memory_ceiling} and the like stand for in a @message."""
    return {
        "tier": subject.tier,
        "replicas": str(subject.replicas),
        "replica_ceiling": str(most.replicas),
        "memory": _bytes(subject.memory_bytes or 0),
        "memory_ceiling": _bytes(most.memory_bytes),
        "cpu": _cores(subject.cpu_millis or 0),
        "cpu_ceiling": _cores(most.cpu_millis),
        "freeze": freeze,
    }


def _bytes(count: int) -> str:
    """As Kubernetes writes it: the largest unit that divides it, else with one decimal."""
    exact = next((f"{count // size}{unit}" for size, unit in _UNITS if count and count % size == 0), None)
    rounded = next((f"{count / size:.1f}{unit}" for size, unit in _UNITS if count >= size), str(count))
    return exact or rounded


def _cores(millis: int) -> str:
    return f"{millis // 1000} cores" if millis % 1000 == 0 and millis != 1000 else f"{millis}m"
