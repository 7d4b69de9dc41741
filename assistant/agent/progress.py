"""What a step is called while it runs, in words a person reads."""

from typing import Any

_DOING = {
    "diagnose": "Diagnosing",
    "find": "Looking for",
    "get": "Reading",
    "list": "Listing",
    "search": "Searching",
}

_OBJECTS = ("workload", "pod", "job", "cronjob", "node", "application", "name")  # arguments that name what is changed


def step_words(tool: str, args: dict[str, Any]) -> str:
    """ "Reading changes of checkout in staging". A tool that changes something is only being planned here."""
    verb, _, noun = tool.partition("_")
    thing = noun.replace("_", " ")
    about = args.get("workload") or args.get("name") or args.get("text") or ""
    where = f" in {args['environment']}" if args.get("environment") else ""
    doing = _DOING.get(verb)
    if doing is None:
        return f"Planning: {_change_words(tool, args)}{where}"
    if thing in ("workload", "entity") and about:
        return f"{doing} {about}{where}"
    return f"{doing} {thing}{f' of {about}' if about else ''}{where}"


def _change_words(tool: str, args: dict[str, Any]) -> str:
    """ "restart checkout", "run cronjob nightly-report now", "set image of checkout"."""
    doing = tool.replace("_", " ")
    key = next((key for key in _OBJECTS if args.get(key)), None)
    if key is None:
        return doing.removesuffix(" workload")
    name = str(args[key])
    if key not in tool.split("_"):
        return f"{doing} of {name}"
    return doing.replace(key, name if key == "workload" else f"{key} {name}")
