"""Jobs and CronJobs as a person writes them."""

from typing import Any

from tests.builders.small_cluster import NAMESPACE

WORK = {"name": "work", "image": "shop/report:1", "command": ["report"], "env": [{"name": "TOKEN", "value": "hunter2"}]}


def job(name: str = "migrate", **spec: Any) -> dict[str, Any]:
    """A Job of one pod that is tried once."""
    meta = {"name": name, "namespace": NAMESPACE, "labels": {"app": name}, "annotations": spec.pop("annotations", {})}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": _spec(**spec)}


def cron_job(name: str = "nightly-report", **spec: Any) -> dict[str, Any]:
    """A CronJob that is due every night at two."""
    template = {"metadata": {"labels": {"app": name}}, "spec": _spec()}
    meta = {"name": name, "namespace": NAMESPACE}
    body = {"schedule": "0 2 * * *", "jobTemplate": template, **spec}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": body}


def _spec(**more: Any) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [WORK]}
    return {"backoffLimit": 0, "template": {"metadata": {"labels": {"team": "shop"}}, "spec": pod}, **more}
