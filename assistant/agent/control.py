"""The calls that steer a turn: answer, ask back, load more tools."""

from typing import Annotated

from pydantic import Field

from tools.contract import Args, Verdict

EvidenceId = Annotated[str, Field(min_length=1, max_length=8, description="E1, E2, ...")]


class ClaimArgs(Args):
    text: Annotated[str, Field(min_length=1, max_length=300)]
    evidence: Annotated[list[EvidenceId], Field(min_length=1, max_length=6)]


class AnswerArgs(Args):
    """Ends the turn with an answer. Each claim cites the evidence ids that prove it."""

    verdict: Verdict
    summary: Annotated[str, Field(min_length=1, max_length=600)]
    claims: Annotated[list[ClaimArgs], Field(max_length=12)]
    next_steps: Annotated[list[Annotated[str, Field(max_length=240)]], Field(max_length=5)]


class AskArgs(Args):
    """Ends the turn with one question. Each choice is a complete message the person could send."""

    question: Annotated[str, Field(min_length=1, max_length=300)]
    choices: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=8)]


class LoadToolsetArgs(Args):
    """Makes the tools of one more toolset callable."""

    name: Annotated[str, Field(min_length=1, max_length=40)]


ANSWER, ASK, LOAD_TOOLSET = "answer", "ask", "load_toolset"

CONTROL: dict[str, type[Args]] = {ANSWER: AnswerArgs, ASK: AskArgs, LOAD_TOOLSET: LoadToolsetArgs}
