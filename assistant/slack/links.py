"""Where a person can look further: addresses of other tools, made from the settings' templates."""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from tools.contract import Evidence, Source

SUBJECT = re.compile(r"^(?P<kind>\w+) (?:(?P<namespace>[^/\s]+)/)?(?P<name>[^/\s]+)$")
AROUND = timedelta(minutes=15)  # shown before and after the moment of the evidence


@dataclass(frozen=True)
class Links:
    """Templates take {kind}, {namespace}, {name}, {from_ms} and {to_ms}; None: that tool is not linked.

    `catalog`: of a component. `workload`: a dashboard or deployment tool. `logs`: a log search.
    """

    catalog: str | None = None
    workload: str | None = None
    logs: str | None = None

    def of(self, evidence: Evidence) -> tuple[tuple[str, str], ...]:
        """(label, address) of what fits this evidence. Values are quoted: a name cannot leave its place in the URL."""
        named = SUBJECT.match(evidence.subject)
        if named is None:
            return ()
        fitting = {
            Source.CATALOG: (("Catalog", self.catalog),),
            Source.LOG: (("Logs", self.logs), ("Dashboard", self.workload)),
        }.get(evidence.source, (("Dashboard", self.workload),))
        values = {key: quote(value or "", safe="") for key, value in named.groupdict().items()}
        values |= {
            "from_ms": str(int((evidence.at - AROUND).timestamp() * 1000)),
            "to_ms": str(int((evidence.at + AROUND).timestamp() * 1000)),
        }
        return tuple((label, template.format(**values)) for label, template in fitting if template)
