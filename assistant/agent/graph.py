"""The graph of a turn: decide <-> act, then close."""

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from assistant.agent.context import TurnContext
from assistant.agent.nodes import act, close, decide
from assistant.agent.state import State

RECURSION_LIMIT = 40  # two nodes a step, far above the step budget: it only stops a bug

Graph = CompiledStateGraph[State, TurnContext, State, State]


def build_graph(checkpointer: BaseCheckpointSaver[Any]) -> Graph:
    """The compiled graph; run it with durability "exit", one turn at a time per thread."""
    graph = StateGraph(State, context_schema=TurnContext)
    graph.add_node("decide", decide)
    graph.add_node("act", act)
    graph.add_node("close", close)
    graph.add_edge(START, "decide")
    return graph.compile(checkpointer=checkpointer)
