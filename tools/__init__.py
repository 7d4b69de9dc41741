"""What the assistant can do: catalog, cluster, logs, diagnosis. Knows no model, no Slack, no conversation."""
