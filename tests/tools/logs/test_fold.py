"""Stack traces as one entry each."""

from tools.logs.fold import fold
from tools.logs.models import LogLine

JAVA = """ERROR request failed
java.lang.IllegalStateException: no pool
\tat com.acme.Pool.get(Pool.java:12)
\tat com.acme.Main.run(Main.java:3)
Caused by: java.net.ConnectException: Connection refused
\tat java.net.Socket.connect(Socket.java:1)
\t... 2 more
INFO next"""

PYTHON = """starting
Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    run()
  File "/app/main.py", line 1, in run
    raise ValueError("no DSN")
ValueError: no DSN
exiting"""

GO = """panic: boom

goroutine 1 [running]:
main.main()
\t/app/main.go:12 +0x1d
exit status 2"""


def lines(text: str, **more) -> list[LogLine]:
    return [LogLine(pod="p", container="c", text=line, **more) for line in text.split("\n") if line]


def test_a_java_trace_is_one_entry_with_its_root_cause() -> None:
    entries = list(fold(lines(JAVA)))

    assert [entry.line.text for entry in entries] == [
        "ERROR request failed",
        "java.lang.IllegalStateException: no pool",
        "INFO next",
    ]
    assert entries[1].folded == 5
    assert "java.net.ConnectException: Connection refused" in entries[1].text()


def test_a_python_trace_ends_with_its_exception() -> None:
    entries = list(fold(lines(PYTHON)))

    assert [entry.line.text for entry in entries] == ["starting", "Traceback (most recent call last):", "exiting"]
    assert entries[1].cause == "ValueError: no DSN"
    assert entries[1].text() == "Traceback (most recent call last): … ValueError: no DSN [+5 lines of trace]"


def test_a_go_panic_keeps_its_goroutine_together() -> None:
    entries = list(fold(lines(GO)))

    assert [entry.line.text for entry in entries] == ["panic: boom", "exit status 2"]


def test_lines_of_another_container_end_a_trace() -> None:
    mixed = [*lines("Traceback (most recent call last):"), *lines("  File x", previous=True)]

    assert len(list(fold(mixed))) == 2


def test_ordinary_lines_stay_apart() -> None:
    assert len(list(fold(lines("a\nb\nc")))) == 3
    assert list(fold([])) == []
