"""The shape of `ask --json`: a whole turn, flat, for scripts."""

from typing import Any

from assistant.conversation import Turn


def report(turn: Turn) -> dict[str, Any]:
    """A turn as plain JSON. Always every key; what does not apply is null or empty.

    `evidence` items carry their `id`; `claims` name those ids. `tool_calls`: every call with its arguments, the failed
    ones with `error`. `proposals`: as on their cards.
    """
    answer, question = turn.answer, turn.question
    dumped = turn.model_dump(mode="json")
    return {
        "id": turn.id,
        "thread": turn.thread,
        "requester": turn.requester,
        "kind": turn.kind,
        "verdict": answer.verdict.value if answer else None,
        "summary": answer.summary if answer else None,
        "claims": [claim.model_dump(mode="json") for claim in answer.claims] if answer else [],
        "next_steps": list(answer.next_steps) if answer else [],
        "actions": [action.model_dump(mode="json") for action in answer.actions] if answer else [],
        "notices": list(answer.notices) if answer else [],
        "question": question.text if question else None,
        "choices": list(question.choices) if question else [],
        "refusal": turn.refusal,
        "evidence": [{"id": item.id, **item.evidence.model_dump(mode="json")} for item in turn.evidence],
        "tool_calls": dumped["tool_calls"],
        "proposals": dumped["proposals"],
        "model": turn.model,
        "prompt_hash": turn.prompt_hash,
        "usage": dumped["usage"],
        "seconds": turn.seconds,
    }
