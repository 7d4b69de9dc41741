"""Composition root: the only place that turns settings into adapters and wires them together."""

from assistant.bootstrap.adapters import (
    build_directory,
    build_model,
    build_policy,
    open_catalog,
    open_cluster,
    open_storage,
)
from assistant.bootstrap.app import App, open_app

__all__ = [
    "App",
    "build_directory",
    "build_model",
    "build_policy",
    "open_app",
    "open_catalog",
    "open_cluster",
    "open_storage",
]
