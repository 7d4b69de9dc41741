"""`manifest`: the Slack app's manifest, to paste at api.slack.com/apps."""

import sys
from typing import Literal

from assistant.cli.session import EXIT_OK, EXIT_USAGE, errors
from assistant.slack.manifest import manifest as made


async def manifest(*, mode: Literal["socket", "http"], name: str | None, url: str | None) -> int:
    """Print it. Exit code 2 when name or address cannot be used."""
    try:
        text = made(mode=mode, name=name, url=url)
    except ValueError as error:
        errors.print(str(error), style="red")
        return EXIT_USAGE
    sys.stdout.write(text)  # as it is: no colour, no folding of lines
    return EXIT_OK
