"""One piece of advice, and what advice is made from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from tools.cluster.models.pods import Container, Pod
from tools.cluster.models.workloads import Workload
from tools.contract import Evidence, SuggestedAction
from tools.diagnosis.facts import field_fact
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.setting import Setting

Weight = Literal["high", "medium", "low"]
Topic = Literal["resources", "probes", "availability", "rollout", "image", "security", "deprecated"]
WEIGHTS: tuple[Weight, ...] = ("high", "medium", "low")


class Recommendation(BaseModel, frozen=True):
    """One change to the configuration. `title` says what to do, `reason` why, `risk` what may go wrong by doing it.

    `action`: the typed call that does it, when a write tool exists. `fixes`: it would help the present failure.
    """

    topic: Topic
    weight: Weight
    title: str
    reason: str
    risk: str
    evidence: tuple[Evidence, ...]
    action: SuggestedAction | None = None
    fixes: bool = False


@dataclass(frozen=True)
class Subject:
    """A workload to give advice on. `raw`: the object as the server stores it, for fields without a model."""

    setting: Setting
    workload: Workload
    diagnosis: Diagnosis
    raw: dict[str, Any]

    @property
    def now(self) -> datetime:
        return self.setting.seen.at

    @property
    def pods(self) -> tuple[Pod, ...]:
        return self.setting.seen.live_pods()

    @property
    def containers(self) -> tuple[Container, ...]:
        """Containers that keep running, as the template asks for them."""
        return self.workload.spec.template.spec.containers

    @property
    def serves(self) -> bool:
        """Whether a Service sends it traffic."""
        return any(service.spec.selector for service in self.setting.services)

    @property
    def raw_spec(self) -> dict[str, Any]:
        """spec.template.spec as stored."""
        spec = ((self.raw.get("spec") or {}).get("template") or {}).get("spec")
        return spec if isinstance(spec, dict) else {}

    def raw_container(self, name: str) -> dict[str, Any]:
        """A container of the template as stored."""
        return next((one for one in self.raw_spec.get("containers") or () if one.get("name") == name), {})

    def fact(self, where: str, text: str) -> Evidence:
        """A field of the workload."""
        return field_fact(self.workload, where, text, self.now)

    def call(self, tool: str, label: str, risk: Weight = "low", **args: Any) -> SuggestedAction:
        """A call of a write tool on this workload."""
        return SuggestedAction(label=label, tool=tool, args=self.setting.seen.call_args(**args), risk=risk)
