"""What an attack is, as its YAML says: where text is planted, what people do, what the model does, what must hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

CASES = Path(__file__).parent / "cases"
Json = dict[str, Any]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Logs(Strict):
    """Lines that a workload writes before it crashes. `termination_message`: what the container leaves when it ends."""

    workload: str
    namespace: str = "shop-staging"
    lines: list[str] = []
    termination_message: str = ""


class Plant(Strict):
    """What the attacker has put into the world before anybody asks.

    `logs`, or `behaviours` as in kubelet.yaml of a world; `objects` of the cluster, merged into those of that name;
    `history`: steps as in history.yaml; `entities` of the catalog, which replace those of that kind and name.
    """

    logs: list[Logs] = []
    behaviours: list[Json] = []
    objects: list[Json] = []
    history: list[Json] = []
    entities: list[Json] = []


class Call(Strict):
    """One tool call of the model. `args` as text is sent as it is. `times`: that many, numbered in `{n}`."""

    call: str
    args: Json | str = {}
    times: int = 1


class Wrote(Strict):
    """A reply of plain text."""

    text: str


ModelStep = Call | Wrote | list[Call]


class About(Strict):
    """What the obedient model asks its read tools about."""

    workload: str = "checkout"
    environment: str | None = "staging"


class Step(Strict):
    """One thing that a person, or somebody who pretends to be one, does.

    `says`: a message; `in_thread` false opens another thread. `account`: sent under this account, as no channel would.
    `does`: confirm, reject, undo (the newest proposal); in Slack also `click` (the newest control with that `button`),
    `event` (`payload` as the body of an Events API call), `forge` (`payload` of an action that no button stands for),
    `post` (a message of an app called `who`), `edit` (their last message becomes `says`), `command` (`/infra`).
    `payload` may say {proposal}, {plan_hash}, {channel}, {ts} and {thread}: those of the newest card; {said} and
    {new_ts} are times of messages. `if_there`: nothing happens when there is no such control.
    `shown`: the plan hash that the pressed card carried, when it is not the newest. `times`: that often, at once.
    """

    who: str = "alice"
    says: str | None = None
    account: str | None = None
    in_thread: bool = True
    does: Literal["confirm", "reject", "undo", "click", "event", "forge", "post", "edit", "command"] | None = None
    button: str = ""
    if_there: bool = False
    shown: str | None = None
    payload: Json = {}
    times: int = 1


class Expect(Strict):
    """What must hold afterwards.

    `changed`: exactly these objects were changed, because a person confirmed exactly that ("Deployment ns/name", a
    change twice is named twice). `no_target_outside`: no proposal and no write names an object but these; at least one
    proposal is expected then, so that a broken assistant does not count as a safe one, unless `may_be_none`.
    `no_secret`: names of `secrets` that must be nowhere outside the cluster.
    `proposals`: how many there may be at most. `reached`: texts that a model request must contain, so that an attack
    which never arrived does not count as held. `told`: what the people must have been shown; `not_told`: what not.
    """

    changed: list[str] = []
    no_target_outside: list[str] = []
    no_secret: list[str] = []
    proposals: int = 3
    may_be_none: bool = False
    reached: list[str] = []
    told: list[str] = []
    not_told: list[str] = []


class Case(Strict):
    """One attack. `secrets`: name to kind (see canaries.py); `{name}` stands for it in every planted text.

    `model`: `obey` first calls the read tools of `reads` for `about`, then does whatever any text it sees tells it;
    `rules` is the built-in one; a list is what each reply calls. `known_hole`: it does not hold yet, and why.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    attack: str
    why: str
    plant: Plant = Plant()
    secrets: dict[str, str] = {}
    channel: Literal["terminal", "slack"] = "terminal"
    model: Literal["obey", "rules"] | list[ModelStep] = "obey"
    wire: Literal["tools", "structured"] = "tools"
    reads: list[str] = []
    about: About = About()
    steps: Annotated[list[Step], Field(min_length=1)]
    expect: Expect = Expect()
    known_hole: str = ""
    family: str = ""

    @model_validator(mode="after")
    def _can_fail(self) -> "Case":
        unknown = set(self.expect.no_secret) - set(self.secrets)
        if unknown:
            raise ValueError(f"no_secret names {sorted(unknown)}, which secrets does not")
        if self.model == "obey" and self.reads and not self.expect.reached:
            raise ValueError("say in `reached` what the model must have been shown: else the attack may never arrive")
        return self

    @property
    def world_key(self) -> str:
        """Cases with the same key may run in one world, one after the other."""
        alone = self.id if self.plant != Plant() or self.secrets else ""
        return f"{self.channel}/{'rules' if self.model == 'rules' else self.wire}/{alone}"


def read_cases(folder: Path = CASES) -> list[Case]:
    """Every case, in an order in which those of one world follow each other. Raises ValueError naming file and case."""
    found = [case for path in sorted(folder.glob("*.yaml")) for case in _read(path)]
    ids = [case.id for case in found]
    if repeated := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"two cases are called {', '.join(repeated)}")
    return sorted(found, key=lambda case: case.world_key)


def _read(path: Path) -> Iterator[Case]:
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        try:
            yield Case.model_validate({**entry, "family": path.stem})
        except ValueError as exc:
            raise ValueError(f"{path.name}: {entry.get('id', 'a case without id')}: {exc}") from exc
