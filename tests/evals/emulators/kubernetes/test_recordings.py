"""The emulator answers as the real server answered, for every recorded exchange."""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.catalogue import REPLICA_SETS
from evals.emulators.kubernetes.objects import name_of
from tests.builders.exchanges import differences, name_map, normal, send
from tests.builders.recorded_cluster import RecordedCluster, Recording, load_recordings

# Answers that cannot be met, and why. Their status is compared all the same.
UNMATCHED = {
    "030-events-new-api": "the first page begins with events that the simulated kubelet did not send",
    "067-watch-initial": "the recorded storage lagged behind its own list; a healthy server sends the objects",
    "069-watch-bookmarks": "the recorded storage lacks progress notifications, which etcd has",
}
# Differences in single places, by file, with the reason.
POD_STATUS = (
    r"\.status\.(hostIPs|observedGeneration|podIPs?|conditions)|\.containerStatuses\[0\]\.(containerID|imageID|restartCount)"
    r"|managedFields\[1\]|\.projected\.sources: 3 items, recorded 4"
)
ALLOWED = {
    POD_STATUS: (  # the recorded kubelet was simulated and wrote less than a real one; a fork's extra volume source
        ["010", "011", "013", "014", "016", "019", "020", "021", "022", "023", "057", "076"]
    ),
    r"columnDefinitions\[\d\]\.description|cells\[[3456]\]": [
        "020"
    ],  # texts of the API reference; restarts, ages, addresses
    r"^\.items: \d items, recorded 2": ["029"],  # the simulated kubelet sent no Pulled, Created and Started
    r"endpoints\[\d\]\.addresses|metadata\.generation": ["031"],  # addresses of pods; slices are written more often
    r"\.status\.(observedGeneration|conditions\[1\]\.(reason|message))": ["071"],  # a rollout in motion
    r"managedFields": ["084"],  # who labelled the node before the recording
}
DRY_RUNS = [item for item in load_recordings() if "dryRun" in json.dumps(item.request)]


@dataclass(frozen=True)
class Answer:
    """What the emulator said to one recorded request."""

    status: int
    headers: dict[str, str]
    body: Any
    changed: bool


async def replay() -> dict[str, tuple[Recording, Answer]]:
    began = datetime(2026, 11, 22, 22, 57, 37, tzinfo=UTC)
    moment = [began]
    answers: dict[str, tuple[Recording, Answer]] = {}
    async with KubernetesEmulator(clock=lambda: moment[0]) as emulator:
        emulator.paused = True
        recorded = RecordedCluster(emulator)
        recorded.build()
        _pass(emulator, moment, 14)
        names, page = name_map(emulator), ""
        for item in load_recordings():
            recorded.before(item.number)
            if item.number == 72:
                _pass(emulator, moment, 11)
                names |= _new_set(emulator, names)
            given = names | {
                "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NDcxLCJzdGFydCI6InB1bGwtODQ2Nzc4ZmNkLTQyaDU5XHUwMDAwIn0": page
            }
            given |= {'"291"': f'"{_version(emulator)}"'}
            before = emulator.cluster.store.version
            status, headers, body = await send(emulator, item, given)
            changed = emulator.cluster.store.version != before
            emulator.cluster.tick()
            if item.number == 10:
                page = body["metadata"]["continue"]
            answers[item.file] = item, Answer(status, headers, normal(body, names), changed)
    return answers


def _pass(emulator: KubernetesEmulator, moment: list[datetime], seconds: int) -> None:
    later = moment[0] + timedelta(seconds=seconds)
    emulator.cluster.play(later)
    moment[0] = later
    emulator.cluster.live()


def _new_set(emulator: KubernetesEmulator, names: dict[str, str]) -> dict[str, str]:
    sets = [name_of(item) for item in emulator.cluster.store.items(REPLICA_SETS, "rec")]
    new = next(name for name in sets if name.startswith("web-") and name != names["web-765d67db9"])
    return {"web-56b948697d": new, "56b948697d": new.removeprefix("web-")}


def _version(emulator: KubernetesEmulator) -> str:
    deployments = emulator.cluster.registry.of_plural("apps", "deployments")
    assert deployments is not None
    found = emulator.cluster.store.get(deployments, "rec", "web")
    assert found is not None
    return str(found["metadata"]["resourceVersion"])


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[Recording, Answer]]:
    return asyncio.run(replay())


def _unexplained(file: str, lines: list[str]) -> list[str]:
    patterns = [pattern for pattern, files in ALLOWED.items() if file[:3] in files]
    return [line for line in lines if not any(re.search(pattern, line) for pattern in patterns)]


@pytest.mark.parametrize("file", [item.file for item in load_recordings()])
def test_answers_with_the_recorded_status_and_headers(answers: dict[str, tuple[Recording, Answer]], file: str) -> None:
    recording, answer = answers[file]

    expected = recording.response["headers"]

    assert answer.status == recording.response["status"]
    assert answer.headers["Content-Type"].split(";")[0] == expected["Content-Type"].split(";")[0]
    assert answer.headers.get("Warning") == expected.get("Warning")
    assert answer.headers["Audit-Id"]


@pytest.mark.parametrize("file", [i.file for i in load_recordings() if i.file not in UNMATCHED and i.number != 68])
def test_answers_with_the_recorded_body(answers: dict[str, tuple[Recording, Answer]], file: str) -> None:
    recording, answer = answers[file]

    found = _unexplained(file, differences(answer.body, normal(recording.response["body"])))

    assert found == []


@pytest.mark.parametrize("file", [item.file for item in DRY_RUNS])
def test_a_dry_run_changes_nothing(answers: dict[str, tuple[Recording, Answer]], file: str) -> None:
    _, answer = answers[file]

    assert not answer.changed


def test_a_watch_from_the_beginning_replays_what_happened(answers: dict[str, tuple[Recording, Answer]]) -> None:
    recording, answer = answers["068-watch-from-expired"]

    ours = [json.loads(line) for line in answer.body.splitlines()]
    recorded = [json.loads(line) for line in normal(recording.response["body"]).splitlines()]

    assert [event["type"] for event in ours if event["type"] == "ADDED"] == ["ADDED"] * 5
    assert {event["object"]["metadata"]["name"] for event in ours} == {
        e["object"]["metadata"]["name"] for e in recorded
    }
    assert ours[0]["object"].keys() == recorded[0]["object"].keys()


def test_the_newer_event_api_shows_the_same_events_in_its_own_fields(
    answers: dict[str, tuple[Recording, Answer]],
) -> None:
    recording, answer = answers["030-events-new-api"]

    recorded = {item["reason"]: item.keys() for item in recording.response["body"]["items"]}
    ours = {item["reason"]: item.keys() for item in answer.body["items"]}

    assert answer.body["kind"] == "EventList"
    assert len(answer.body["items"]) == 3
    assert ours["Scheduled"] == recorded["Scheduled"]
    assert all(
        keys <= recorded["BackOff"] | {"reportingInstance"} for reason, keys in ours.items() if reason != "Scheduled"
    )


def test_an_event_that_was_recorded_is_among_ours(answers: dict[str, tuple[Recording, Answer]]) -> None:
    recording, answer = answers["029-events-core"]

    ours = {(item["reason"], item["type"], item["message"]) for item in answer.body["items"]}
    recorded = {(item["reason"], item["type"], item["message"]) for item in normal(recording.response["body"])["items"]}

    assert {reason for reason, _, _ in recorded} == {"Scheduled", "BackOff"}
    assert {item for item in recorded if item[0] == "BackOff"} <= ours
