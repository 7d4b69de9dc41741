"""Runs all benchmarks, prints their tables and writes docs/benchmarks.md: `make bench`.

A benchmark is a module of this package with a function `run() -> str` (or a coroutine), its table in Markdown.
"""

import argparse
import asyncio
import inspect
import os
import platform
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import evals.benchmarks

REPORT = Path("docs/benchmarks.md")
_HEAD = """# Benchmarks
Written by `make bench` on {machine}. Absolute numbers belong to that machine; each stands beside one of the same run.
"""


def main() -> None:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--out", type=Path, default=REPORT, help="where the tables are written when all are run")
    given = parser.parse_args()
    parts = [_HEAD.format(machine=machine())]
    for module in benchmarks():
        name = module.__name__.rpartition(".")[2]
        if given.names and name not in given.names:
            continue
        parts.append(f"## {name}\n{intro(module)}\n\n{result(module)}\n")
        sys.stdout.write(f"{parts[-1]}\n")
        sys.stdout.flush()
    if not given.names:
        given.out.write_text("\n".join(parts))


def benchmarks() -> list[ModuleType]:
    """Modules of this package with a `run`, by name."""
    found = (one.name for one in iter_modules(evals.benchmarks.__path__) if not one.name.startswith("_"))
    modules = [import_module(f"evals.benchmarks.{name}") for name in sorted(found)]
    return [module for module in modules if callable(getattr(module, "run", None))]


def result(module: ModuleType) -> str:
    """The table of one benchmark."""
    made = module.run()
    return str(asyncio.run(made) if inspect.iscoroutine(made) else made)


def intro(module: ModuleType) -> str:
    """What its docstring says."""
    return inspect.cleandoc(module.__doc__ or "")


def machine() -> str:
    """Python and processors, without names."""
    return f"Python {platform.python_version()}, {os.cpu_count()} processors ({platform.machine()})"


if __name__ == "__main__":
    main()
