"""Everything a read tool needs, on the embedded shop, as its administrator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.demo import WORLD
from evals.emulators.kubernetes import KubernetesEmulator, load_world
from tools.catalog.files import FileCatalog
from tools.cluster.kubernetes import KubernetesConnection
from tools.logs.pods import PodLogStore
from tools.targets import ClusterTargets


@dataclass(frozen=True)
class Shop:
    """`ports` are the keyword arguments of a read tool; `emulator` counts its requests."""

    emulator: KubernetesEmulator
    ports: dict[str, Any]


@asynccontextmanager
async def shop_reads(folder: Path, *, catalog: bool = True) -> AsyncIterator[Shop]:
    """The shop world behind the real adapters."""
    async with KubernetesEmulator(speed=20) as emulator:
        await load_world(emulator, WORLD)
        config = folder / "kubeconfig"
        config.write_text(emulator.kubeconfig_yaml("admin"))
        connection = await KubernetesConnection.open(name="shop", kubeconfig=str(config))
        cluster = connection.acting_as(None)
        entities = FileCatalog(WORLD / "catalog") if catalog else None
        ports = {
            "cluster": cluster,
            "logs": PodLogStore(cluster),
            "targets": ClusterTargets({"shop": cluster}, "shop", entities, {}),
            "catalog": entities,
            "clock": emulator.cluster.now,
        }
        try:
            yield Shop(emulator, ports)
        finally:
            await connection.close()
