"""What the server fills in for pods and pod templates."""

from typing import Any

from evals.emulators.kubernetes.objects import Json

TOKEN_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  (a path)
TOKEN_VOLUME = "kube-api-access-"  # noqa: S105  (a prefix)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_NO_EXECUTE_SECONDS = 300  # of the DefaultTolerationSeconds admission plugin


def _fill(target: Json, **values: Any) -> None:
    for key, value in values.items():
        if target.get(key) is None:
            target[key] = value


def default_template(spec: Json) -> None:
    """Defaults of `spec.template` of a workload."""
    template = spec.setdefault("template", {})
    metadata = template.setdefault("metadata", {})
    if metadata.get("annotations") == {}:
        del metadata["annotations"]
    default_pod_spec(template.setdefault("spec", {}))


def default_pod_spec(spec: Json) -> None:
    _fill(spec, restartPolicy="Always", terminationGracePeriodSeconds=30, dnsPolicy="ClusterFirst")
    _fill(spec, securityContext={}, schedulerName="default-scheduler")
    if spec.get("serviceAccountName"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    for container in containers_of(spec):
        _container(container)
    for volume in spec.get("volumes") or []:
        _volume(volume)


def _container(container: Json) -> None:
    _fill(container, resources={}, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
    _fill(container, imagePullPolicy=_pull_policy(str(container.get("image", ""))))
    limits = container["resources"].get("limits")
    if limits:
        container["resources"]["requests"] = limits | (container["resources"].get("requests") or {})
    for port in container.get("ports") or []:
        _fill(port, protocol="TCP")
    for name in _PROBES:
        if container.get(name):
            _probe(container[name])
    for entry in container.get("env") or []:
        reference = (entry.get("valueFrom") or {}).get("fieldRef")
        if reference:
            _fill(reference, apiVersion="v1")


def _pull_policy(image: str) -> str:
    last = image.rsplit("/", 1)[-1]
    is_latest = "@" not in last and (":" not in last or last.endswith(":latest"))
    return "Always" if is_latest else "IfNotPresent"


def _probe(probe: Json) -> None:
    _fill(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    if "httpGet" in probe:
        _fill(probe["httpGet"], path="/", scheme="HTTP")


def _volume(volume: Json) -> None:
    for source in ("configMap", "secret", "projected", "downwardAPI"):
        if isinstance(volume.get(source), dict):
            _fill(volume[source], defaultMode=420)
    if len(volume) == 1:
        volume["emptyDir"] = {}


def default_pod(pod: Json) -> None:
    """Defaults of a pod itself."""
    spec = pod.setdefault("spec", {})
    default_pod_spec(spec)
    _fill(spec, enableServiceLinks=True)
    status = pod.setdefault("status", {})
    _fill(status, phase="Pending")
    status["qosClass"] = qos_class(spec)


def admit_pod(spec: Json) -> None:
    """What admission adds to a new pod: service account, priority, tolerations. No manager owns it."""
    _fill(spec, serviceAccountName="default", priority=0, preemptionPolicy="PreemptLowerPriority")
    _fill(spec, serviceAccount=spec["serviceAccountName"])
    _tolerations(spec)


def _tolerations(spec: Json) -> None:
    tolerations = spec.setdefault("tolerations", [])
    for condition in ("not-ready", "unreachable"):
        key = f"node.kubernetes.io/{condition}"
        if not any(
            item.get("key") in (key, None) and item.get("effect") in ("NoExecute", None) for item in tolerations
        ):
            tolerations.append(
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _NO_EXECUTE_SECONDS}
            )


def _covers(toleration: Json, key: str) -> bool:
    return toleration.get("key") in (key, None) and toleration.get("effect") in ("NoExecute", None)


def containers_of(spec: Json) -> list[Json]:
    """Init containers, then containers."""
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def mount_token(pod: Json, volume_name: str) -> None:
    """Add the service account token volume, as the ServiceAccount admission plugin does."""
    spec = pod["spec"]
    if spec.get("automountServiceAccountToken") is False:
        return
    present = next((v for v in spec.get("volumes") or [] if v["name"].startswith(TOKEN_VOLUME)), None)
    if present is None:
        spec.setdefault("volumes", []).append(_token_volume(volume_name))
    name = present["name"] if present else volume_name
    for container in containers_of(spec):
        mounts = container.setdefault("volumeMounts", [])
        if not any(mount.get("mountPath") == TOKEN_MOUNT for mount in mounts):
            mounts.append({"name": name, "readOnly": True, "mountPath": TOKEN_MOUNT})


def _token_volume(name: str) -> Json:
    field = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    authority = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    sources: list[Json] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": authority},
        {"downwardAPI": {"items": [field]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}


def qos_class(spec: Json) -> str:
    """Guaranteed, Burstable or BestEffort from requests and limits of all containers."""
    resources = [
        c.get("resources") or {} for c in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    ]
    if not any(item.get("limits") or item.get("requests") for item in resources):
        return "BestEffort"
    guaranteed = all(
        {"cpu", "memory"} <= set(item.get("limits") or {})
        and all((item.get("requests") or {}).get(k, v) == v for k, v in item["limits"].items())
        for item in resources
    )
    return "Guaranteed" if guaranteed else "Burstable"
