"""A Slack workspace double: Web API, Socket Mode, signed HTTP, and people who use it."""
