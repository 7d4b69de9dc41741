"""Composition root: the only place that turns settings into adapters and wires them together.

`adapters` makes one adapter each, `app` what answers questions, `work` what runs in the background and in Slack.
A command imports what it needs: the workflow engine and Slack take a second to load.
"""
