"""Makes logs as services of several kinds write them: with noise, values of all kinds, probes and a few faults."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_PATHS = ("/api/v1/orders/{}", "/api/v1/carts/{}/items", "/api/v1/users/{}", "/login", "/search", "/static/app.js")
_NAMES = ("ada", "bo", "chen", "dana", "eli", "fay", "gus", "hana", "ivo", "jun", "kim", "lou", "mia", "noor", "otis")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
_JAVA_TRACE = """org.springframework.transaction.CannotCreateTransactionException: Could not open JPA EntityManager
\tat org.springframework.orm.jpa.JpaTransactionManager.doBegin(JpaTransactionManager.java:466)
\tat com.shop.orders.OrderService.place(OrderService.java:{line})
\tat com.shop.orders.OrderController.post(OrderController.java:41)
\tat java.base/java.lang.Thread.run(Thread.java:1583)
Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, timed out after {ms}ms.
\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)
\t... 58 more"""
_PYTHON_TRACE = """Traceback (most recent call last):
  File "/app/shop/worker.py", line {line}, in run
    self.charge(job)
  File "/app/shop/payments.py", line 88, in charge
    raise PaymentDeclined(code)
shop.payments.PaymentDeclined: card declined for job {job}"""

Maker = Callable[[random.Random, datetime], str]


def uuid(rng: random.Random) -> str:
    """A random UUID."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _ip(rng: random.Random) -> str:
    return f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"


def _path(rng: random.Random) -> str:
    return rng.choice(_PATHS).format(rng.randrange(1, 100_000))


def _access(rng: random.Random, at: datetime) -> str:
    when = f"{at:%d/%b/%Y:%H:%M:%S} +0000"
    if rng.random() < 0.3:
        return f'{_ip(rng)} - - [{when}] "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.36"'
    status = rng.choices((200, 204, 301, 404, 500, 503), (80, 8, 4, 5, 1, 0.3))[0]
    method = rng.choice(("GET", "GET", "GET", "POST", "PUT"))
    return f'{_ip(rng)} - - [{when}] "{method} {_path(rng)} HTTP/1.1" {status} {rng.randrange(90_000)} "-" "{_AGENT}"'


def _json(rng: random.Random, at: datetime) -> str:
    fields: dict[str, object] = {"level": "info", "ts": at.isoformat(), "caller": "server/http.go:112"}
    kind = rng.random()
    if kind < 0.7:
        fields |= {"msg": "request served", "method": "GET", "path": _path(rng), "status": 200, "trace_id": uuid(rng)}
    elif kind < 0.95:
        fields |= {"msg": f"cache refreshed in {rng.randrange(900)}ms", "entries": rng.randrange(10_000)}
    elif kind < 0.995:
        fields |= {"level": "warn", "msg": "slow query", "took": rng.random() * 9, "user": rng.choice(_NAMES)}
    else:
        error = f"dial tcp {_ip(rng)}:5432: connect: connection refused"
        fields |= {"level": "error", "msg": "cannot store order", "error": error, "order": uuid(rng)}
    return json.dumps(fields)


def _logfmt(rng: random.Random, at: datetime) -> str:
    head = f"ts={at:%Y-%m-%dT%H:%M:%S.%f}Z"
    kind = rng.random()
    if kind < 0.8:
        return f'{head} level=info msg="message consumed" topic=orders partition={rng.randrange(12)} id={uuid(rng)}'
    if kind < 0.97:
        return f'{head} level=debug msg="lag is {rng.randrange(500)}" group=shop member={rng.getrandbits(48):012x}'
    if kind < 0.999:
        return f'{head} level=warn msg="rebalance of {rng.choice(_NAMES)}" took={rng.random():.4f}s'
    return f'{head} level=error msg="commit failed" err="broker {rng.randrange(3)} not leader for partition"'


def _java(rng: random.Random, at: datetime) -> str:
    head = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}"
    thread = f"[http-nio-8080-exec-{rng.randrange(200)}]"
    kind = rng.random()
    if kind < 0.9:
        return f"{head} INFO  {thread} c.s.o.OrderController - order {uuid(rng)} of {rng.choice(_NAMES)} accepted"
    if kind < 0.98:
        return f"{head} DEBUG {thread} c.z.h.pool.HikariPool - Pool stats (total=10, active={rng.randrange(10)})"
    trace = _JAVA_TRACE.format(line=rng.randrange(90, 99), ms=30_000 + rng.randrange(9))
    return f"{head} ERROR {thread} c.s.o.OrderController - order {uuid(rng)} failed\n{trace}"


def _python(rng: random.Random, at: datetime) -> str:
    head = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}"
    kind = rng.random()
    if kind < 0.6:
        return f"[{head}: INFO/MainProcess] Task shop.charge[{uuid(rng)}] received"
    if kind < 0.985:
        took = rng.random() * 3
        return (
            f"[{head}: INFO/ForkPoolWorker-{rng.randrange(8)}] Task shop.charge[{uuid(rng)}] succeeded in {took:.6f}s"
        )
    trace = _PYTHON_TRACE.format(line=rng.randrange(10, 99), job=rng.randrange(1_000_000))
    return f"[{head}: ERROR/ForkPoolWorker-{rng.randrange(8)}] Task shop.charge[{uuid(rng)}] raised\n{trace}"


def _klog(rng: random.Random, at: datetime) -> str:
    letter, said = rng.choices(
        (
            ("I", f'"Synced" pod="shop/checkout-{rng.getrandbits(40):010x}" duration="{rng.random() * 90:.3f}ms"'),
            ("W", f"watch of *v1.Pod ended with: too old resource version: {rng.randrange(10**7)}"),
            ("E", f'"Unhandled Error" err="Put \\"https://{_ip(rng)}:443/x\\": context deadline exceeded"'),
        ),
        (96, 3, 1),
    )[0]
    return f"{letter}{at:%m%d %H:%M:%S.%f}       1 controller.go:{rng.randrange(100, 400)}] {said}"


FORMATS: dict[str, Maker] = {
    "access": _access,
    "json": _json,
    "logfmt": _logfmt,
    "java": _java,
    "python": _python,
    "klog": _klog,
}

FAULTS: dict[str, tuple[str, ...]] = {
    "access": ('HTTP/1.1" 500', 'HTTP/1.1" 503'),
    "json": ("cannot store order", "connection refused", "slow query"),
    "logfmt": ("commit failed", "not leader for partition", "rebalance of"),
    "java": ("CannotCreateTransactionException", "Connection is not available", " ERROR "),
    "python": ("PaymentDeclined: card declined", "raised"),
    "klog": ("Unhandled Error", "context deadline exceeded", "too old resource version"),
}
"""What tells each fault that a format's log contains: a summary that keeps the fault keeps these words."""


def sample(name: str, lines: int, *, seed: int = 1) -> Iterator[tuple[datetime, str]]:
    """(time, line) of one format, at least so many lines, ten a second; the same for the same seed."""
    rng = random.Random(f"{name}{seed}")
    made = 0
    while made < lines:
        at = START + timedelta(milliseconds=100 * made)
        for line in FORMATS[name](rng, at).split("\n"):
            yield at, line
            made += 1
