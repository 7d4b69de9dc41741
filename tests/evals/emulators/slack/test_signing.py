"""Signatures are those that Slack's own verifier accepts."""

from slack_sdk.signature import SignatureVerifier

from evals.emulators.slack.signing import sign
from tests.builders.slack_bot import now


def test_the_sdk_accepts_the_signature_and_refuses_another_body() -> None:
    headers = sign("payload=1", secret="s3cret", timestamp=int(now().timestamp()))
    verifier = SignatureVerifier("s3cret")

    assert verifier.is_valid_request("payload=1", headers)
    assert not verifier.is_valid_request("payload=2", headers)
