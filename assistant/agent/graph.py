"""The graph of a turn: decide <-> act, then close."""

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from assistant.agent.context import TurnContext
from assistant.agent.nodes import act, close, decide
from assistant.agent.state import State

NODES_A_STEP = 2
SPARE_NODES = 24  # the limit only stops a bug: the step budget ends a turn long before

Graph = CompiledStateGraph[State, TurnContext, State, State]


def recursion_limit(steps: int) -> int:
    """How many nodes may run in a turn of so many steps: 40 for the default of 8. LangGraph's own limit is 10,007."""
    return NODES_A_STEP * steps + SPARE_NODES


def build_graph(checkpointer: BaseCheckpointSaver[Any]) -> Graph:
    """The compiled graph; run it with durability "exit", one turn at a time per thread."""
    graph = StateGraph(State, context_schema=TurnContext)
    graph.add_node("decide", decide)
    graph.add_node("act", act)
    graph.add_node("close", close)
    graph.add_edge(START, "decide")
    return graph.compile(checkpointer=checkpointer)
