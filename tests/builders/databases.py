"""Databases for tests: a SQLite file always, a private Postgres cluster when its programs are on the machine."""

import atexit
import functools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.storage.engine import Database
from assistant.storage.upgrade import upgrade

SERVER_USER = "postgres"


class NoPostgres(Exception):
    """Why there is no Postgres here."""


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise NoPostgres("no Postgres programs on this machine")
    return (found[-1] if found else Path(on_path)).parent


def _as_server_user() -> list[str]:
    if os.getuid() != 0:
        return []
    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise NoPostgres("Postgres refuses to run as root and there is no postgres user") from None
    return ["runuser", "-u", SERVER_USER, "--"]


@functools.cache
def postgres_socket() -> str:
    """The socket folder of a cluster that runs until the tests end. Raises NoPostgres."""
    programs, prefix = _programs(), _as_server_user()
    home = Path(tempfile.mkdtemp(prefix="pg"))
    if prefix:
        shutil.chown(home, SERVER_USER)
    start = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off -c max_connections=200"
    commands = [
        [programs / "initdb", "-D", home / "data", "-U", SERVER_USER, "-A", "trust", "-N", "--no-sync"],
        [programs / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log", "-o", start, "start"],
    ]
    for command in commands:
        done = subprocess.run(
            [*prefix, *map(str, command)], capture_output=True, text=True, cwd="/", timeout=60, check=False
        )
        if done.returncode:
            raise NoPostgres(f"{command[0].name} failed: {done.stderr or done.stdout}")
    stop = [*prefix, str(programs / "pg_ctl"), "-D", str(home / "data"), "-m", "immediate", "stop"]
    atexit.register(
        lambda: (subprocess.run(stop, capture_output=True, cwd="/", check=False), shutil.rmtree(home, True))
    )
    return str(home)


@functools.cache
def _psql() -> list[str]:
    return [str(_programs() / "psql"), "-h", postgres_socket(), "-U", SERVER_USER, "-q", "-c"]


def new_postgres_database(name: str) -> str:
    """The URL of an empty database."""
    subprocess.run([*_psql(), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'], check=True, capture_output=True)
    subprocess.run([*_psql(), f'CREATE DATABASE "{name}"'], check=True, capture_output=True)
    return f"postgresql://{SERVER_USER}@/{name}?host={postgres_socket()}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/assistant.db"
    try:
        return new_postgres_database(f"test_{os.getpid()}")
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database, closed at the end."""
    opened = Database(database_url)
    await upgrade(opened)
    yield opened
    await opened.close()
