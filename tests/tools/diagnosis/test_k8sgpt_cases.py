from pathlib import Path

import pytest
import yaml

from tests.builders.k8sgpt import reported

CASES = Path(__file__).parents[2] / "cases/k8sgpt"
OURS = yaml.safe_load((CASES / "ours.yaml").read_text())
KINDS = {
    "configmap": "ConfigMap",
    "configmap_initcontainer": "ConfigMap",
    "configmap_projected": "ConfigMap",
    "cronjob": "CronJob",
    "daemonset": "DaemonSet",
    "deployment": "Deployment",
    "gatewayclass": "GatewayClass",
    "hpa": "HorizontalPodAutoscaler",
    "ingress": "Ingress",
    "job": "Job",
    "mutating_webhook": "MutatingWebhookConfiguration",
    "netpol": "NetworkPolicy",
    "node": "Node",
    "pdb": "PodDisruptionBudget",
    "pod": "Pod",
    "pvc": "PersistentVolumeClaim",
    "rs": "ReplicaSet",
    "service": "Service",
    "statefulset": "StatefulSet",
    "storage": "PersistentVolumeClaim",
    "validating_webhook": "ValidatingWebhookConfiguration",
}


def read(case):
    return yaml.safe_load((CASES / f"{case}.yaml").read_text())


@pytest.mark.parametrize("case", OURS["reported"])
def test_the_expected_objects_are_reported(case):
    kind = KINDS[case.split("/")[0]]

    found = reported(read(case)["objects"], kind)

    assert found == set(OURS["reported"][case])


def test_every_clean_case_is_compared_or_left_out_for_a_reason():
    files = {f"{path.parent.name}/{path.stem}" for path in CASES.glob("*/*.yaml")}
    clean = {case for case in files if read(case)["clean"]}

    assert clean == {*OURS["reported"], *OURS["left_out"]}
    assert all(len(reason) > 20 for reason in OURS["left_out"].values())
    assert len(clean) >= 127


@pytest.mark.parametrize("case", [case for case in OURS["reported"] if read(case)["expected"].get("expectations")])
def test_what_the_case_itself_names_is_among_what_is_reported(case):
    rows = read(case)["expected"]["expectations"]
    named = {row["name"] if isinstance(row, dict) else row for row in rows}

    assert named - set(OURS["differences"].get(case, {})) <= set(OURS["reported"][case])
