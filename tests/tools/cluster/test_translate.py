"""Answers that are no success become errors that say what to do."""

import orjson
import pytest

from tools.cluster.translate import Call, Expired, retry_after_seconds, translate, warnings_of
from tools.errors import Forbidden, InvalidArgs, NotFound, PlanStale, Unavailable

LIST_PODS = Call("prod", "list", "pods", "shop")
PATCH = Call("prod", "patch", "deployments", "shop", "checkout")


def status(message: str, reason: str = "", **details) -> bytes:
    return orjson.dumps({"kind": "Status", "message": message, "reason": reason, "details": details})


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        (
            'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "shop"',
            "list pods in shop",
        ),
        (
            'pods "x" is forbidden: User "al" cannot get resource "pods/log" in API group "" in the namespace "shop"',
            "get pods/log in shop",
        ),
        (
            'nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope',
            "list nodes in the whole cluster",
        ),
        (
            'users "b" is forbidden: User "c" cannot impersonate resource "users" in API group "" at the cluster scope',
            "impersonate users in the whole cluster",
        ),
    ],
)
def test_a_refusal_names_the_missing_right(message: str, missing: str) -> None:
    error = translate(403, status(message, "Forbidden"), LIST_PODS)

    assert isinstance(error, Forbidden)
    assert error.missing == missing
    assert "prod" in error.message


@pytest.mark.parametrize(
    "message",
    [
        'pods "p1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5',
        'admission webhook "v.example.com" denied the request: no owner label',
    ],
)
def test_a_refusal_of_admission_keeps_the_words_of_the_server(message: str) -> None:
    error = translate(403, status(message, "Forbidden"), PATCH)

    assert isinstance(error, Forbidden)
    assert message in error.message
    assert error.missing == ""


def test_an_unknown_kind_is_told_from_an_unknown_name() -> None:
    unknown_name = translate(404, status('deployments.apps "checkout" not found', "NotFound"), PATCH)
    unknown_kind = translate(404, b"404 page not found\n", PATCH)

    assert isinstance(unknown_name, NotFound)
    assert 'no deployments "checkout" in shop' in unknown_name.message
    assert "does not know deployments (404 page not found)" in unknown_kind.message


def test_a_conflict_names_the_other_manager_and_its_field() -> None:
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl"', "field": ".spec.replicas"}

    error = translate(409, status("Apply failed", "Conflict", causes=[cause]), PATCH)

    assert isinstance(error, PlanStale)
    assert 'conflict with "kubectl": .spec.replicas' in error.message


def test_a_stale_version_is_a_stale_plan() -> None:
    error = translate(409, status("the object has been modified", "Conflict"), PATCH)

    assert isinstance(error, PlanStale)
    assert "the object has been modified" in error.message


def test_what_exists_already_is_no_stale_plan() -> None:
    assert isinstance(translate(409, status("exists", "AlreadyExists"), PATCH), InvalidArgs)


def test_invalid_values_come_with_their_fields() -> None:
    cause = {"reason": "FieldValueInvalid", "message": "must be >= 0", "field": "spec.replicas"}

    error = translate(422, status("Deployment is invalid", "Invalid", causes=[cause]), PATCH)

    assert isinstance(error, InvalidArgs)
    assert "(spec.replicas: must be >= 0)" in error.message


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_unavailable(code: int) -> None:
    error = translate(code, b"<html>", LIST_PODS)

    assert isinstance(error, Unavailable)
    assert error.system == "cluster"
    assert f"HTTP {code}" in error.message


def test_an_expired_list_can_be_told_from_other_failures() -> None:
    assert isinstance(translate(410, status("too old", "Expired"), LIST_PODS), Expired)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{}", b"\xff\xfe", b'{"details": null}'])
@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 422, 500])
def test_any_body_is_understood(code: int, body: bytes) -> None:
    assert translate(code, body, LIST_PODS).message


def test_reads_several_warnings_from_headers() -> None:
    headers = ['299 - "unknown field \\"a\\"", 299 - "deprecated"', '299 - "third"']

    assert warnings_of(headers) == ('unknown field "a"', "deprecated", "third")


def test_a_date_as_retry_after_is_ignored() -> None:
    assert retry_after_seconds({"Retry-After": "3"}) == 3
    assert retry_after_seconds({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}) is None
    assert retry_after_seconds({}) is None
