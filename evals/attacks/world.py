"""Makes the world of a case: the base world with what the attacker planted, as a folder that the emulator loads."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from evals.attacks.case import Json, Logs, Plant

BASE = Path(__file__).parent / "world"


def build_world(plant: Plant, folder: Path) -> Path:
    """Write the world into a new folder; returns it."""
    shutil.copytree(BASE, folder)
    rules = [*plant.behaviours, *(_crashes(logs) for logs in plant.logs), *_read(folder / "kubelet.yaml")]
    _write(folder / "kubelet.yaml", rules)
    history = _read(folder / "history.yaml")
    _write(folder / "history.yaml", history | {"steps": [*history["steps"], *plant.history]})
    (folder / "cluster" / "90-planted.yaml").write_text(yaml.safe_dump_all(plant.objects, allow_unicode=True))
    _plant_entities(folder / "catalog", plant.entities)
    return folder


def _crashes(logs: Logs) -> Json:
    """A container that writes these lines and ends with an error, again and again."""
    return {
        "match": {"namespace": logs.namespace, "workload": logs.workload},
        "do": "exit",
        "exit_code": 1,
        "after_seconds": 1.0,
        "logs": logs.lines,
        "termination_message": logs.termination_message,
    }


def _plant_entities(catalog: Path, entities: list[Json]) -> None:
    replaced = {_identity(entity) for entity in entities}
    for path in catalog.glob("*.yaml"):
        kept = [one for one in yaml.safe_load_all(path.read_text()) if _identity(one) not in replaced]
        path.write_text(yaml.safe_dump_all(kept, allow_unicode=True))
    (catalog / "planted.yaml").write_text(yaml.safe_dump_all(entities, allow_unicode=True))


def _identity(entity: Json) -> tuple[str, str]:
    return entity["kind"], entity["metadata"]["name"]


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _write(path: Path, value: Any) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False))
