"""agents.sessions.* and the older assistant.threads.*: what a thread shows while the app works."""

from typing import get_args

from evals.emulators.slack.errors import SlackError, refused
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.model import Json, Session, SessionStatus

MAX_TITLE = 200
MAX_PROMPTS = 4
MAX_LOADING = 10


def set_status(call: Call) -> Json:
    """Creates the session when the thread has none. Answers a warning when Stop clicks would go unheard."""
    if not call.app.is_agent:
        raise SlackError("access_denied")
    channel = call.joined_channel("channel_id")
    thread_ts = call.required("thread_ts")
    is_new = (channel.id, thread_ts) not in call.workspace.sessions
    session = set_session_status(call, channel.id, thread_ts, call.required("status"))
    if is_new:
        session.title, session.initiator = _title(call.text("title")), call.text("initiator_user_id")
    call.workspace.changes.notify()
    answer: Json = {"status": session.status, "agent_status": session.status, "title": session.title}
    if not call.app.wants("agent_session_stopped"):
        answer["warning"] = "missing_agent_session_stopped_event_subscription"
    return answer


def set_session_status(call: Call, channel: str, thread_ts: str | None, status: str) -> Session:
    """Set one of the four states; anything else is refused."""
    allowed = get_args(SessionStatus)
    if status not in allowed:
        raise refused("invalid_arguments", [f"[ERROR] must be a valid enum value: {', '.join(allowed)} (status)"])
    session = call.workspace.session(channel, thread_ts)
    session.status = status  # type: ignore[assignment]  # just checked
    return session


def rename(call: Call) -> Json:
    channel = call.joined_channel("channel_id")
    session = call.workspace.sessions.get((channel.id, call.text("thread_ts")))
    if session is None:
        raise SlackError("session_not_found")
    session.title = _title(call.required("title"))
    call.workspace.changes.notify()
    return {"title": session.title}


def set_thinking(call: Call) -> Json:
    """assistant.threads.setStatus: free text, shown until the app posts in the thread or sets it empty."""
    channel = call.joined_channel("channel_id")
    loading = call.json("loading_messages") or []
    if len(loading) > MAX_LOADING:
        raise refused("invalid_arguments", [f"[ERROR] no more than {MAX_LOADING} items allowed (loading_messages)"])
    session = call.workspace.session(channel.id, call.required("thread_ts"))
    session.thinking, session.loading_messages = call.text("status") or "", list(loading)
    call.workspace.changes.notify()
    return {}


def set_prompts(call: Call) -> Json:
    channel = call.joined_channel("channel_id")
    prompts = call.json("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= MAX_PROMPTS:
        raise refused("invalid_arguments", [f"[ERROR] 1 to {MAX_PROMPTS} prompts allowed (prompts)"])
    if any(not prompt.get("title") or not prompt.get("message") for prompt in prompts):
        raise refused("invalid_arguments", ["[ERROR] missing required field: title, message (prompts)"])
    session = call.workspace.session(channel.id, call.text("thread_ts"))
    session.prompts, session.prompts_title = prompts, call.text("title")
    call.workspace.changes.notify()
    return {}


def set_title(call: Call) -> Json:
    channel = call.joined_channel("channel_id")
    call.workspace.session(channel.id, call.required("thread_ts")).title = _title(call.required("title"))
    call.workspace.changes.notify()
    return {}


def _title(title: str | None) -> str | None:
    if title is not None and len(title) > MAX_TITLE:
        raise refused("invalid_arguments", [f"[ERROR] must be less than {MAX_TITLE + 1} characters (title)"])
    return title
