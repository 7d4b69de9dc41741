"""Text without what only a terminal understands."""

import pytest

from tools.logs.reduction.cleaning import CUT_MARK, MAX_LINE_CHARACTERS, clean


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain  ", "plain"),
        ("\tat com.x", "\tat com.x"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("10%\r50%\r100% done\r", "100% done"),
        ("a\x00b\x07", "ab"),
        ("safe\u202etxt.exe\u200b", "safetxt.exe"),
        ("<!channel> look", "<!channel> look"),
        ("caf\ufffd", "caf\ufffd"),
        ("\ufffd" * 30 + "PNG", "[33 characters that are no text]"),
    ],
)
def test_only_text_is_left(given: str, shown: str) -> None:
    assert clean(given) == shown


def test_a_very_long_line_is_cut_and_says_so() -> None:
    shown = clean("x" * 1_000_000)

    assert shown == "x" * MAX_LINE_CHARACTERS + CUT_MARK


def test_a_long_line_of_colours_is_cut_and_says_so() -> None:
    assert clean("\x1b[31mx" * 100_000).endswith(CUT_MARK)
