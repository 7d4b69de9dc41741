"""What every Kubernetes object has, and how raw JSON becomes a model."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class Raw(BaseModel):
    """Part of an API object: camelCase on the wire, unknown fields ignored, absent lists and maps empty.

    A real server omits empty fields and newer versions add some: parsing never fails on either.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


def _none_is_empty(value: Any) -> Any:
    return () if value is None else value


def _none_is_empty_map(value: Any) -> Any:
    return {} if value is None else value


Item = TypeVar("Item")
List = Annotated[tuple[Item, ...], BeforeValidator(_none_is_empty)]
StrMap = Annotated[dict[str, str], BeforeValidator(_none_is_empty_map)]
AnyMap = Annotated[dict[str, Any], BeforeValidator(_none_is_empty_map)]


class OwnerReference(Raw):
    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class ManagedFields(Raw):
    """Who owns fields. `spec_fields`: names directly under spec that this manager set ("template", "replicas")."""

    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: datetime | None = None
    spec_fields: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _only_names_under_spec(cls, raw: Any) -> Any:
        owned = ((raw.get("fieldsV1") or {}).get("f:spec") or {}).keys()
        return {**raw, "spec_fields": tuple(key.removeprefix("f:") for key in owned if key != ".")}


class Metadata(Raw):
    name: str = ""
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: StrMap = {}
    annotations: StrMap = {}
    owner_references: List[OwnerReference] = ()
    finalizers: List[str] = ()
    managed_fields: List[ManagedFields] = ()

    def controller(self) -> OwnerReference | None:
        """The owner that manages this object, if any."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class Condition(Raw):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None
    last_update_time: datetime | None = None


class ApiObject(Raw):
    """Any object; `kind` and `api_version` are filled in for list items, which carry none on the wire."""

    api_version: str = ""
    kind: str = ""
    metadata: Metadata = Metadata()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str | None:
        return self.metadata.namespace


class LabelSelectorRequirement(Raw):
    key: str = ""
    operator: str = ""
    values: List[str] = ()


class LabelSelector(Raw):
    match_labels: StrMap = {}
    match_expressions: List[LabelSelectorRequirement] = ()

    def is_empty(self) -> bool:
        """An empty selector selects everything (NetworkPolicy, PDB) or nothing (Service): the caller knows which."""
        return not self.match_labels and not self.match_expressions

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether an object with these labels is selected (In, NotIn, Exists, DoesNotExist)."""
        return all(labels.get(key) == value for key, value in self.match_labels.items()) and all(
            _requirement_holds(requirement, labels) for requirement in self.match_expressions
        )

    def as_query(self) -> str:
        """The selector as a labelSelector query parameter."""
        terms = [f"{key}={value}" for key, value in sorted(self.match_labels.items())]
        return ",".join(terms + [_requirement_query(requirement) for requirement in self.match_expressions])


def _requirement_holds(requirement: LabelSelectorRequirement, labels: dict[str, str]) -> bool:
    present = requirement.key in labels
    match requirement.operator:
        case "In":
            return present and labels[requirement.key] in requirement.values
        case "NotIn":
            return not present or labels[requirement.key] not in requirement.values
        case "Exists":
            return present
        case _:
            return not present


def _requirement_query(requirement: LabelSelectorRequirement) -> str:
    values = f"({','.join(requirement.values)})"
    forms = {
        "In": f"{requirement.key} in {values}",
        "NotIn": f"{requirement.key} notin {values}",
        "Exists": requirement.key,
        "DoesNotExist": f"!{requirement.key}",
    }
    return forms[requirement.operator]


T = TypeVar("T", bound=ApiObject)


class Resource(BaseModel, Generic[T], frozen=True):
    """Where objects of a kind live in the API, and the model they become."""

    group: str
    version: str
    plural: str
    kind: str
    model: type[T]
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None, name: str = "") -> str:
        """Request path of the collection, or of one object. `namespace` None lists all namespaces."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{name}" if name else "")

    def parse(self, raw: dict[str, Any]) -> T:
        """The model of one raw object; list items get the kind they lack."""
        return self.model.model_validate({"apiVersion": self.api_version, "kind": self.kind, **raw})
