"""A change as the facts a policy reads, and as the words its sentences are filled with."""

from typing import Any

from assistant.confirmation.limits import Ceilings
from assistant.confirmation.subject import Subject
from tools.cluster.quantities import cpu_text, memory_text


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
        "memory": memory_text(subject.memory_bytes or 0),
        "memory_ceiling": memory_text(most.memory_bytes),
        "cpu": cpu_text(subject.cpu_millis or 0),
        "cpu_ceiling": cpu_text(most.cpu_millis),
        "freeze": freeze,
    }
