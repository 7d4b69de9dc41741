from tests.builders.kubernetes import make_container_status, make_owner, make_pod, make_stateful_set, waiting
from tests.builders.kubernetes_platform import make_service
from tests.builders.observations import diagnose

DB = "StatefulSet/db"
PODS = tuple(make_pod(f"db-{number}", owner=make_owner("StatefulSet", "db")) for number in range(2))


async def test_a_missing_governing_service_is_a_remark_on_a_set_that_is_well():
    found = await diagnose(make_stateful_set(), *PODS, workload=DB)

    assert found.health == "healthy"
    assert [one.cause for one in found.others] == ["statefulset-service-missing"]


async def test_a_governing_service_that_is_there_is_no_remark():
    found = await diagnose(make_stateful_set(), *PODS, make_service("db"), workload=DB)

    assert "statefulset-service-missing" not in [one.cause for one in found.others]


async def test_a_class_of_a_claim_template_that_does_not_exist_is_found_before_any_claim_is():
    template = {"metadata": {"name": "data"}, "spec": {"storageClassName": "gold"}}

    found = await diagnose(
        make_stateful_set(ready=0, spec={"volumeClaimTemplates": [template]}), make_service("db"), workload=DB
    )

    assert found.root_cause.cause == "pvc-provisioning-failed"
    assert "gold" in found.summary


async def test_the_failure_of_its_pods_comes_before_the_missing_service():
    state = make_container_status("app", waiting("ErrImagePull", "manifest unknown"))
    broken = make_pod("db-0", owner=make_owner("StatefulSet", "db"), statuses=[state])

    found = await diagnose(make_stateful_set(ready=0), broken, workload=DB)

    assert found.root_cause.cause == "image-not-found"
