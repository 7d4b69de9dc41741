"""Who a request comes from: bearer token, then impersonation headers, which need their own permission."""

from collections.abc import Iterator

from multidict import CIMultiDictProxy

from evals.emulators.kubernetes.errors import ApiError, bad_request, unauthorized
from evals.emulators.kubernetes.rbac import Attributes, Authorizer
from evals.emulators.kubernetes.users import (
    ANONYMOUS,
    AUTHENTICATED,
    UNAUTHENTICATED,
    User,
    Users,
    service_account_user,
)

Headers = CIMultiDictProxy[str]

_EXTRA = "impersonate-extra-"
_SERVICE_ACCOUNT = "system:serviceaccount:"
_EXTENSIONS = "authentication.k8s.io"


def authenticate(headers: Headers, users: Users, insecure_user: str = "") -> User:
    """The user of the bearer token; without one `insecure_user` or `system:anonymous`. Raises ApiError 401."""
    header = headers.get("Authorization", "")
    if not header:
        return users.of_name(insecure_user) if insecure_user else ANONYMOUS
    scheme, _, token = header.partition(" ")
    user = users.of_token(token.strip()) if scheme.lower() == "bearer" else None
    if user is None:
        raise unauthorized()
    return user


def impersonate(headers: Headers, user: User, authorizer: Authorizer) -> User:
    """The user a request acts as. Raises ApiError 403 when the caller may not be that user or in that group."""
    name = headers.get("Impersonate-User", "")
    groups = headers.getall("Impersonate-Group", [])
    extra = {key[len(_EXTRA) :].lower(): headers.getall(key) for key in headers if key.lower().startswith(_EXTRA)}
    uid = headers.get("Impersonate-Uid", "")
    if not name:
        if groups or extra or uid:
            raise bad_request("requested impersonation without impersonating a user")
        return user
    for wanted in _permissions(name, groups, uid, extra):
        if not authorizer.authorize(user, wanted).allowed:
            raise _refused(user, wanted)
    if name.startswith(_SERVICE_ACCOUNT) and not groups:
        groups = list(service_account_user(*name.removeprefix(_SERVICE_ACCOUNT).split(":", 1)).groups)
    implied = UNAUTHENTICATED if name == ANONYMOUS.name else AUTHENTICATED
    return User(name, tuple(dict.fromkeys([*groups, implied])), uid, extra)


def _permissions(name: str, groups: list[str], uid: str, extra: dict[str, list[str]]) -> Iterator[Attributes]:
    if name.startswith(_SERVICE_ACCOUNT) and name.count(":") == 3:
        _, _, namespace, account = name.split(":")
        yield Attributes("impersonate", "", "serviceaccounts", "", namespace, account)
    else:
        yield Attributes("impersonate", "", "users", name=name)
    for group in groups:
        yield Attributes("impersonate", "", "groups", name=group)
    if uid:
        yield Attributes("impersonate", _EXTENSIONS, "uids", name=uid)
    for key, values in extra.items():
        for value in values:
            yield Attributes("impersonate", _EXTENSIONS, "userextras", key, name=value)


def _refused(user: User, wanted: Attributes) -> ApiError:
    return forbidden_for(user, wanted)


def forbidden_for(user: User, wanted: Attributes) -> ApiError:
    """403 of authorization: who cannot do what, and where."""
    if wanted.path:
        message = f'forbidden: User "{user.name}" cannot {wanted.verb} path "{wanted.path}"'
        return ApiError(403, "Forbidden", message, {})
    qualified = f"{wanted.resource}.{wanted.group}" if wanted.group else wanted.resource
    subject = f'{qualified} "{wanted.name}"' if wanted.name else qualified
    where = f'in the namespace "{wanted.namespace}"' if wanted.namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{user.name}" cannot {wanted.verb} resource "{wanted.target}" '
        f'in API group "{wanted.group}" {where}'
    )
    details = {"name": wanted.name, "group": wanted.group, "kind": wanted.resource}
    return ApiError(403, "Forbidden", message, {key: value for key, value in details.items() if value})
