"""ResourceQuota status: what is hard, what is used."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import QUOTAS
from evals.emulators.kubernetes.controllers.shared import key_of, put_status
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.objects import dig, is_deleting, namespace_of
from evals.emulators.kubernetes.quota import quota_usage
from evals.emulators.kubernetes.store import Change, Key

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster


class QuotaController:
    """Counts again whenever something in the quota's namespace comes or goes."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.watches: Watches = {"*": self._of_content}

    def _of_content(self, change: Change) -> Iterable[Key]:
        if change.type == "MODIFIED" and change.resource.shelf not in ("pods", "resourcequotas"):
            return []
        return [key_of(quota) for quota in self._cluster.store.items(QUOTAS, namespace_of(change.object))]

    def reconcile(self, key: Key) -> None:
        quota = self._cluster.store.get(QUOTAS, *key)
        if quota is None or is_deleting(quota):
            return
        used = quota_usage(self._cluster.store, quota, list(self._cluster.registry.shelves()))
        put_status(self._cluster, QUOTAS, quota, {"hard": dig(quota, "spec", "hard") or {}, "used": used})
