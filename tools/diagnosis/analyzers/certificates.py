"""Certificates that cert-manager has not issued or cannot renew (cert-manager.io/v1)."""

from collections.abc import Iterator
from datetime import datetime

from tools.cluster.models.custom import Custom
from tools.diagnosis.facts import condition_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each Certificate that is not ready: a cause when none is valid, a remark while one still is."""
    for certificate in observations.platform.of_kind("Certificate"):
        ready = certificate.condition("Ready")
        if ready is None or ready.status == "True":
            continue
        until = _valid_until(certificate)
        valid = until is not None and until > observations.at
        facts = [condition_fact(certificate, ready, observations.at)]
        issuing = certificate.condition("Issuing")
        facts += [condition_fact(certificate, issuing, observations.at)] if issuing else []
        facts += [field_fact(certificate, "status.notAfter", f"{until:%Y-%m-%d %H:%M} UTC", until)] if until else []
        message = (issuing and issuing.message) or ready.message or ready.reason
        yield Finding(
            cause="cert-manager-not-ready",
            role="info" if valid else "cause",
            title=_title(observations, certificate, until, excerpt(message, 160)),
            explanation="" if valid else "Whoever connects by TLS meets no valid certificate.",
            subject=subject_of(certificate),
            evidence=tuple(facts),
            confidence=0.92,
            next_steps=(
                f"Look at the CertificateRequest, Order and Challenge of the certificate {certificate.name}:"
                " they say what the issuer refuses.",
            ),
            since=ready.last_transition_time,
            key=certificate.name,
        )


def _title(observations: Observations, certificate: Custom, until: datetime | None, said: str) -> str:
    named = f"the certificate {certificate.name} (Secret {certificate.spec.get('secretName', '')})"
    if until is None:
        return f"{named} cannot be issued: {said}"
    when = "runs out" if until > observations.at else "has expired"
    return f"{named} {when} on {until:%Y-%m-%d} and cannot be renewed: {said}"


def _valid_until(certificate: Custom) -> datetime | None:
    text = certificate.status.get("notAfter")
    return datetime.fromisoformat(text) if isinstance(text, str) else None
