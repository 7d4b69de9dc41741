"""Entrypoints that cannot be started: wrong command, wrong architecture, not executable."""

from difflib import get_close_matches

from tools.cluster.models.pods import Terminated
from tools.contract import Evidence
from tools.diagnosis import strings
from tools.diagnosis.exit_codes import meaning
from tools.diagnosis.facts import ended_fact, event_fact, excerpt, log_fact, not_ready_since, subject_of, waiting_fact
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations
from tools.logs.models import LogLine

_START = {
    "exec-format": (
        "was built for another processor architecture, or is a script whose first line names no interpreter",
        "Build the image for the node's architecture, or correct the script's first line.",
    ),
    "not-found": ("does not exist in the image", "Correct command and args, or put the file into the image."),
    "not-executable": ("may not be executed", "Make the file executable in the image build (chmod +x)."),
    "bad-directory": ("cannot be started in its working directory", "Correct workingDir or the volume that hides it."),
}  # fmt: skip
_COMMON = (
    *(
        "bash",
        "bundle",
        "cat",
        "curl",
        "deno",
        "dotnet",
        "env",
        "go",
        "gunicorn",
        "java",
        "nginx",
        "node",
        "npm",
        "npx",
    ),
    *("php", "pip", "postgres", "python", "python3", "redis-server", "ruby", "sh", "sleep", "tail", "wget"),
)


def start_error(observations: Observations, view: ContainerView, line: LogLine | None) -> Finding | None:
    """Why the entrypoint could not be started, or None when it was."""
    ended = view.ended()
    code = ended.exit_code if ended else 0
    hit = _runtime_says(observations, view, ended)
    explanation = "" if hit else meaning(code)
    if hit is None and line and (code in {126, 127} or "exec format error" in line.text):
        hit = strings.match(strings.START, line.text)
    blocked = (ended is not None and ended.reason in {"StartError", "ContainerCannotRun"}) or code in {126, 127}
    if hit is None and not blocked:
        return None
    variant = hit[0].cause if hit else "not-executable" if code == 126 else "not-found"
    what, step = _START[variant]
    kind = "init container" if view.init else "container"
    return Finding(
        cause="container-start-error",
        title=f"the command of the {kind} {view.name}{_command(view)} {what}",
        explanation=explanation,
        subject=subject_of(view.pod),
        evidence=_evidence(observations, view, ended, line),
        confidence=0.95 if hit else 0.8,
        next_steps=(f"{step}{_typo(view) if variant == 'not-found' else ''}",),
        since=not_ready_since(view, observations),
        pods=(view.pod.name,),
        container=view.name,
        key=view.name,
    )


def _runtime_says(observations: Observations, view: ContainerView, ended: Terminated | None) -> strings.Hit | None:
    waiting = view.status.state.waiting
    events = observations.container_events(view, "Failed")
    told = [waiting.message if waiting else "", ended.message if ended else "", *(one.message for one in events)]
    return next((hit for text in told if (hit := strings.match(strings.START, text))), None)


def _evidence(
    observations: Observations, view: ContainerView, ended: Terminated | None, line: LogLine | None
) -> tuple[Evidence, ...]:
    facts = [ended_fact(view, observations.at) if ended else waiting_fact(view, observations.at)]
    facts += [log_fact(line, observations.namespace, observations.at)] if line else []
    events = observations.container_events(view, "Failed")
    return (*facts, *(event_fact(event, observations.at) for event in events[-1:] if not line))


def _command(view: ContainerView) -> str:
    command = " ".join([*view.spec.command, *view.spec.args])
    return f' ("{excerpt(command, 60)}")' if command else ""


def _typo(view: ContainerView) -> str:
    """A common program whose name is almost the command's."""
    name = (view.spec.command or view.spec.args or ("",))[0].rsplit("/", 1)[-1]
    near = get_close_matches(name, _COMMON, n=1, cutoff=0.7) if name not in _COMMON else []
    return f" Is {near[0]} meant?" if near else ""
