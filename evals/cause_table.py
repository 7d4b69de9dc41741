"""The table of causes in docs/diagnosis.md: `python -m evals.cause_table` prints it."""

import sys

from tools.diagnosis.causes import CAUSES, LIFECYCLE, Role

_ROLES: tuple[Role, ...] = ("cause", "symptom", "info")


def cause_table() -> str:
    """One row a layer, in the order of a pod's life: what is recognised as a cause, a symptom, a remark."""
    head = ["| layer | causes | symptoms | remarks |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *(_row(layer) for layer in LIFECYCLE)])


def _row(layer: str) -> str:
    cells = [
        ", ".join(sorted(one for one, row in CAUSES.items() if (row.layer, row.role) == (layer, role)))
        for role in _ROLES
    ]
    return f"| {' | '.join([layer, *cells])} |"


if __name__ == "__main__":
    sys.stdout.write(f"{cause_table()}\n")
