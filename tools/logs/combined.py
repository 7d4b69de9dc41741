"""Pod logs from the cluster and, for what it no longer has, from a log store: with the rights of one person."""

from tools.cluster.models.resources import PODS
from tools.cluster.port import ClusterReader
from tools.errors import Forbidden, NotFound, ToolError
from tools.logs.models import LogChunk
from tools.logs.port import LogQuery, LogStore, PastQuery

_POD_LOGS = PODS.model_copy(update={"plural": "pods/log"})


class CombinedLogStore:
    """Implements LogStore. The cluster is asked first; the log store only for what a person may read in the cluster.

    A log store knows no persons: who may not `get pods/log` in a namespace gets nothing of it from the store either.
    """

    def __init__(self, pods: LogStore, store: LogStore, cluster: ClusterReader) -> None:
        self._pods = pods
        self._store = store
        self._cluster = cluster

    async def read(self, query: LogQuery) -> LogChunk:
        """Lines of one container, of a pod that is gone from the log store. Raises NotFound when that has none."""
        try:
            return await self._pods.read(query)
        except NotFound as gone:
            chunk = await self._of_gone(query)
            if chunk is None:
                raise
            return chunk.model_copy(update={"note": gone.message})

    async def past(self, query: PastQuery) -> LogChunk:
        """Lines that only the log store still has. Raises Forbidden without the right to read them in the cluster."""
        namespace = query.workload.namespace
        access = await self._cluster.can_i("get", _POD_LOGS, namespace)
        if not access.allowed:
            missing = f"get pods/log in {namespace}"
            raise Forbidden(f"Logs of pods that are gone were not read: you lack the right to {missing}.", missing)
        return await self._store.past(query)

    async def _of_gone(self, query: LogQuery) -> LogChunk | None:
        access = await self._cluster.can_i("get", _POD_LOGS, query.namespace)
        if not access.allowed:
            return None
        try:
            chunk = await self._store.read(query)
        except ToolError:  # that the pod is gone says more
            return None
        return chunk if chunk.lines else None
