"""How bad a line says it is."""

import pytest

from tools.logs.reduction.levels import Level, level_of


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('{"level":"error","msg":"x"}', Level.ERROR),
        ('level=info msg="failed over"', Level.INFO),
        ("2026-11-22T10:00:00Z INFO error rate 0", Level.INFO),
        ("2026-11-22 10:00:00,123 [main] WARN  c.a.B - slow", Level.WARNING),
        ("[warn] slow", Level.WARNING),
        ("java.lang.NullPointerException: x", Level.ERROR),
        ("dial tcp 10.0.0.1:5432: connect: connection refused", Level.ERROR),
        ("main: Segmentation fault", Level.ERROR),
        ("open /etc/x: permission denied", Level.ERROR),
        ('{"status":503,"path":"/"}', Level.ERROR),
        ('10.0.0.1 - - [x] "GET /a HTTP/1.1" 404 12', Level.WARNING),
        ("[GIN] 2026/11/22 - 10:00:00 | 502 | 1.2ms | 10.0.0.1 | GET /a", Level.ERROR),
        ("debug: cache", Level.DEBUG),
        ("listening on 8080", Level.INFO),
        ("sync done error=null", Level.INFO),
        ('{"msg":"done","err":"<nil>"}', Level.INFO),
        ("finished with no errors", Level.INFO),
        ("", Level.INFO),
    ],
)
def test_reads_the_level_a_line_states_or_suggests(text: str, level: Level) -> None:
    assert level_of(text) is level
