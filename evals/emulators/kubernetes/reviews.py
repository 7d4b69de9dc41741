"""Reviews: what may I do, who am I."""

from evals.emulators.kubernetes.objects import Json, prune
from evals.emulators.kubernetes.rbac import Attributes, Authorizer
from evals.emulators.kubernetes.users import User


def access_review(authorizer: Authorizer, user: User, body: Json) -> Json:
    """Answer a SelfSubjectAccessReview for `user`, or a SubjectAccessReview for the user its spec names."""
    spec = body.get("spec") or {}
    if "user" in spec or "groups" in spec:
        user = User(spec.get("user", ""), tuple(spec.get("groups") or ()))
    decision = authorizer.authorize(user, _attributes(spec))
    status = prune({"allowed": decision.allowed, "reason": decision.reason or None})
    return _answer(body, spec, status)


def _attributes(spec: Json) -> Attributes:
    if spec.get("nonResourceAttributes"):
        wanted = spec["nonResourceAttributes"]
        return Attributes(wanted.get("verb", ""), path=wanted.get("path", ""))
    wanted = spec.get("resourceAttributes") or {}
    names = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Attributes(**{name: wanted.get(name, "") for name in names})


def rules_review(authorizer: Authorizer, user: User, body: Json) -> Json:
    """Answer a SelfSubjectRulesReview."""
    spec = body.get("spec") or {}
    rules = authorizer.rules_for(user, spec.get("namespace", ""))
    fields = ("verbs", "apiGroups", "resources", "resourceNames")
    on_resources = [{k: rule[k] for k in fields if k in rule} for rule in rules if "resources" in rule]
    on_paths = [{k: rule[k] for k in ("verbs", "nonResourceURLs")} for rule in rules if "nonResourceURLs" in rule]
    status = {"resourceRules": on_resources, "nonResourceRules": on_paths, "incomplete": False}
    return _answer(body, spec, status)


def self_review(user: User, created: str) -> Json:
    """Answer a SelfSubjectReview."""
    info = {"username": user.name, "uid": user.uid or None, "groups": list(user.groups) or None}
    info["extra"] = dict(user.extra) or None  # type: ignore[assignment]
    return {
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": created},
        "status": {"userInfo": prune(info)},
    }


def _answer(body: Json, spec: Json, status: Json) -> Json:
    metadata = prune(body.get("metadata") or {})
    return {
        "kind": body["kind"],
        "apiVersion": body["apiVersion"],
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }
