"""How Slack signs a request (docs.slack.dev/authentication/verifying-requests-from-slack)."""

import hashlib
import hmac


def sign(body: str, *, secret: str, timestamp: int) -> dict[str, str]:
    """The two headers Slack adds: HMAC-SHA256 over `v0:timestamp:body`."""
    base = f"v0:{timestamp}:{body}".encode()
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}
