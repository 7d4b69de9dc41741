"""What the kubeconfig says beside credentials."""

import yaml

from assistant.settings import ClusterSettings, kubeconfig_path


def context_namespace(settings: ClusterSettings) -> str | None:
    """The namespace that the kubeconfig's context names, as kubectl uses it; None when it names none."""
    path = kubeconfig_path(settings)
    try:
        config = yaml.safe_load(path.read_text("utf-8")) if path else None
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return None  # the client says what is wrong with the file
    if not isinstance(config, dict):
        return None
    wanted = settings.context or config.get("current-context")
    contexts = config.get("contexts")
    entries = [one for one in contexts if isinstance(one, dict)] if isinstance(contexts, list) else []
    named = next((one.get("context") for one in entries if one.get("name") == wanted), None)
    namespace = named.get("namespace") if isinstance(named, dict) else None
    return str(namespace) if namespace else None
