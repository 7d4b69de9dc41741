"""Runs every attack and prints how it ended; exit code 1 when one was not held."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from evals.attacks.case import Case, read_cases
from evals.attacks.table import line, markdown, summary, word
from evals.attacks.trial import Result, labs, run_case


def main() -> None:
    """`python -m evals.attacks [--markdown FILE] [PART OF AN ID OR FAMILY ...]`."""
    parser = argparse.ArgumentParser(prog="python -m evals.attacks", description=__doc__)
    parser.add_argument("only", nargs="*", help="run the attacks with this in their id or family")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    given = parser.parse_args()
    cases = [case for case in read_cases() if _is_wanted(case, given.only)]
    results = asyncio.run(run(cases))
    say(summary(results))
    if given.markdown:
        given.markdown.write_text(markdown(results), encoding="utf-8")
    sys.exit(any(word(result) == "FAILED" for result in results) or not results)


async def run(cases: Sequence[Case]) -> list[Result]:
    """Run them one after the other, saying how each ended."""
    results = []
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        async with labs(Path(folder)) as opened:
            for case in cases:
                result = await run_case(case, await opened.of(case))
                say(line(result))
                results.append(result)
    return results


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _is_wanted(case: Case, only: Sequence[str]) -> bool:
    return not only or any(part in f"{case.family}/{case.id}" for part in only)
