"""Discovery: what groups, versions and resources there are, in the plain and the aggregated form."""

from evals.emulators.kubernetes.objects import Json, prune
from evals.emulators.kubernetes.resources import Registry, Resource, Subresource

VERSION: Json = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.0",
    "gitCommit": "$Format:%H$",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "go1.27.3",
    "compiler": "gc",
    "platform": "linux/amd64",
}
AGGREGATED = "apidiscovery.k8s.io"


def core_versions(address: str) -> Json:
    """/api."""
    where = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": where}


def group_list(registry: Registry) -> Json:
    """/apis."""
    groups = [_group(registry, name) for name in registry.groups()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(registry: Registry, name: str) -> Json | None:
    """/apis/GROUP, or None when there is none."""
    if name not in registry.groups():
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(registry, name)}


def _group(registry: Registry, name: str) -> Json:
    versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in registry.versions(name)]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def resource_list(registry: Registry, name: str, version: str) -> Json | None:
    """/apis/GROUP/VERSION or /api/v1, or None when there is none."""
    resources = registry.of_group(name, version)
    if not resources:
        return None
    rows: list[Json] = []
    for resource in sorted(resources, key=lambda item: item.plural):
        rows.append(_row(resource))
        rows += [_sub_row(resource, sub) for sub in resource.subresources]
    head = {"kind": "APIResourceList"} | ({"apiVersion": "v1"} if name else {})
    return {**head, "groupVersion": f"{name}/{version}" if name else version, "resources": rows}


def _row(resource: Resource) -> Json:
    return prune(
        {
            "name": resource.plural,
            "singularName": resource.singular,
            "namespaced": resource.namespaced,
            "kind": resource.kind,
            "verbs": list(resource.verbs),
            "shortNames": list(resource.short_names) or None,
            "categories": list(resource.categories) or None,
            "storageVersionHash": resource.storage_version_hash
            if resource.stored and "create" in resource.verbs
            else None,
        }
    )


def _sub_row(resource: Resource, sub: Subresource) -> Json:
    return prune(
        {
            "name": f"{resource.plural}/{sub.name}",
            "singularName": "",
            "namespaced": resource.namespaced,
            "group": sub.group or None,
            "version": sub.version or None,
            "kind": sub.kind,
            "verbs": list(sub.verbs),
        }
    )


def aggregated(registry: Registry, *, core: bool) -> Json:
    """/api or /apis as apidiscovery.k8s.io/v2, which newer clients ask for first."""
    names = [""] if core else registry.groups()
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{AGGREGATED}/v2",
        "metadata": {},
        "items": [_aggregated_group(registry, name) for name in names],
    }


def _aggregated_group(registry: Registry, name: str) -> Json:
    versions = [
        {
            "version": version,
            "resources": [_aggregated_row(resource) for resource in registry.of_group(name, version)],
            "freshness": "Current",
        }
        for version in registry.versions(name)
    ]
    return {"metadata": {"name": name} if name else {}, "versions": versions}


def _aggregated_row(resource: Resource) -> Json:
    subresources = [
        {
            "subresource": sub.name,
            "responseKind": {"group": sub.group or resource.group, "version": sub.version or "", "kind": sub.kind},
            "verbs": list(sub.verbs),
        }
        for sub in resource.subresources
    ]
    return prune(
        {
            "resource": resource.plural,
            "responseKind": {"group": resource.group, "version": resource.version, "kind": resource.kind},
            "scope": "Namespaced" if resource.namespaced else "Cluster",
            "singularResource": resource.singular,
            "verbs": list(resource.verbs),
            "shortNames": list(resource.short_names) or None,
            "categories": list(resource.categories) or None,
            "subresources": subresources or None,
        }
    )
