import pytest

from assistant.agent.calls import ValidCall
from assistant.agent.inventions import invented_name, only_asks
from assistant.agent.models.port import ToolCall
from tools.diagnosis.diagnose_workload import DiagnoseWorkloadArgs


def call(workload: str) -> ValidCall:
    args = DiagnoseWorkloadArgs(workload=workload, environment="staging")
    return ValidCall(ToolCall("c1", "diagnose_workload", "{}"), args, None)


@pytest.mark.parametrize(
    ("workload", "heard"),
    [
        ("checkout", "why is checkout failing?"),
        ("Deployment/checkout", "is checkout ok?"),
        ("component:default/checkout", "who runs checkout"),
        ("checkout-service", "why does the checkout service fail"),
        ("checkout", "why is chekout failing?"),
        ("payments", "why is payment failing"),
        ("orders-db", '{"subject": "Deployment shop-staging/orders-db"}'),
    ],
)
def test_what_a_person_or_a_tool_said_is_no_invention(workload, heard):
    assert invented_name(call(workload), heard) is None


@pytest.mark.parametrize("workload", ["checkout", "example-service", "my-app"])
def test_a_service_that_nobody_named_is_one(workload):
    assert invented_name(call(workload), "what is failing in staging?") == workload


@pytest.mark.parametrize(
    "text",
    ["who owns cart?", "Why is checkout failing in staging?", "hey, what changed?", "is cart healthy in production?"],
)
def test_a_question_for_information_asks_for_no_change(text):
    assert only_asks(text)


@pytest.mark.parametrize(
    "text",
    ["restart checkout", "can you restart checkout?", "please scale cart to 3", "checkout neu starten?", "why not", ""],
)
def test_what_may_be_a_request_is_left_to_the_person_to_confirm(text):
    assert not only_asks(text)
