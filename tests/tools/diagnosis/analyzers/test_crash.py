import pytest

from tests.builders.kubernetes import running, terminated, waiting
from tests.builders.kubernetes_platform import make_event
from tests.builders.observations import FakeLogs, diagnose
from tests.builders.shop_faults import (
    POD,
    container,
    crashing,
    current_set,
    deployment,
    killed,
    pod_with,
    previous_set,
)
from tools.contract import Verdict
from tools.errors import Forbidden

PYTHON = """starting checkout 2.4.1
Traceback (most recent call last):
  File "/app/main.py", line 12, in <module>
    url = os.environ["DATABASE_URL"]
  File "<frozen os>", line 685, in __getitem__
KeyError: 'DATABASE_URL'
"""
JAVA = """2026-11-22 11:58:01 INFO starting
Exception in thread "main" java.lang.IllegalStateException: cannot start
\tat com.shop.Main.main(Main.java:10)
Caused by: java.io.FileNotFoundException: /etc/checkout/app.yaml (No such file or directory)
\tat java.io.FileInputStream.open0(Native Method)
"""
GO = """{"level":"info","msg":"boot"}
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47a]

goroutine 1 [running]:
main.main()
\t/src/main.go:9 +0x1d
"""
NODE = """> checkout@2.4.1 start
node:internal/modules/cjs/loader:1080
  throw err;
  ^
Error: Cannot find module 'express'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1077:15)
npm ERR! code 1
"""


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (PYTHON, "KeyError: 'DATABASE_URL'"),
        (JAVA, "Caused by: java.io.FileNotFoundException: /etc/checkout/app.yaml (No such file or directory)"),
        (GO, "panic: runtime error: invalid memory address or nil pointer dereference"),
        (NODE, "Error: Cannot find module 'express'"),
        ('info ok\nlevel=fatal msg="cannot parse config"\nexit status 1', 'level=fatal msg="cannot parse config"'),
    ],
)
async def test_picks_the_line_that_says_why_out_of_the_log_of_the_previous_run(log, line):
    found = await diagnose(deployment(), current_set(), crashing(), logs={"app:previous": log})

    assert found.root_cause.cause == "app-exit-error"
    assert found.verdict is Verdict.CONFIRMED
    assert line in [one.text for one in found.root_cause.evidence]
    assert line[:40] in found.summary
    assert "exit code 1" in found.summary


async def test_the_crash_loop_is_an_effect_of_the_exit():
    found = await diagnose(deployment(), current_set(), crashing(), logs={"app:previous": PYTHON})

    assert [one.cause for one in found.effects] == ["crash-loop"]
    assert found.effects[0].explained_by == ("app-exit-error",)


async def test_without_a_log_the_exit_code_is_only_likely_to_be_the_whole_story():
    logs = FakeLogs({}, error=Forbidden("no", missing="get pods/log in shop-staging"))

    found = await diagnose(deployment(), current_set(), crashing(3), logs=logs)

    assert found.root_cause.cause == "app-exit-error"
    assert found.verdict is Verdict.LIKELY
    assert "get pods/log in shop-staging" in found.not_read[0]


@pytest.mark.parametrize(
    ("message", "log", "words"),
    [
        (
            'exec: "/app/serverr": stat /app/serverr: no such file or directory: unknown',
            "",
            "does not exist in the image",
        ),
        ('exec: "serverr": executable file not found in $PATH: unknown', "", "does not exist in the image"),
        ('exec: "/app/run.sh": permission denied: unknown', "", "may not be executed"),
        ("", "exec /app/server: exec format error", "another processor architecture"),
    ],
)
async def test_an_entrypoint_that_cannot_be_started_is_told_with_its_reason(message, log, words):
    pod = crashing(128 if message else 1, "StartError" if message else "Error", message=message)

    found = await diagnose(deployment(), current_set(), pod, logs={"app:previous": log})

    assert found.root_cause.cause == "container-start-error"
    assert words in found.root_cause.title
    assert found.verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(("code", "log"), [(126, ""), (127, "sh: 1: serverr: not found")])
async def test_126_and_127_mean_that_the_command_could_not_be_run(code, log):
    found = await diagnose(deployment(), current_set(), crashing(code), logs={"app:previous": log})

    assert found.root_cause.cause == "container-start-error"


@pytest.mark.parametrize("code", [132, 134, 139])
async def test_a_fatal_signal_is_told_by_its_name(code):
    found = await diagnose(deployment(), current_set(), crashing(code))

    assert found.root_cause.cause == "app-exit-segv"
    assert "SIG" in found.root_cause.title


