import pytest

from tests.builders.platform_objects import make_policy
from tools.cluster.models.network import NetworkPolicy
from tools.diagnosis.policy_rules import End, blocking

CALLER = End("shop-staging", {"app": "checkout", "tier": "backend"}, {"team": "shop"}, ("10.0.0.1",))
CALLED = End("shop-staging", {"app": "payments"}, {"team": "shop"}, ("10.0.0.2",), (("http", 8080),))


def cut(*raw, caller=CALLER, called=CALLED, port=8080):
    policies = [NetworkPolicy.model_validate(one) for one in raw]
    found = blocking(policies, caller, called, port)
    return found[0] if found else None


def into(*rules, **more):
    return make_policy("callers", {"app": "payments"}, policyTypes=["Ingress"], ingress=list(rules), **more)


def out(*rules):
    return make_policy("calls", {"app": "checkout"}, policyTypes=["Egress"], egress=list(rules))


def test_without_a_policy_everything_passes():
    assert cut() is None


def test_a_policy_without_rules_denies_everything():
    assert cut(out()) == "Egress"
    assert cut(into()) == "Ingress"


def test_a_policy_over_other_pods_or_another_namespace_does_not_matter():
    other = make_policy("other", {"app": "cart"}, policyTypes=["Ingress"])
    foreign = into()
    foreign["metadata"]["namespace"] = "elsewhere"

    assert cut(other, foreign) is None


def test_policies_add_up():
    assert cut(into(), into({"from": [{"podSelector": {"matchLabels": {"tier": "backend"}}}]})) is None


@pytest.mark.parametrize(
    ("peer", "passes"),
    [
        ({"podSelector": {"matchLabels": {"tier": "backend"}}}, True),
        ({"podSelector": {"matchLabels": {"tier": "web"}}}, False),
        ({"podSelector": {}}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "shop"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "other"}}}, False),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"tier": "web"}}}, False),
        ({"ipBlock": {"cidr": "10.0.0.0/24"}}, True),
        ({"ipBlock": {"cidr": "10.0.0.0/24", "except": ["10.0.0.1/32"]}}, False),
        ({"ipBlock": {"cidr": "192.168.0.0/16"}}, False),
    ],
)
def test_peers_are_pods_namespaces_or_addresses(peer, passes):
    assert (cut(into({"from": [peer]})) is None) == passes


@pytest.mark.parametrize(
    ("row", "passes"),
    [
        ({"port": 8080}, True),
        ({"port": 80}, False),
        ({"port": "http"}, True),
        ({"port": "grpc"}, False),
        ({"port": 8000, "endPort": 9000}, True),
        ({"protocol": "UDP", "port": 8080}, False),
        ({"protocol": "TCP"}, True),
    ],
)
def test_ports_are_numbers_names_or_ranges_of_the_called_pod(row, passes):
    assert (cut(into({"ports": [row]})) is None) == passes


def test_a_pod_selector_alone_means_the_namespace_of_the_policy():
    stranger = End("elsewhere", {"tier": "backend"}, {})

    assert cut(into({"from": [{"podSelector": {"matchLabels": {"tier": "backend"}}}]}), caller=stranger) == "Ingress"


def test_what_cannot_be_judged_is_taken_to_pass():
    unknown = End("elsewhere", {"tier": "backend"})
    peer = {"namespaceSelector": {"matchLabels": {"team": "x"}}}

    assert cut(into({"from": [peer]}), caller=unknown) is None
    assert cut(into({"ports": [{"port": 80}]}), port=None) is None


def test_egress_rules_without_policy_types_isolate_both_ways_as_the_server_defaults_them():
    policy = make_policy("both", {"app": "checkout"}, egress=[{"to": [{"podSelector": {"matchLabels": {"app": "x"}}}]}])

    assert cut(policy) == "Egress"
