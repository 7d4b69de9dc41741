"""Turn "checkout in staging" into one object of one cluster."""

from tools.targets.environments import EnvironmentRule
from tools.targets.resolve import ClusterTargets

__all__ = ["ClusterTargets", "EnvironmentRule"]
