"""What may leave: one boundary, passed by everything that goes to a model, Slack, the audit log or a trace."""

from assistant.redaction.markers import MARKER_EXAMPLE, use_salt
from assistant.redaction.structures import redact_json, redact_model
from assistant.redaction.text import redact_text

__all__ = ["MARKER_EXAMPLE", "redact_json", "redact_model", "redact_text", "use_salt"]
