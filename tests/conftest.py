"""What holds for every test: loopback only, and the HTTP doubles see the client that openai uses."""

import httpx2

httpx2.alias_httpx()  # before respx: openai 3 and our adapters speak through httpx2

import pytest  # noqa: E402  (the alias must come first)
from pytest_socket import socket_allow_hosts  # noqa: E402

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.fixture(autouse=True)
def only_loopback() -> None:
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
