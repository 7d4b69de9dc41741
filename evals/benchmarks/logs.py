"""How fast and how much logs shrink: `python -m evals.benchmarks.logs`, a Markdown table.

Each number stands beside one of the same run: drain3 with its defaults where it is installed (it groups lines and does
no more: no levels, times, traces, examples), and `tail -n 200`, which people paste instead.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from evals.benchmarks.log_samples import FAULTS, FORMATS, sample
from tools.logs.pods import parse_lines
from tools.logs.port import LogQuery
from tools.logs.reduce import Reduction, reduce
from tools.logs.reduction.templates import Template
from tools.logs.showing import MAX_TEXT, MAX_TRACE, how_often, shortened

TAIL = 200
LINES = 50_000
RUNS = 3
QUERY = LogQuery("shop", "app-1", "app")


@dataclass(frozen=True)
class Row:
    """One format. Speeds in lines per second of one core, the best of `RUNS`; `drain3` None: not installed.

    `whole`: from the bytes of the API to templates; `speed`: from lines to templates, as `drain3` is measured.
    `smaller`: characters of the log by those of the result. `faults`: told by the result, by drain3, by the tail.
    """

    name: str
    speed: float
    whole: float
    drain3: float | None
    smaller: float
    drain3_smaller: float | None
    tail_smaller: float
    faults: tuple[str, str, str]


def main() -> None:
    """Measure every format and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES, help="lines of each format")
    given = parser.parse_args()
    sys.stdout.write(table([measure(name, given.lines) for name in FORMATS]) + "\n")


def run() -> str:
    """The table of every format, for `make bench`."""
    return table([measure(name, LINES) for name in FORMATS])


def measure(name: str, count: int) -> Row:
    """Reduce a generated log of one format, and the same with the other ways."""
    stamped = list(sample(name, count))
    body = "\n".join(f"{at.isoformat()} {text}" for at, text in stamped).encode()
    lines = list(parse_lines(body, QUERY))
    texts = [line.text for line in lines]
    raw, tail = sum(len(text) + 1 for text in texts), "\n".join(texts[-TAIL:])
    ours = _shown(reduce(lines))
    drain3, theirs = _drain3(texts)
    return Row(
        name=name,
        speed=len(lines) / _seconds(lambda: reduce(lines)),
        whole=len(lines) / _seconds(lambda: reduce(parse_lines(body, QUERY))),
        drain3=drain3,
        smaller=raw / len(ours),
        drain3_smaller=raw / len(theirs) if theirs else None,
        tail_smaller=len(tail) / len(ours),
        faults=(_faults(name, ours), _faults(name, theirs) if theirs else "-", _faults(name, tail)),
    )


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    head = (
        "format", "lines/s", "of drain3", "lines/s from bytes", "log/result", "log/drain3 result", "tail/result",
        "faults told", "by drain3", "by the tail",
    )  # fmt: skip
    body = [
        (
            row.name,
            f"{row.speed:,.0f}",
            f"{row.speed / row.drain3:.1f}" if row.drain3 else "-",
            f"{row.whole:,.0f}",
            f"{row.smaller:,.0f}",
            f"{row.drain3_smaller:,.0f}" if row.drain3_smaller else "-",
            f"{row.tail_smaller:.1f}",
            *row.faults,
        )
        for row in rows
    ]
    every = [head, ("---",) * len(head), *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in every)


def _shown(reduced: Reduction) -> str:
    """What is shown of each template."""
    return "\n".join(map(_row, reduced.templates))


def _row(template: Template) -> str:
    often = how_often(template.count, template.first_at, template.last_at)
    text = shortened(template.example.text(), MAX_TRACE if template.example.heads else MAX_TEXT)
    return f"{template.level.name} {often} {text}"


def _faults(name: str, text: str) -> str:
    """How many of the faults of a format a text still tells."""
    every = FAULTS[name]
    return f"{sum(words in text for words in every)} of {len(every)}"


def _drain3(texts: Sequence[str]) -> tuple[float | None, str]:
    """(lines/s, its templates with their counts) of drain3 with its defaults."""
    if find_spec("drain3") is None:
        return None, ""
    make: Callable[[], Any] = import_module("drain3").TemplateMiner
    miner = make()

    def mine() -> None:
        nonlocal miner
        miner = make()
        for text in texts:
            miner.add_log_message(text)

    speed = len(texts) / _seconds(mine)
    return speed, "\n".join(f"{cluster.size} {cluster.get_template()}" for cluster in miner.drain.clusters)


def _seconds(work: Callable[[], object]) -> float:
    """Processor time of the fastest run: other work on the machine counts least."""
    times: list[float] = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
