"""Events and interactions over HTTP: signed requests to the app's request URL."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

import aiohttp

from evals.emulators.slack.model import App, Json
from evals.emulators.slack.outbox import Ack, Delivery, Failure, Retry
from evals.emulators.slack.signing import sign


class HttpRequests:
    """A transport: POSTs to `url` as Slack's servers do. Close it at the end."""

    def __init__(self, url: str, app: App, clock: Callable[[], datetime]) -> None:
        self.url = url
        self._app = app
        self._clock = clock
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        await self._session.close()

    async def verify_url(self) -> None:
        """The handshake of a new request URL; ValueError when the challenge does not come back."""
        body = {"token": self._app.verification_token, "challenge": "emulator-challenge", "type": "url_verification"}
        async with self._post(json.dumps(body), "application/json", None, 3.0) as response:
            answer = await response.text()
            if response.status != 200 or "emulator-challenge" not in answer:  # HTTP OK
                raise ValueError(f"{self.url} did not return the challenge: {response.status} {answer[:200]}")

    async def attempt(self, delivery: Delivery, retry: Retry | None, timeout: float) -> Ack | Failure:  # noqa: ASYNC109  # Slack's own limit
        """POST once; any 2xx acknowledges, its body is the ack's payload."""
        body, content_type = _encode(delivery)
        started = time.monotonic()
        try:
            async with self._post(body, content_type, retry, timeout) as response:
                text = await response.text()
                if response.ok:
                    return Ack(_payload(text), time.monotonic() - started)
                return Failure("http_error", final=response.headers.get("X-Slack-No-Retry") == "1")
        except TimeoutError:
            return Failure("http_timeout")
        except aiohttp.ClientError:
            return Failure("connection_failed")

    def _post(
        self, body: str, content_type: str, retry: Retry | None, seconds: float
    ) -> "aiohttp.client._RequestContextManager":
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= sign(body, secret=self._app.signing_secret, timestamp=int(self._clock().timestamp()))
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
        limit = aiohttp.ClientTimeout(total=seconds)
        return self._session.post(self.url, data=body.encode(), headers=headers, timeout=limit)


def _encode(delivery: Delivery) -> tuple[str, str]:
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload), "application/json"
    if delivery.kind == "interactive":
        return urlencode({"payload": json.dumps(delivery.payload)}), "application/x-www-form-urlencoded"
    return urlencode(delivery.payload), "application/x-www-form-urlencoded"


def _payload(text: str) -> Json | None:
    if not text.strip():
        return None
    try:
        answer = json.loads(text)
    except json.JSONDecodeError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
