"""How the assistant converses: the agent, the confirmation step, identity, storage, Slack, the command line."""
