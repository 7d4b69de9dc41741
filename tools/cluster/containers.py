"""Which container of a workload's template is meant, and the patch of just that one."""

from dataclasses import dataclass
from typing import Any

from tools.cluster.models.pods import Container
from tools.cluster.models.workloads import Workload
from tools.errors import Ambiguous, NotFound

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


@dataclass(frozen=True)
class Part:
    """A container of a template. `listed` is the field that lists it: containers or initContainers."""

    container: Container
    listed: str

    def of(self, workload: Workload) -> str:
        """ "checkout" when it is the only container, else "container proxy of checkout"."""
        alone = len(workload.spec.template.spec.all_containers()) == 1
        return workload.name if alone else f"container {self.container.name} of {workload.name}"

    def patch(self, fields: dict[str, Any]) -> dict[str, Any]:
        """A strategic merge patch that sets these fields of the container and nothing else."""
        one = [{"name": self.container.name, **fields}]
        return {"spec": {"template": {"spec": {self.listed: one}}}}


def choose_container(workload: Workload, name: str | None) -> Part:
    """The container of that name; without one, the only one, the default one, or the one named like the workload.

    Raises NotFound or Ambiguous with the names there are.
    """
    spec = workload.spec.template.spec
    if name is not None:
        found = {part.container.name: part for part in _all(workload)}
        if name not in found:
            raise NotFound(f'{workload.name} has no container "{name}": {", ".join(found)}.', tuple(found))
        return found[name]
    if len(spec.containers) == 1:
        return Part(spec.containers[0], "containers")
    default = workload.spec.template.metadata.annotations.get(DEFAULT_CONTAINER, workload.name)
    meant = next((one for one in spec.containers if one.name == default), None)
    if meant is None:
        names = tuple(one.name for one in spec.containers)
        raise Ambiguous(f"{workload.name} has the containers {', '.join(names)}. Say which.", names)
    return Part(meant, "containers")


def _all(workload: Workload) -> tuple[Part, ...]:
    spec = workload.spec.template.spec
    main = tuple(Part(one, "containers") for one in spec.containers)
    return (*main, *(Part(one, "initContainers") for one in spec.init_containers))