async def test_a_process_that_ends_without_an_error_should_be_a_job():
    found = await diagnose(deployment(), current_set(), crashing(0, "Completed"))

    assert found.root_cause.cause == "app-completed-but-restarted"


async def test_137_without_oom_is_never_called_out_of_memory():
    found = await diagnose(deployment(), current_set(), crashing(137, "Error"))

    assert found.root_cause.cause == "crash-loop"
    assert "not for memory" in found.root_cause.title
    assert found.verdict is Verdict.LIKELY


async def test_137_after_a_failed_liveness_probe_is_the_probe():
    found = await diagnose(deployment(), current_set(), crashing(137, "Error"), killed("liveness"))

    assert found.root_cause.cause == "probe-liveness-failed"
    assert "crash-loop" in [one.cause for one in found.effects]


async def test_an_init_container_that_fails_is_named_as_such():
    pod = pod_with(waiting("PodInitializing"))
    pod["spec"]["initContainers"] = [container() | {"name": "migrate"}]
    failing = pod["status"]["containerStatuses"][0] | {
        "name": "migrate",
        "state": waiting("CrashLoopBackOff", "back-off"),
        "lastState": terminated(1),
        "restartCount": 4,
    }
    pod["status"]["initContainerStatuses"] = [failing]

    found = await diagnose(deployment(), current_set(), pod, logs={"migrate:previous": "ERROR: migration 12 failed"})

    assert "init container migrate" in found.summary
    assert found.root_cause.cause == "app-exit-error"


async def test_restarts_of_long_ago_are_told_as_recovered():
    calm = pod_with(
        running(600), minutes_old=3000, lastState=terminated(1, minutes_ago=600), restartCount=3, ready=True
    )

    found = await diagnose(deployment(ready=1), current_set(minutes_old=3000), calm)

    assert found.health == "healthy"
    assert [one.cause for one in found.others] == ["recovered"]


async def test_a_container_that_dies_every_half_hour_is_not_healthy_because_it_is_ready_now():
    slow = pod_with(running(20), minutes_old=600, lastState=terminated(1, minutes_ago=20), restartCount=20, ready=True)

    found = await diagnose(
        deployment(ready=1), current_set(minutes_old=600), slow, logs={"app:previous": "panic: boom"}
    )

    assert found.health == "degraded"
    assert found.root_cause.cause == "app-exit-error"


async def test_a_changed_command_explains_a_crash_of_the_new_version_only():
    new, old = container(command=["/app/run", "--mode=fast"]), container(command=["/app/run"])

    found = await diagnose(
        deployment(),
        previous_set(old),
        current_set(new),
        crashing(2, box=new),
        logs={"app:previous": "flag provided but not defined: -mode"},
    )

    assert found.change.explains
    assert found.change.fields[0].path == "containers[app].command"


async def test_a_rollout_of_days_before_does_not_explain_a_crash_of_today():
    pod = pod_with(
        waiting("CrashLoopBackOff", "back-off"),
        minutes_old=4000,
        lastState=terminated(1, minutes_ago=3),
        restartCount=2,
    )

    found = await diagnose(
        deployment(), previous_set(), current_set(minutes_old=4000), pod, logs={"app:previous": "panic: boom"}
    )

    assert not found.change.explains
    assert "does not explain it" in found.change.summary
    assert found.actions == ()


async def test_a_container_that_its_node_lost_is_not_blamed_on_the_program():
    found = await diagnose(deployment(), current_set(), crashing(255, "Unknown"))

    assert found.root_cause.cause == "container-status-unknown"


async def test_a_failing_post_start_hook_explains_the_crash_loop():
    event = make_event("FailedPostStartHook", "PostStartHook failed", name=POD, field_path="spec.containers{app}")

    found = await diagnose(deployment(), current_set(), crashing(137), event)

    assert found.root_cause.cause == "poststart-hook"
    assert [one.cause for one in found.effects] == ["crash-loop"]


async def test_credentials_that_are_refused_suggest_a_restart():
    log = 'psycopg2.OperationalError: FATAL: password authentication failed for user "checkout"'

    found = await diagnose(deployment(), current_set(), crashing(), logs={"app:previous": log})

    assert "refuses its credentials" in found.root_cause.explanation
    assert [action.tool for action in found.actions] == ["restart_workload"]


async def test_a_full_disk_has_its_own_cause():
    found = await diagnose(
        deployment(), current_set(), crashing(), logs={"app:previous": "OSError: [Errno 28] No space left on device"}
    )

    assert found.root_cause.cause == "disk-full"
