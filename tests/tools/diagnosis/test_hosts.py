import pytest

from tools.diagnosis.hosts import in_line, in_setting, service_name

LINES = {
    "dial tcp: lookup payments on 10.96.0.10:53: no such host": ("payments", None, "resolve"),
    "dial tcp 10.0.0.7:5432: connect: connection refused": ("10.0.0.7", 5432, "refused"),
    "dial tcp 10.0.0.7:5432: i/o timeout": ("10.0.0.7", 5432, "timeout"),
    "Error: connect ECONNREFUSED 10.0.0.7:5432": ("10.0.0.7", 5432, "refused"),
    "Error: getaddrinfo ENOTFOUND payments": ("payments", None, "resolve"),
    "Error: getaddrinfo EAI_AGAIN payments.shop": ("payments.shop", None, "resolve"),
    "java.net.UnknownHostException: payments": ("payments", None, "resolve"),
    'psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known': (
        "db",
        None,
        "resolve",
    ),
    'could not connect to server: Connection refused\n\tIs the server running on host "db" (10.0.0.7) and accepting'
    " TCP/IP connections on port 5432?": ("db", 5432, "refused"),
    'connection to server at "db" (10.0.0.7), port 5432 failed: Connection refused': ("db", 5432, "refused"),
    "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.": (
        "redis",
        6379,
        "refused",
    ),
    'Get "http://payments:8080/v1/pay": dial tcp 10.0.0.7:8080: connect: connection refused': (
        "payments",
        8080,
        "refused",
    ),
    "requests: HTTPConnectionPool(host='payments', port=8080): Max retries exceeded (Connection refused)": (
        "payments",
        8080,
        "refused",
    ),
    "curl: (6) Could not resolve host: payments": ("payments", None, "resolve"),
    "failed to connect to payments:8080: timed out": ("payments", 8080, "timeout"),
}


@pytest.mark.parametrize("line", LINES)
def test_reads_host_port_and_manner_of_failure_out_of_a_line(line):
    called = in_line(line)

    assert (called.host, called.port, called.failed) == LINES[line]


@pytest.mark.parametrize(
    "line",
    [
        "GET /payments 200 3ms",
        "connected to payments:8080",
        "listening on 0.0.0.0:8080",
        "connect ECONNREFUSED 127.0.0.1:9000",
        "access refused for user 17",
        "",
    ],
)
def test_a_line_without_a_failed_call_names_no_host(line):
    assert in_line(line) is None


@pytest.mark.parametrize(
    ("name", "value", "host", "port"),
    [
        ("PAYMENTS_URL", "http://payments:8080/v1", "payments", 8080),
        ("DATABASE_URL", "postgres://user:pw@db.shop:5432/app", "db.shop", 5432),
        ("REDIS_HOST", "redis", "redis", None),
        ("BROKERS", "kafka:9092", "kafka", 9092),
    ],
)
def test_reads_the_host_of_a_setting(name, value, host, port):
    called = in_setting(name, value)

    assert (called.host, called.port) == (host, port)


@pytest.mark.parametrize(("name", "value"), [("LOG_LEVEL", "debug"), ("HOST", "0.0.0.0"), ("MODE", "payments")])
def test_a_setting_that_names_no_host_is_left_alone(name, value):
    assert in_setting(name, value) is None


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("payments", ("payments", "shop")),
        ("payments.finance", ("payments", "finance")),
        ("payments.finance.svc.cluster.local", ("payments", "finance")),
        ("db-0.db.finance.svc", ("db", "finance")),
        ("api.example.com", None),
        ("10.0.0.7", None),
    ],
)
def test_knows_which_service_a_name_means(host, place):
    assert service_name(host, "shop") == place
