"""Turns and proposals as Block Kit. The only place that makes Slack dicts to send."""
