"""Kubernetes objects and models keep their shape and lose their secrets."""

import json
from datetime import UTC, datetime
from typing import Annotated

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from assistant.redaction import redact_json, redact_model
from tools.contract import Change, Evidence, ObjectRef, Source

SECRET = {"kind": "Secret", "metadata": {"name": "db"}, "data": {"user": "c2hvcA=="}, "stringData": {"a": "plain"}}


def test_every_value_of_a_secret_is_hidden_and_its_keys_stay():
    cleaned = redact_json(SECRET)

    assert list(cleaned["data"]) == ["user"]
    assert cleaned["data"]["user"].startswith("[redacted len=8 ")
    assert cleaned["stringData"]["a"].startswith("[redacted len=5 ")


def test_items_of_a_secret_list_are_secrets_though_they_carry_no_kind():
    listed = {"kind": "SecretList", "items": [{"data": {"user": "c2hvcA=="}}]}

    assert redact_json(listed)["items"][0]["data"]["user"].startswith("[redacted")


def test_last_applied_configuration_is_looked_into():
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(SECRET)}

    cleaned = redact_json({"kind": "Secret", "metadata": {"annotations": annotations}})

    assert "c2hvcA==" not in json.dumps(cleaned)
    assert '\\"kind\\":\\"Secret\\"' in json.dumps(cleaned)


def test_an_env_literal_whose_name_is_secret_is_hidden_and_a_reference_is_not():
    env = [
        {"name": "DB_PASSWORD", "value": "hunter2"},
        {"name": "LOG_LEVEL", "value": "debug"},
        {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "shop", "key": "token"}}},
    ]

    cleaned = redact_json({"env": env})["env"]

    assert cleaned[0]["value"].startswith("[redacted")
    assert cleaned[1:] == env[1:]


def test_the_value_after_a_secret_option_is_hidden():
    assert redact_json(["run", "--password", "hunter2", "--verbose"])[2].startswith("[redacted")


def test_a_config_map_keeps_what_is_no_secret():
    config = {"kind": "ConfigMap", "data": {"app.yaml": "level: debug\npassword: hunter2\n", "region": "eu"}}

    cleaned = redact_json(config)["data"]

    assert cleaned["region"] == "eu"
    assert "hunter2" not in cleaned["app.yaml"]
    assert "level: debug" in cleaned["app.yaml"]


def test_a_diff_of_a_secret_variable_hides_both_sides():
    change = redact_model(Change(path="spec.containers[web].env[DB_PASSWORD].value", before="old1", after="new1"))

    assert change.before.startswith("[redacted")
    assert change.after.startswith("[redacted")
    assert change.before != change.after


def test_a_diff_of_where_a_secret_is_kept_stays_readable():
    change = Change(
        path="spec.containers[web].env[DB_PASSWORD].valueFrom.secretKeyRef.name", before="db-1", after="db-2"
    )

    assert redact_model(change) == change


def test_evidence_keeps_what_is_no_text_and_stays_within_its_length():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    text = ("password=ab " * 50)[:600]
    evidence = Evidence(source=Source.LOG, subject="Pod shop/web-1", where="log", text=text, at=at)

    cleaned = redact_model(evidence)

    assert (cleaned.source, cleaned.subject, cleaned.at) == (Source.LOG, "Pod shop/web-1", at)
    assert "password=ab" not in cleaned.text
    assert len(cleaned.text) <= 600
    assert Evidence.model_validate_json(cleaned.model_dump_json()) == cleaned


def test_a_model_without_secrets_is_the_same_object():
    ref = ObjectRef(cluster="main", namespace="shop", kind="Secret", name="db-password", uid="1-2")

    assert redact_model(ref) is ref


class Nested(BaseModel, frozen=True):
    rows: tuple[Change, ...]
    labels: dict[str, str]
    token_count: int = 3
    note: Annotated[str, Field(max_length=100)] = ""


def test_nested_models_lists_and_maps_are_cleaned():
    nested = Nested(rows=(Change(path="token", before="x1", after=None),), labels={"password": "hunter2", "app": "web"})

    cleaned = redact_model(nested)

    assert cleaned.rows[0].before.startswith("[redacted")
    assert cleaned.labels["password"].startswith("[redacted")
    assert cleaned.labels["app"] == "web"
    assert cleaned.token_count == 3


def test_data_nested_beyond_any_sense_is_cut_rather_than_trusted():
    deep: object = {"password": "hunter2"}
    for _ in range(200):
        deep = [deep]

    assert "hunter2" not in json.dumps(redact_json(deep))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["Secret", "password=x1", "kind"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["kind", "data", "password", "name", "value", "items", "env"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_redacted_once_and_for_all(value):
    once = redact_json(value)

    assert redact_json(once) == once
