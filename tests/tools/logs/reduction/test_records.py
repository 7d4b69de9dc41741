"""What lines say apart from when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.logs.reduction.levels import Level
from tools.logs.reduction.records import Record, read

TRACE = "a.B: x\\n  at x\\nCaused by: java.net.C: refused\\n  at y"


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("2026-11-22T10:00:00.123Z started", Record("started")),
        ("[2026-11-22 10:00:00,123] started", Record("started")),
        ("2026-11-22 10:00:00.123 +0000 started", Record("started")),
        ("10:00:00.123 [main] started", Record("[main] started")),
        ("Nov 22 10:00:00 host started", Record("host started")),
        ("2026-11-22T10:00:00.1Z stdout F level=info msg=up", Record("up", Level.INFO)),
        ("E1122 12:00:00.0 1 main.go:3] lost", Record("main.go lost", Level.ERROR)),
        ('{"level":"warn","msg":"slow"}', Record("slow", Level.WARNING)),
        ('{"log":"level=error msg=boom\\n","stream":"stderr","time":"2026-11-22T1Z"}', Record("boom", Level.ERROR)),
        ('{"log":{"level":"ERROR"},"message":"boom"}', Record("boom", Level.ERROR)),
        ('{"level":50,"msg":"boom"}', Record("boom", Level.ERROR, fixed=False)),
        ('{"level":30,"msg":"ok"}', Record("ok", Level.INFO, fixed=False)),
        ('{"lvl":"error","msg":"x","err":{"type":"B","stack":"B: y\\n at z"}}', Record("x", Level.ERROR, "B B: y")),
        (f'{{"msg":"x","stack_trace":"{TRACE}"}}', Record("x", None, "a.B: x Caused by: java.net.C: refused")),
        ('{"msg":"served","method":"GET","path":"/a?b=c","status":503}', Record("served GET /a 503")),
        ('{"req":{"method":"PUT","url":"/a"},"statusCode":200}', Record("PUT /a 200")),
        ('ts=1 level=error msg="no \\"quorum\\"" err="x y"', Record('no \\"quorum\\"', Level.ERROR, "x y")),
        ('10.0.0.1 - - [22/Nov] "GET /a?b=1 HTTP/1.1" 200 5 "-" "curl/8"', Record("10.0.0.1 - - [22/Nov] GET /a 200")),
        ('"GET / HTTP/1.1" 200 5 "-" "kube-probe/1.36"', Record("GET / 200 kube-probe")),
        ('"GET / HTTP/1.1" 500 5 and then: no disk', Record("GET / 500 and then: no disk")),
        ('{"not json', Record('{"not json')),
        ("[1, 2]", Record("[1, 2]")),
        ("", Record("")),
    ],
)  # fmt: skip
def test_a_line_is_read_by_its_form(text: str, record: Record) -> None:
    assert read(text) == record


@given(
    st.one_of(
        st.text(),
        st.dictionaries(
            st.sampled_from(["level", "msg", "log", "status", "path", "err"]), st.integers() | st.text()
        ).map(repr),
    )
)
def test_nothing_makes_reading_fail(text: str) -> None:
    assert isinstance(read(text).message, str)
