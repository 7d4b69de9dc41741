"""Everything outside the cluster that a secret could have reached, as bytes."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from prometheus_client import generate_latest

from evals.attacks.canaries import traces
from evals.attacks.lab import Lab


def leaks(secret: str, surfaces: dict[str, bytes]) -> list[str]:
    """Names of the surfaces on which a secret is, in any of the forms it may have."""
    forms = traces(secret)
    return [name for name, content in surfaces.items() if any(form in content for form in forms)]


def surfaces_of(lab: Lab) -> dict[str, bytes]:
    """What has left the assistant so far, by where it went."""
    found = {
        "model request": _joined(request.body for request in lab.provider.requests),
        "log": lab.logged.getvalue().encode(),
        "terminal": lab.printed.getvalue().encode(),
        "metrics": generate_latest(),
    }
    if lab.slack:
        found["Slack call"] = _joined([call.method, dict(call.arguments)] for call in lab.slack.calls)
        found["Slack ack"] = _joined([str(one.attempts)] for one in lab.slack.deliveries)
    for path in sorted(lab.data.iterdir()):
        found[f"file {path.name}"] = path.read_bytes()
        if path.suffix in {".sqlite", ".workflows"}:
            found[f"rows of {path.name}"] = b"\n".join(_cells(path))
    return found


def _joined(values: Iterator[object]) -> bytes:
    """As JSON, and once more with every text as it is: a secret of several lines is found either way."""
    listed = list(values)
    return json.dumps(listed, ensure_ascii=False, default=str).encode() + str(listed).encode()


def _cells(path: Path) -> Iterator[bytes]:
    """Each value of each table: a long one lies in pieces in the file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  (names of the schema)
                yield from (cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
