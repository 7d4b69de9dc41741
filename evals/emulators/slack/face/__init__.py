"""The face of the workspace: a local web page that looks and works like Slack."""
