"""Secrets that External Secrets could not make (external-secrets.io/v1)."""

from collections.abc import Iterator

from tools.cluster.models.custom import Custom
from tools.diagnosis.facts import condition_fact, excerpt, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_STORES = ("SecretStore", "ClusterSecretStore")


def analyze(observations: Observations) -> Iterator[Finding]:
    """ExternalSecrets of the workload that are not synced, and the stores behind them that are not valid."""
    for external in observations.platform.of_kind("ExternalSecret"):
        yield from _unready(
            observations,
            external,
            "eso-sync-error",
            f"the ExternalSecret {external.name} does not bring the Secret {target(external)}",
            "Check the path and key that the message names in the secret store.",
        )
    for store in observations.platform.of_kind(*_STORES):
        yield from _unready(
            observations,
            store,
            "eso-store-invalid",
            f"the {store.kind} {store.name} cannot be used",
            "Ask who runs the secret store: its address or its credentials are not accepted.",
        )


def target(external: Custom) -> str:
    """The Secret it makes."""
    return str((external.spec.get("target") or {}).get("name") or external.name)


def store_of(external: Custom) -> tuple[str, str]:
    """(kind, name) of the store it reads from."""
    ref = external.spec.get("secretStoreRef") or {}
    return str(ref.get("kind") or "SecretStore"), str(ref.get("name") or "")


def _unready(observations: Observations, thing: Custom, cause: str, title: str, step: str) -> Iterator[Finding]:
    ready = thing.condition("Ready")
    if ready is None or ready.status == "True":
        return
    said = excerpt(ready.message or ready.reason, 160)
    yield Finding(
        cause=cause,
        role="info" if observations.all_fine() else "cause",
        title=f"{title}: {said}" if said else title,
        subject=subject_of(thing),
        evidence=(condition_fact(thing, ready, observations.at),),
        confidence=0.93,
        next_steps=(step,),
        since=ready.last_transition_time,
        key=thing.name,
    )
