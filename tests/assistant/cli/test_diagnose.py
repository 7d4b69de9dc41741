"""`infra-assistant diagnose`, as a person or a pipeline runs it: no model, no Slack, no database."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from assistant.cli.app import app
from assistant.cli.diagnose import How, What, diagnose
from assistant.cli.diagnosis_report import schema
from assistant.cli.kubeconfig import context_namespace
from assistant.settings import ClusterSettings, Settings
from tests.builders.assistant_bot import embedded_cluster

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "diagnosis.schema.json"


@pytest.fixture
async def shop(tmp_path):
    async with embedded_cluster(tmp_path) as (cluster, settings):
        Path(settings.cluster.kubeconfig).write_text(cluster.kubeconfig_yaml("admin"))
        yield cluster, settings


async def report(what: What, settings: Settings, capsys) -> dict:
    code = await diagnose(what, How(as_json=True), settings=settings)
    printed = json.loads(capsys.readouterr().out)
    assert printed["exit_code"] == code
    return printed


async def test_a_failing_workload_ends_with_one_and_names_the_cause(shop, capsys):
    told = await report(What(workload="Deployment/checkout", place="shop-staging"), shop[1], capsys)

    assert (told["status"], told["exit_code"], told["verdict"]) == ("findings", 1, "confirmed")
    assert told["details"]["root_cause"]["cause"] == "app-exit-error"
    assert told["actions"][0]["tool"] == "rollback_workload"
    assert {number for claim in told["claims"] for number in claim["evidence"]} == {
        item["id"] for item in told["evidence"]
    }


async def test_a_healthy_workload_ends_with_zero(shop, capsys):
    told = await report(What(workload="products", place="staging"), shop[1], capsys)

    assert (told["status"], told["exit_code"]) == ("healthy", 0)
    assert told["claims"]


@pytest.mark.parametrize(
    ("what", "type_"),
    [
        (What(workload="chekout", place="shop-staging"), "NotFound"),
        (What(workload="products"), "Ambiguous"),
        (What(everything=True, place="stagging"), "NotFound"),
        (What(service="nonesuch"), "NotFound"),
        (What(workload="x" * 300, place="staging"), "InvalidArgs"),
    ],
)
async def test_what_cannot_be_told_ends_with_two_and_says_why(shop, capsys, what, type_):
    told = await report(what, shop[1], capsys)

    assert (told["status"], told["exit_code"], told["error"]["type"]) == ("unknown", 2, type_)
    assert told["details"] is None
    assert told["summary"]


async def test_everything_needs_a_namespace(shop, capsys):
    config = Path(shop[1].cluster.kubeconfig)
    config.write_text(config.read_text().replace("namespace: default", ""))

    told = await report(What(everything=True), shop[1], capsys)

    assert (told["exit_code"], told["error"]["type"]) == (2, "InvalidArgs")


async def test_a_service_is_told_for_every_environment(shop, capsys):
    told = await report(What(service="checkout"), shop[1], capsys)

    assert (told["scope"], told["exit_code"]) == ("service", 1)
    assert told["summary"].startswith("checkout fails in part in shop-staging and is healthy in shop-production.")


async def test_a_service_of_one_environment_is_healthy_by_itself(shop, capsys):
    told = await report(What(service="checkout", place="production"), shop[1], capsys)

    assert (told["status"], told["exit_code"]) == ("healthy", 0)


async def test_an_environment_is_told_by_cause(shop, capsys):
    told = await report(What(everything=True, place="staging"), shop[1], capsys)

    assert (told["scope"], told["exit_code"]) == ("environment", 1)
    assert len(told["claims"]) == 8


@pytest.mark.parametrize(
    "what",
    [
        What(workload="checkout", place="staging"),
        What(workload="products", place="staging"),
        What(workload="nonesuch", place="staging"),
        What(service="checkout"),
        What(everything=True, place="staging"),
        What(everything=True, place="production"),
    ],
)
async def test_every_report_fits_the_published_schema(shop, capsys, what):
    told = await report(what, shop[1], capsys)

    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(told)


def test_the_published_schema_is_current():
    assert json.loads(SCHEMA.read_text("utf-8")) == schema(), (
        "write it anew: infra-assistant diagnose --schema > docs/schemas/diagnosis.schema.json"
    )


async def test_people_read_the_cause_the_evidence_and_what_was_checked(shop, capsys):
    code = await diagnose(What(workload="payments", place="staging"), How(), settings=shop[1])

    shown = " ".join(capsys.readouterr().out.split())
    assert code == 1
    assert shown.startswith("✘ findings ✔ confirmed")
    assert "payments:1.9.0-rc4 does not exist" in shown
    assert "Checked and fine:" in shown
    assert "Can be proposed with `ask` or `chat`: Roll back payments" in shown


async def test_nothing_is_changed_and_no_database_is_made(shop, capsys, tmp_path):
    await report(What(everything=True, place="staging"), shop[1], capsys)

    assert shop[0].mutations() == []
    assert not (tmp_path / "assistant.sqlite").exists()


async def test_a_cluster_that_is_down_could_not_be_told(shop, capsys, tmp_path):
    gone = tmp_path / "gone"
    gone.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}]\n"
        "users: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
    )
    settings = shop[1].model_copy(update={"cluster": ClusterSettings(name="gone", kubeconfig=gone)})

    told = await report(What(workload="checkout", place="staging"), settings, capsys)

    assert (told["exit_code"], told["error"]["type"]) == (2, "Unavailable")


async def test_a_context_that_does_not_exist_could_not_be_told(shop, capsys):
    code = await diagnose(What(workload="checkout"), How(as_json=True, context="nowhere"), settings=shop[1])

    assert code == 2
    assert "nowhere" in json.loads(capsys.readouterr().out)["summary"]


def test_the_namespace_of_the_context_counts(tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "current-context: a\ncontexts: [{name: a, context: {namespace: shop}}, {name: b, context: {cluster: c}}]\n"
    )

    assert context_namespace(ClusterSettings(kubeconfig=config)) == "shop"
    assert context_namespace(ClusterSettings(kubeconfig=config, context="b")) is None
    assert context_namespace(ClusterSettings(kubeconfig=tmp_path / "none")) is None


@pytest.mark.parametrize("content", ["", "[]", "contexts: 3", "contexts: [x]", "a: [", "contexts: [{name: a}]"])
def test_a_strange_kubeconfig_names_no_namespace(tmp_path, content):
    config = tmp_path / "config"
    config.write_text(content)

    assert context_namespace(ClusterSettings(kubeconfig=config)) is None


@pytest.mark.parametrize(
    "args", [["diagnose"], ["diagnose", "web", "--all"], ["diagnose", "web", "-n", "a", "-e", "b"]]
)
def test_a_command_that_asks_for_nothing_or_two_things_is_refused_with_two(args):
    assert CliRunner().invoke(app, args).exit_code == 2


def test_the_schema_is_printed_by_the_command():
    done = CliRunner().invoke(app, ["diagnose", "--schema"])

    assert done.exit_code == 0
