"""The table of analyzers: one row a family. To add a family, write its file and its row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tools.diagnosis.analyzers import (
    admission,
    argo,
    autoscaling,
    certificates,
    config,
    config_changed,
    crash,
    dependencies,
    displaced,
    disruption,
    external_secrets,
    flux,
    gates,
    gateways,
    healthy,
    helm,
    image,
    ingress,
    init,
    jobs,
    log_errors,
    memory,
    network,
    nodes,
    probes,
    rollout,
    scheduling,
    services,
    stateful,
    volumes,
    webhooks,
)
from tools.diagnosis.causes import depth
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


@dataclass(frozen=True)
class Family:
    """`layer` places it in a pod's life. `fine`: what is said when it looked and found nothing; for that every part in
    `needs` must have been read.
    """

    name: str
    analyze: Callable[[Observations], Iterable[Finding]]
    layer: str
    fine: str = ""
    needs: tuple[str, ...] = ("pods",)


FAMILIES: tuple[Family, ...] = (
    Family("admission", admission.analyze, "admission", "nothing refuses to create its pods", ("events",)),
    Family("webhooks", webhooks.analyze, "admission"),
    Family("displaced", displaced.analyze, "node"),
    Family("scheduling", scheduling.analyze, "scheduling", "every pod has a node"),
    Family("nodes", nodes.analyze, "node", "no pod was evicted or rejected by its node"),
    Family("volumes", volumes.analyze, "volume", "no volume is missing", ("pods", "events")),
    Family("network", network.analyze, "network", "every pod has its network", ("pods", "events")),
    Family("image", image.analyze, "image", "every image could be pulled"),
    Family("external secrets", external_secrets.analyze, "secrets"),
    Family("config", config.analyze, "config", "every ConfigMap and Secret it needs is there", ("pods", "events")),
    Family("configuration", config_changed.analyze, "config"),
    Family("init", init.analyze, "app"),
    Family("memory", memory.analyze, "resources", "no container runs out of memory"),
    Family("crash", crash.analyze, "app", "no container keeps ending"),
    Family("probes", probes.analyze, "probe", "no probe fails", ("pods", "events")),
    Family("readiness gates", gates.analyze, "probe"),
    Family("log errors", log_errors.analyze, "app"),
    Family("dependencies", dependencies.analyze, "dns"),
    Family("services", services.analyze, "service", "its Services have ready endpoints", ("slices",)),
    Family("StatefulSet", stateful.analyze, "service"),
    Family("Ingress", ingress.analyze, "ingress"),
    Family("Gateway API", gateways.analyze, "ingress"),
    Family("certificates", certificates.analyze, "certificate"),
    Family("autoscaling", autoscaling.analyze, "autoscaling"),
    Family("disruption", disruption.analyze, "disruption"),
    Family("rollout", rollout.analyze, "rollout"),
    Family("jobs", jobs.analyze, "job"),
    Family("Argo CD", argo.analyze, "gitops-argocd"),
    Family("Flux", flux.analyze, "gitops-flux"),
    Family("Helm", helm.analyze, "helm"),
    Family("healthy", healthy.analyze, "job"),
)
"""In the order of a pod's life."""


@dataclass(frozen=True)
class Examined:
    """All findings, in the table's order. `fine`: (layer, words) of what was looked at and is fine."""

    findings: tuple[Finding, ...]
    fine: tuple[tuple[str, str], ...]

    def ruled_out(self, root: Finding | None) -> tuple[str, ...]:
        """What is fine; beside a root cause only what a pod has to pass before it gets there."""
        return tuple(words for layer, words in self.fine if root is None or depth(layer) < depth(root.layer))


def examine(observations: Observations) -> Examined:
    """Run every family. A part that was not read rules nothing out."""
    looked = observations.read if observations.live_pods() else observations.read - {"pods"}
    found: list[Finding] = []
    fine: list[tuple[str, str]] = []
    for family in FAMILIES:
        mine = tuple(family.analyze(observations))
        found.extend(mine)
        complete = all(part in looked and not observations.lacks(part) for part in family.needs)
        if family.fine and complete and not any(finding.role != "info" for finding in mine):
            fine.append((family.layer, family.fine))
    return Examined(tuple(found), tuple(fine))
