"""How traffic reaches pods: Service, EndpointSlice, Ingress, NetworkPolicy."""

from typing import Annotated

from pydantic import Field

from tools.cluster.models.meta import AnyMap, ApiObject, LabelSelector, List, Raw, StrMap
from tools.cluster.models.pods import IntOrStr


class ServicePort(Raw):
    name: str = ""
    port: int = 0
    target_port: IntOrStr | None = None
    protocol: str = "TCP"


class ServiceSpec(Raw):
    type: str = "ClusterIP"
    selector: StrMap = {}
    ports: List[ServicePort] = ()
    cluster_ip: Annotated[str, Field(alias="clusterIP")] = ""
    external_name: str = ""
    publish_not_ready_addresses: bool = False


class Service(ApiObject):
    spec: ServiceSpec = ServiceSpec()
    status: AnyMap = {}


class EndpointConditions(Raw):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class TargetRef(Raw):
    kind: str = ""
    name: str = ""


class Endpoint(Raw):
    addresses: List[str] = ()
    conditions: EndpointConditions = EndpointConditions()
    target_ref: TargetRef | None = None

    def is_ready(self) -> bool:
        """An unset ready condition means ready (discovery.k8s.io/v1)."""
        return self.conditions.ready is not False


class EndpointPort(Raw):
    name: str = ""
    port: int | None = None
    protocol: str = "TCP"


class EndpointSlice(ApiObject):
    """The label kubernetes.io/service-name names the Service."""

    address_type: str = ""
    endpoints: List[Endpoint] = ()
    ports: List[EndpointPort] = ()


class IngressSpec(Raw):
    ingress_class_name: str | None = None
    default_backend: AnyMap | None = None
    rules: List[AnyMap] = ()
    tls: List[AnyMap] = ()


class Ingress(ApiObject):
    spec: IngressSpec = IngressSpec()
    status: AnyMap = {}


class NetworkPolicySpec(Raw):
    pod_selector: LabelSelector = LabelSelector()
    policy_types: List[str] = ()
    ingress: List[AnyMap] = ()
    egress: List[AnyMap] = ()


class NetworkPolicy(ApiObject):
    spec: NetworkPolicySpec = NetworkPolicySpec()
