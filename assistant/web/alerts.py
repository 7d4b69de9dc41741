"""POST /alerts: what Alertmanager sends (webhook payload version 4)."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.alerts import Alert

MAX_BYTES = 1_000_000
MAX_ALERTS = 200


class WebhookAlert(BaseModel, frozen=True):
    """One entry of `alerts`. Fields beside these are left alone."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    starts_at: Annotated[datetime, Field(alias="startsAt")]
    fingerprint: str = ""

    def alert(self) -> Alert:
        """In the application's words. Older senders give no fingerprint: the labels are one too."""
        fingerprint = self.fingerprint or ",".join(f"{key}={value}" for key, value in sorted(self.labels.items()))
        told = self.annotations.get("summary") or self.annotations.get("description") or ""
        name = self.labels.get("alertname", "Alert")
        return Alert(
            status=self.status,
            fingerprint=fingerprint[:200],
            starts_at=self.starts_at,
            title=f"{name}: {told}" if told else name,
            labels=self.labels,
        )


class Webhook(BaseModel, frozen=True):
    """The body. See prometheus.io/docs/alerting/latest/configuration/#webhook_config."""

    version: Literal["4"]
    alerts: tuple[WebhookAlert, ...]


@dataclass(frozen=True)
class AlertIntake:
    """The endpoint. `token`: what senders show as bearer token."""

    token: str
    take: Callable[[Sequence[Alert]], Awaitable[None]]

    async def handle(self, request: Request) -> Response:
        """202 when taken; 401, 413 and 422 as they say. Alertmanager repeats what was not answered with 2xx."""
        if not self._is_known(request.headers.get("authorization", "")):
            return JSONResponse({"error": "unknown bearer token"}, status_code=401)
        body = await _bounded(request)
        if body is None:
            return JSONResponse({"error": f"more than {MAX_BYTES} bytes"}, status_code=413)
        try:
            webhook = Webhook.model_validate_json(body)
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5]]
            return JSONResponse(
                {"error": "not an Alertmanager webhook of version 4", "faults": faults}, status_code=422
            )
        await self.take([one.alert() for one in webhook.alerts[:MAX_ALERTS]])
        return JSONResponse({"taken": min(len(webhook.alerts), MAX_ALERTS)}, status_code=202)

    def _is_known(self, header: str) -> bool:
        kind, _, given = header.partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self.token.encode())


async def _bounded(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)
