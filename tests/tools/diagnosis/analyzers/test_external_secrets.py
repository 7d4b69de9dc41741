from tests.builders.kubernetes import waiting
from tests.builders.observations import FakeCluster, diagnose
from tests.builders.platform_objects import make_custom, unready
from tests.builders.shop_faults import container, current_set, deployment, pod_with

REF = {"secretKeyRef": {"name": "pay-token", "key": "token"}}
BOX = container(env=[{"name": "TOKEN", "valueFrom": REF}])
MISSING = pod_with(waiting("CreateContainerConfigError", 'secret "pay-token" not found'), box=BOX)
TEMPLATE = {"metadata": {"labels": {"app": "checkout"}}, "spec": {"containers": [BOX]}}
BROKEN = (deployment(template=TEMPLATE), current_set(BOX), MISSING)
SPEC = {"secretStoreRef": {"name": "vault"}, "target": {"name": "pay-token"}}


async def test_a_secret_that_was_not_synced_is_told_before_the_missing_secret():
    external = make_custom("ExternalSecret", "pay", spec=SPEC, status=unready("SecretSyncedError", "no path kv/pay"))

    found = await diagnose(*BROKEN, external)

    assert found.root_cause.cause == "eso-sync-error"
    assert "no path kv/pay" in found.summary
    assert "config-missing-configmap-or-secret" in [one.cause for one in found.effects]


async def test_a_store_that_is_not_valid_is_the_cause_of_it_all():
    external = make_custom("ExternalSecret", "pay", spec=SPEC, status=unready("SecretSyncedError", "could not get it"))
    store = make_custom("SecretStore", "vault", status=unready("InvalidProviderConfig", "permission denied"))

    found = await diagnose(*BROKEN, external, store)

    assert found.root_cause.cause == "eso-store-invalid"
    assert {"eso-sync-error", "config-missing-configmap-or-secret"} <= {one.cause for one in found.effects}


async def test_without_the_operator_only_the_missing_secret_is_told():
    cluster = FakeCluster(BROKEN)

    found = await diagnose(cluster=cluster)

    assert found.root_cause.cause == "config-missing-configmap-or-secret"
    assert found.not_read == ()
