"""Faults hit the requests they name, as often as they were asked to."""

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout

from evals.emulators.kubernetes import KubernetesEmulator

NODES = "/api/v1/nodes"


async def status_of(emulator: KubernetesEmulator, path: str = NODES) -> tuple[int, dict[str, str]]:
    headers = {"Authorization": f"Bearer {emulator.token_for('admin')}"}
    async with (
        ClientSession(timeout=ClientTimeout(total=1)) as session,
        session.get(emulator.url + path, headers=headers) as response,
    ):
        return response.status, dict(response.headers)


async def test_throttling_says_when_to_come_back() -> None:
    async with KubernetesEmulator() as emulator:
        emulator.faults.throttle(retry_after=2, path="nodes", times=1)

        first, headers = await status_of(emulator)
        second, _ = await status_of(emulator)

        assert (first, headers["Retry-After"], second) == (429, "2", 200)


async def test_an_error_hits_only_the_named_path() -> None:
    async with KubernetesEmulator() as emulator:
        emulator.faults.error(500, path="/nodes$", times=2)

        other, _ = await status_of(emulator, "/api/v1/namespaces")
        codes = [(await status_of(emulator))[0] for _ in range(3)]

        assert (other, codes) == (200, [500, 500, 200])


async def test_a_broken_connection_reaches_the_client_as_one() -> None:
    async with KubernetesEmulator() as emulator:
        emulator.faults.disconnect(path="nodes", times=9)  # clients try reads again by themselves

        with pytest.raises(ClientError):
            await status_of(emulator)
        emulator.faults.clear()

        assert (await status_of(emulator))[0] == 200


async def test_latency_makes_a_client_run_into_its_timeout() -> None:
    async with KubernetesEmulator() as emulator:
        emulator.faults.latency(5, path="nodes")

        with pytest.raises(TimeoutError):
            await status_of(emulator)


async def test_faults_can_be_cleared() -> None:
    async with KubernetesEmulator() as emulator:
        emulator.faults.error(times=100)
        emulator.faults.clear()

        assert (await status_of(emulator))[0] == 200
