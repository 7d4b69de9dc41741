"""auth.test, apps.connections.open, team.info, bots.info, blocks.validate: about the app itself."""

from evals.emulators.slack.blockkit.check import check_blocks, check_view
from evals.emulators.slack.errors import SlackError, refused
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.model import Json


def auth_test(call: Call) -> Json:
    workspace = call.workspace
    return {
        "url": f"https://{workspace.team_name}.slack.com/",
        "team": workspace.team_name,
        "user": call.app.name,
        "team_id": workspace.team_id,
        "user_id": call.app.bot_user,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    return {"url": call.new_socket_url()}


def team_info(call: Call) -> Json:
    workspace = call.workspace
    team = {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.team_name, "email_domain": ""}
    return {"team": {**team, "icon": {}, "url": f"https://{workspace.team_name}.slack.com/"}}


def bot_info(call: Call) -> Json:
    if call.text("bot") not in {None, call.app.bot_id}:
        raise SlackError("bot_not_found")
    bot = {"id": call.app.bot_id, "deleted": False, "name": call.app.name, "app_id": call.app.id}
    return {"bot": {**bot, "user_id": call.app.bot_user, "icons": {}, "updated": 0}}


def validate_blocks(call: Call) -> Json:
    """Exactly one of blocks, message, view; problems come with pointer, code and message."""
    given = [name for name in ("blocks", "message", "view") if call.text(name) is not None]
    if len(given) != 1:
        raise refused("invalid_arguments", ["[ERROR] provide exactly one of blocks, message, view"])
    kind, value = given[0], call.json(given[0])
    if kind == "view":
        problems = check_view(value, "")
    elif kind == "message":
        problems = check_blocks(value.get("blocks", []) if isinstance(value, dict) else value)
    else:
        problems = check_blocks(value, "")
    if problems:
        errors = [{"pointer": p.pointer, "code": "failed_constraint", "message": p.message} for p in problems]
        messages = {"messages": [str(problem) for problem in problems]}
        raise SlackError(f"invalid_{kind}", errors=errors, response_metadata=messages)
    return {}
