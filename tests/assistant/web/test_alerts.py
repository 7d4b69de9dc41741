import json

import pytest
from starlette.testclient import TestClient

from assistant.web.alerts import MAX_BYTES, AlertIntake
from assistant.web.app import build_web

AUTH = {"Authorization": "Bearer sesame"}


def webhook(*alerts, version="4"):
    """The body as Alertmanager 0.27 sends it."""
    return {
        "version": version,
        "groupKey": '{}:{alertname="X"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "infra-assistant",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager",
        "alerts": list(alerts),
    }


def entry(**given):
    fields = {
        "status": "firing",
        "labels": {"alertname": "KubePodCrashLooping", "namespace": "shop", "deployment": "cart"},
        "annotations": {"summary": "cart restarts"},
        "startsAt": "2026-11-22T12:00:00.000Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "c0ffee",
    }
    return {**fields, **given}


@pytest.fixture
def taken():
    return []


@pytest.fixture
def client(taken):
    async def take(alerts):
        taken.extend(alerts)

    return TestClient(build_web({}, alerts=AlertIntake("sesame", take)))


def test_a_webhook_is_taken_alert_by_alert(client, taken):
    answer = client.post("/alerts", json=webhook(entry(), entry(status="resolved", fingerprint="b")), headers=AUTH)

    assert answer.status_code == 202
    assert [(one.status, one.subject, one.title) for one in taken] == [
        ("firing", "shop/cart", "KubePodCrashLooping: cart restarts"),
        ("resolved", "shop/cart", "KubePodCrashLooping: cart restarts"),
    ]
    assert taken[0].question == "why is cart failing in shop?"


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer other", "Basic sesame", "sesame"])
def test_who_has_no_token_is_refused(client, taken, header):
    answer = client.post("/alerts", json=webhook(entry()), headers={"Authorization": header})

    assert answer.status_code == 401
    assert taken == []


@pytest.mark.parametrize(
    "body", ["", "{", "[]", json.dumps(webhook(entry(), version="3")), json.dumps(webhook(entry(status="?")))]
)
def test_another_body_is_refused_with_its_faults(client, taken, body):
    answer = client.post("/alerts", content=body, headers=AUTH)

    assert answer.status_code == 422
    assert answer.json()["faults"]
    assert taken == []


def test_a_huge_body_is_refused(client, taken):
    answer = client.post("/alerts", content=b"x" * (MAX_BYTES + 1), headers=AUTH)

    assert answer.status_code == 413


def test_without_alerts_there_is_no_such_address():
    assert TestClient(build_web({})).post("/alerts").status_code == 404
