"""A real browser for tests of pages: Debian's chromium driven by Playwright; tests skip where one is missing."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 10_000


def find_chromium() -> str | None:
    """The path of an installed chromium: `apt-get install chromium`."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def is_problem(line: Any) -> bool:
    """Whether a console line is an error, other than a refusal (409, 422) that the page explains to the person."""
    refused = any(f"status of {status}" in line.text for status in (409, 422))
    return line.type == "error" and not refused


@asynccontextmanager
async def browser_pages(**options: Any) -> AsyncIterator[Any]:
    """A browser context; `options` are those of Playwright's new_context. An error in the page fails the test."""
    playwright = pytest.importorskip("playwright.async_api")
    path = find_chromium()
    if path is None:
        pytest.skip("no chromium is installed")
    problems: list[str] = []
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=FLAGS)
        try:
            context = await browser.new_context(**{"viewport": {"width": 1360, "height": 860}, **options})
            context.set_default_timeout(TIMEOUT_MS)
            context.on("weberror", lambda error: problems.append(str(error.error)))
            context.on("console", lambda line: problems.append(line.text) if is_problem(line) else None)
            yield context
        finally:
            await browser.close()
    assert problems == []
