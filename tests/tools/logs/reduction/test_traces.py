"""Stack traces of many languages as one entry each."""

import pytest

from tests.builders.log_lines import line, lines
from tools.logs.reduce import reduce
from tools.logs.reduction.entries import Entry

JAVA = """java.lang.IllegalStateException: no pool
\tat com.acme.Pool.get(Pool.java:12)
\tat com.acme.Main.run(Main.java:3)
\tSuppressed: java.io.IOException: closed
\t\tat com.acme.Pool.close(Pool.java:9)
Caused by: java.lang.RuntimeException: outer
\t... 1 more
Caused by: java.net.ConnectException: Connection refused
\tat java.net.Socket.connect(Socket.java:1)
\t... 2 more"""

KOTLIN = """Exception in thread "main" kotlin.UninitializedPropertyAccessException: lateinit property db
\tat com.acme.MainKt.main(Main.kt:7)"""

PYTHON = """Traceback (most recent call last):
  File "/app/db.py", line 3, in connect
    raise OSError("no route")
OSError: no route

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    run()
    ~~~^^
  File "/app/main.py", line 1, in run
    raise ValueError("no DSN")
ValueError: no DSN"""

GO = """panic: runtime error: index out of range [5] with length 3
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]

goroutine 1 [running]:
main.(*Server).run(0xc000012345, {0x1, 0x2})
\t/app/main.go:12 +0x1d
created by main.main in goroutine 7
\t/app/main.go:3 +0x1d

goroutine 18 [select]:
net/http.(*conn).serve(0xc0)
\t/usr/local/go/src/net/http/server.go:1 +0x1"""

NODE = """/app/server.js:10
    throw new Error('no port');
    ^

Error: no port
    at Object.<anonymous> (/app/server.js:10:11)
    at Module._compile (node:internal/modules/cjs/loader:1554:14) {
  code: 'ENOPORT'
}

Node.js v22.14.0"""

NODE_BARE = """TypeError: Cannot read properties of undefined (reading 'id')
    at handler (/app/routes.js:4:9)"""

DOTNET = """Unhandled exception. System.InvalidOperationException: no config
 ---> System.IO.FileNotFoundException: appsettings.json
   at Shop.Config.Load(String path) in /src/Config.cs:line 12
   --- End of inner exception stack trace ---
   at Shop.Program.Main(String[] args) in /src/Program.cs:line 5"""

RUBY = """/app/shop.rb:3:in `charge': card declined (PaymentError)
\tfrom /app/shop.rb:9:in `<main>'"""

RUST = """thread 'main' panicked at src/main.rs:2:5:
called `Option::unwrap()` on a `None` value
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:645:5
   1: shop::main
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace."""

PHP = """PHP Fatal error: Uncaught RuntimeException: no db in /app/db.php:3
Stack trace:
#0 /app/index.php(9): connect()
#1 {main}
  thrown in /app/db.php on line 3"""

TRACES = {
    "java": JAVA, "kotlin": KOTLIN, "python": PYTHON, "go": GO, "node": NODE, "node bare": NODE_BARE, "dotnet": DOTNET,
    "ruby": RUBY, "rust": RUST, "php": PHP,
}  # fmt: skip


def entries(text: str) -> list[Entry]:
    """Entries in the order of their first lines."""
    found = [template.example for template in reduce(lines(text)).templates]
    return sorted(found, key=lambda entry: entry.line.at)


@pytest.mark.parametrize("language", TRACES)
def test_a_trace_is_one_entry_between_its_neighbours(language: str) -> None:
    found = entries(f"service starts up now\n{TRACES[language]}\ngoing on as ever here")

    assert [entry.line.text for entry in found] == [
        "service starts up now",
        TRACES[language].split("\n")[0],
        "going on as ever here",
    ]
    assert found[1].folded == sum(bool(text.strip()) for text in TRACES[language].split("\n")) - 1


@pytest.mark.parametrize(
    ("language", "tells"),
    [
        (
            "java",
            "java.net.ConnectException: Connection refused at com.acme.Pool.get(Pool.java:12) [+9 lines of trace]",
        ),
        ("python", 'OSError: no route … ValueError: no DSN File "/app/main.py", line 1, in run [+11 lines of trace]'),
        ("node", "Error: no port at Object.<anonymous> (/app/server.js:10:11) [+8 lines of trace]"),
        ("rust", "called `Option::unwrap()` on a `None` value"),
        ("ruby", "card declined (PaymentError) from /app/shop.rb:9"),
    ],
)
def test_the_entry_tells_the_exceptions_and_the_place(language: str, tells: str) -> None:
    (entry,) = entries(TRACES[language])

    assert tells in entry.text()


@pytest.mark.parametrize("language", ["java", "python", "node bare", "dotnet"])
def test_the_trace_below_a_logged_error_belongs_to_it(language: str) -> None:
    (entry,) = entries(f"2026-11-22 10:00:00 ERROR order 7 failed\n{TRACES[language]}")

    assert entry.line.text.endswith("order 7 failed")


def test_a_trace_long_after_an_error_stands_alone() -> None:
    given = [line("ERROR order 7 failed"), line("java.io.IOException: x", 30), line("\tat a.B.c(B.java:1)", 30)]

    assert len(reduce(given).templates) == 2


def test_the_same_error_with_another_root_cause_is_another_template() -> None:
    head = "ERROR order failed\njava.io.IOException: x\n\tat a.B.c(B.java:1)\nCaused by:"
    refused = f"{head} java.net.ConnectException: refused"
    unknown = refused.replace("ConnectException: refused", "UnknownHostException: db")

    reduced = reduce(lines(f"{refused}\n{unknown}\n{refused}"))

    assert [template.count for template in reduced.templates] == [2, 1]


def test_indented_lines_belong_to_the_line_above_unless_they_complain() -> None:
    found = entries("config:\n  port: 80\n  host: x\n  ERROR no such key\nend")

    assert [entry.line.text for entry in found] == ["config:", "  ERROR no such key", "end"]
    assert found[0].text() == "config: [+2 lines more]"


def test_frames_whose_beginning_was_cut_off_are_one_entry() -> None:
    found = entries("\tat com.a.B(C.java:1)\n\tat com.a.D(C.java:2)\ngoing on")

    assert [entry.folded for entry in found] == [1, 0]


def test_a_key_in_a_log_is_never_shown() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nq83v5T0oYz\n-----END RSA PRIVATE KEY-----\nnext"

    found = entries(key)

    assert [entry.text() for entry in found] == ["-----BEGIN RSA PRIVATE KEY----- [+3 lines more]", "next"]


def test_ordinary_lines_stay_apart() -> None:
    assert [entry.folded for entry in entries("alpha\nError: one\nError: two\nbeta()")] == [0, 0, 0, 0]
