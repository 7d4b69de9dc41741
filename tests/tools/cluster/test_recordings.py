"""What a real 1.36 server sends is understood: every object parses, every refusal becomes the right error."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tools.cluster.models import resources
from tools.cluster.models.meta import Resource
from tools.cluster.models.resources import DEPLOYMENTS, EVENTS, NODES, PODS, QUOTAS, REPLICA_SETS
from tools.cluster.pod_health import trouble_of
from tools.cluster.rollout import Phase, rollout_of
from tools.cluster.translate import Call, translate, warnings_of
from tools.errors import Forbidden, InvalidArgs, NotFound, PlanStale, ToolError

FOLDER = Path(__file__).parents[2] / "recordings" / "kubernetes"
KNOWN = {resource.kind: resource for resource in vars(resources).values() if isinstance(resource, Resource)}
CALL = Call("prod", "patch", "deployments", "rec", "web")


def recording(name: str) -> dict[str, Any]:
    (path,) = FOLDER.glob(f"[0-9][0-9][0-9]-{name}.json")
    read: dict[str, Any] = orjson.loads(path.read_bytes())
    return read["response"]


def items(name: str) -> list[dict[str, Any]]:
    body = recording(name)["body"]
    held: list[dict[str, Any]] = body.get("items", [body])
    return held


def error_of(name: str) -> ToolError:
    response = recording(name)
    body = response["body"]
    return translate(response["status"], body.encode() if isinstance(body, str) else orjson.dumps(body), CALL)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_object_of_a_known_kind_parses(path: Path) -> None:
    body = orjson.loads(path.read_bytes())["response"]["body"]
    held = body.get("items", [body]) if isinstance(body, dict) else []
    kind = str(body.get("kind", "")).removesuffix("List") if isinstance(body, dict) else ""

    for raw in held if kind in KNOWN else []:
        assert KNOWN[kind].parse(raw).name


def test_there_are_recordings() -> None:
    assert len(list(FOLDER.glob("*.json"))) > 80


def test_a_running_pod_is_ready_and_well() -> None:
    pod = PODS.parse(items("pod-running")[0])

    assert pod.is_ready()
    assert trouble_of(pod) is None
    assert pod.metadata.managed_fields


@pytest.mark.parametrize(
    ("name", "reason"), [("pod-crashloop", "CrashLoopBackOff"), ("pod-imagepull", "ImagePullBackOff")]
)
def test_a_failing_pod_says_why(name: str, reason: str) -> None:
    trouble = trouble_of(PODS.parse(items(name)[0]))

    assert trouble is not None
    assert trouble.reason == reason
    assert trouble.lasting


@pytest.mark.parametrize(
    ("name", "phase"),
    [
        ("deployment", Phase.COMPLETE),
        ("deployment-stuck", Phase.MOVING),
        ("rollout-just-after", Phase.MOVING),
        ("rollout-done", Phase.COMPLETE),
    ],
)
def test_rollouts_are_judged_as_they_were(name: str, phase: Phase) -> None:
    assert rollout_of(DEPLOYMENTS.parse(items(name)[0])).phase is phase


def test_replica_sets_carry_their_revision_and_owner() -> None:
    revisions = {item.revision() for raw in items("replicasets-after-restart") for item in [REPLICA_SETS.parse(raw)]}

    assert revisions == {1, 2}


def test_events_of_both_recorders_have_a_time_and_a_source() -> None:
    events = [EVENTS.parse(raw) for raw in items("events-core")]

    assert {event.component for event in events} >= {"default-scheduler", "kubelet"}
    assert all(event.last_seen and event.first_seen and event.count >= 1 for event in events)


def test_quantities_and_taints_are_read() -> None:
    quota = QUOTAS.parse(items("resourcequota")[0])
    node = NODES.parse(items("node")[0])

    assert quota.status.used.keys() == quota.status.hard.keys()
    assert node.condition("Ready") is not None


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("unauthenticated", Forbidden, "credentials"),
        ("forbidden-list", Forbidden, "list pods in rec"),
        ("forbidden-secrets", Forbidden, "secrets"),
        ("impersonate-forbidden-user", Forbidden, 'impersonate resource "users"'),
        ("impersonate-forbidden-group", Forbidden, 'impersonate resource "groups"'),
        ("impersonated-forbidden", Forbidden, "delete deployments in rec"),
        ("quota-exceeded", Forbidden, "exceeded quota: q"),
        ("limitrange-exceeded", Forbidden, "maximum memory usage"),
        ("pod-security-violation", Forbidden, "violates PodSecurity"),
        ("create-in-terminating-namespace", Forbidden, "being terminated"),
        ("pod-not-found", NotFound, "not found"),
        ("kind-not-found", NotFound, "does not know"),
        ("patch-stale-resource-version", PlanStale, "has been modified"),
        ("apply-conflict", PlanStale, 'conflict with "kubectl-client-side-apply"'),
        ("delete-precondition-uid", PlanStale, "deleted and then recreated"),
        ("create-exists", InvalidArgs, "already exists"),
        ("strict-unknown-field", InvalidArgs, "spec.replicaz"),
        ("create-invalid", InvalidArgs, "invalid"),
        ("update-immutable", InvalidArgs, "immutable"),
        ("patch-json-test-failed", InvalidArgs, "rejected our request"),
        ("patch-unsupported-type", InvalidArgs, "Unsupported Media Type"),
        ("list-bad-selector", InvalidArgs, "identifier"),
        ("list-bad-field-selector", InvalidArgs, "spec.foo"),
        ("list-bad-continue", InvalidArgs, "continue token"),
        ("custom-resource-strategic-refused", InvalidArgs, ""),
    ],
)
def test_refusals_become_errors_that_keep_the_reason(name: str, error: type[ToolError], words: str) -> None:
    translated = error_of(name)

    assert type(translated) is error
    assert words in translated.message


def test_warnings_of_the_server_are_read() -> None:
    (text,) = warnings_of([recording("pod-security-warning-on-deployment")["headers"]["Warning"]])

    assert text.startswith('would violate PodSecurity "restricted:latest"')
