"""An emulated Kubernetes API server on loopback; README.md beside this file says how to use it."""

from evals.emulators.kubernetes.server import KubernetesEmulator, RecordedRequest
from evals.emulators.kubernetes.world import load_world

__all__ = ["KubernetesEmulator", "RecordedRequest", "load_world"]
