"""Sentences about several workloads at once. Pure."""

from collections.abc import Sequence

from tools.diagnosis.facts import excerpt
from tools.diagnosis.grouping import Group
from tools.diagnosis.models import Diagnosis

MAX_LISTED = 4
MAX_LINE = 280  # a claim is one sentence or two


def listed(names: Sequence[str], limit: int = MAX_LISTED) -> str:
    """ "a, b and c", or "a, b, c and 5 more"."""
    shown = list(names[:limit])
    if len(names) > limit:
        return f"{', '.join(shown)} and {len(names) - limit} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


def cause_line(group: Group, *, place: bool) -> str:
    """What fails and why, then what else fails of it. `place`: the namespace is worth saying."""
    more = _more(group)
    return f"{excerpt(failure(group.lead.diagnosis, place=place), MAX_LINE - len(more))}{more}"


def failure(diagnosis: Diagnosis, *, place: bool) -> str:
    """ "orders-db cannot be placed on a node (0 of 1 pods ready): its volume claim ..."."""
    name, namespace = diagnosis.target.name, diagnosis.target.namespace
    root = diagnosis.root_cause
    where = f" in {namespace}"
    if root is None:
        return f"{name}{where if place else ''} is not well: {diagnosis.state}."
    lead, found, _ = diagnosis.summary.partition(f": {root.title}")
    lead = lead if found else f"{name}{where}"
    said = lead if place else lead.replace(where, "", 1)
    return f"{said} ({diagnosis.state}): {root.title.rstrip('.')}."


def _more(group: Group) -> str:
    alike = [one.target.name for one in group.alike]
    callers = [one.target.name for one in group.callers]
    same = f" The same stops {listed(alike)}." if alike else ""
    verb = "fails" if len(callers) == 1 else "fail"
    return same + (f" Because of it {listed(callers)} {verb} too." if callers else "")


def condition(diagnosis: Diagnosis) -> str:
    """How one workload is, wherever: "checkout is healthy in shop-production: 2 of 2 pods ready."."""
    if diagnosis.root_cause is not None:
        return excerpt(failure(diagnosis, place=True), MAX_LINE)
    return excerpt(diagnosis.summary, MAX_LINE)
