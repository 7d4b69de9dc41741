"""The Pod Security Standards `baseline` and `restricted`, and the words the admission plugin has for a breach."""

from collections.abc import Callable, Iterable

from evals.emulators.kubernetes.objects import Json, dig
from evals.emulators.kubernetes.pod_defaults import containers_of

Check = Callable[[Json], str | None]

_BASELINE_CAPABILITIES = {
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
}
_RESTRICTED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_PROFILES = ("RuntimeDefault", "Localhost")


def violations(level: str, spec: Json) -> list[str]:
    """What a pod spec breaks of a level, in the order of the plugin's checks; empty when it conforms."""
    checks = {"baseline": _BASELINE, "restricted": [*_BASELINE, *_RESTRICTED]}.get(level, [])
    return [text for check in checks if (text := check(spec)) is not None]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _subject(noun: str, names: list[str]) -> str:
    return f"{noun}{'s' if len(names) > 1 else ''} {_quoted(names)}"


def _where(spec: Json, broken: Callable[[Json], bool]) -> list[str]:
    return [container["name"] for container in containers_of(spec) if broken(container)]


def _host_namespaces(spec: Json) -> str | None:
    used = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return f"host namespaces ({', '.join(used)})" if used else None


def _privileged(spec: Json) -> str | None:
    names = _where(spec, lambda c: dig(c, "securityContext", "privileged") is True)
    return (
        f"privileged ({_subject('container', names)} must not set securityContext.privileged=true)" if names else None
    )


def _added(container: Json) -> set[str]:
    return set(dig(container, "securityContext", "capabilities", "add") or [])


def _capabilities(spec: Json) -> str | None:
    names = _where(spec, lambda c: bool(_added(c) - _BASELINE_CAPABILITIES))
    extra = sorted({name for c in containers_of(spec) for name in _added(c) - _BASELINE_CAPABILITIES})
    if not names:
        return None
    where = _subject("container", names)
    return f"non-default capabilities ({where} must not include {_quoted(extra)} in securityContext.capabilities.add)"


def _host_path(spec: Json) -> str | None:
    names = [volume["name"] for volume in spec.get("volumes") or [] if "hostPath" in volume]
    return f"hostPath volumes ({_subject('volume', names)})" if names else None


def _host_ports(spec: Json) -> str | None:
    used = {
        c["name"]: [str(p["hostPort"]) for p in c.get("ports") or [] if p.get("hostPort")] for c in containers_of(spec)
    }
    names = [name for name, ports in used.items() if ports]
    ports = ", ".join(port for name in names for port in used[name])
    verb = "use" if len(names) > 1 else "uses"
    return f"hostPort ({_subject('container', names)} {verb} hostPort {ports})" if names else None


def _used_ports(container: Json) -> list[str]:
    return [str(port["hostPort"]) for port in container.get("ports") or [] if port.get("hostPort")]


def _escalation(spec: Json) -> str | None:
    names = _where(spec, lambda c: dig(c, "securityContext", "allowPrivilegeEscalation") is not False)
    must = "must set securityContext.allowPrivilegeEscalation=false"
    return f"allowPrivilegeEscalation != false ({_subject('container', names)} {must})" if names else None


def _unrestricted(spec: Json) -> str | None:
    keeps = _where(spec, lambda c: "ALL" not in (dig(c, "securityContext", "capabilities", "drop") or []))
    adds = _where(spec, lambda c: bool(_added(c) - {"NET_BIND_SERVICE"}))
    extra = sorted({name for c in containers_of(spec) for name in _added(c) - {"NET_BIND_SERVICE"}})
    parts: list[str] = []
    if keeps:
        parts.append(f'{_subject("container", keeps)} must set securityContext.capabilities.drop=["ALL"]')
    if adds:
        where = _subject("container", adds)
        parts.append(f"{where} must not include {_quoted(extra)} in securityContext.capabilities.add")
    return f"unrestricted capabilities ({'; '.join(parts)})" if parts else None


def _volume_types(spec: Json) -> str | None:
    kinds = {volume["name"]: next(iter(set(volume) - {"name"}), "") for volume in spec.get("volumes") or []}
    names = [name for name, kind in kinds.items() if kind and kind not in _RESTRICTED_VOLUMES]
    if not names:
        return None
    used = _quoted(dict.fromkeys(kinds[name] for name in names))
    verb = "use" if len(names) > 1 else "uses"
    return f"restricted volume types ({_subject('volume', names)} {verb} restricted volume type {used})"


def _non_root(spec: Json) -> str | None:
    pod_level = dig(spec, "securityContext", "runAsNonRoot")
    explicit = _where(spec, lambda c: dig(c, "securityContext", "runAsNonRoot") is False)
    if explicit:
        where = _subject("container", explicit)
        return f"runAsNonRoot != true ({where} must not set securityContext.runAsNonRoot=false)"
    unset = _where(spec, lambda c: dig(c, "securityContext", "runAsNonRoot") is None)
    if pod_level is True or not unset:
        return None
    return f"runAsNonRoot != true (pod or {_subject('container', unset)} must set securityContext.runAsNonRoot=true)"


def _run_as_user(spec: Json) -> str | None:
    if dig(spec, "securityContext", "runAsUser") == 0:
        return "runAsUser=0 (pod must not set runAsUser=0)"
    names = _where(spec, lambda c: dig(c, "securityContext", "runAsUser") == 0)
    return f"runAsUser=0 ({_subject('container', names)} must not set runAsUser=0)" if names else None


def _seccomp(spec: Json) -> str | None:
    if dig(spec, "securityContext", "seccompProfile", "type") in _PROFILES:
        return None
    names = _where(spec, lambda c: dig(c, "securityContext", "seccompProfile", "type") not in _PROFILES)
    if not names:
        return None
    must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return f"seccompProfile (pod or {_subject('container', names)} {must})"


_BASELINE: list[Check] = [_capabilities, _host_namespaces, _host_path, _host_ports, _privileged]
_RESTRICTED: list[Check] = [_escalation, _unrestricted, _volume_types, _non_root, _run_as_user, _seccomp]
