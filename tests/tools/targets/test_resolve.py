"""Turn "checkout in staging" into one object of one cluster."""

import pytest

from tests.builders.cluster_rights import RightsCluster, make_object
from tools.catalog.files import FileCatalog
from tools.errors import Ambiguous, Forbidden, InvalidArgs, NotFound, Unavailable
from tools.targets import ClusterTargets, EnvironmentRule

NAMESPACES = [
    make_object("Namespace", "shop-staging", environment="staging"),
    make_object("Namespace", "shop-prod", environment="production"),
]
SHOP = [
    *NAMESPACES,
    make_object("Deployment", "checkout", "shop-staging"),
    make_object("Deployment", "checkout", "shop-prod"),
    make_object("Deployment", "cart", "shop-staging"),
    make_object("StatefulSet", "db", "shop-staging"),
    make_object("CronJob", "report", "shop-prod"),
]

COMPONENT = """---
apiVersion: backstage.io/v1alpha1
kind: {kind}
metadata:
  name: {name}
  namespace: {namespace}
  title: {title}
  annotations: {{{annotations}}}
spec: {{type: service, owner: shop, system: shop}}
"""


class BrokenCatalog:
    """A catalog that is down."""

    async def find(self, where, *, limit=500):
        raise Unavailable("The catalog does not answer.", system="catalog")

    async def by_refs(self, refs):
        raise Unavailable("The catalog does not answer.", system="catalog")


def write_catalog(folder, *annotations, kind="Component", name="checkout", title="Till", namespace="default"):
    text = COMPONENT.format(kind=kind, name=name, title=title, namespace=namespace, annotations=", ".join(annotations))
    with (folder / "catalog-info.yaml").open("a") as file:
        file.write(text)
    return FileCatalog(folder)


def resolver(cluster, catalog=None, **rules):
    return ClusterTargets({"main": cluster}, "main", catalog, rules)


async def found(objects, name, environment=None, catalog=None, **rules):
    target = await resolver(RightsCluster(objects), catalog, **rules).workload(name, environment)
    return f"{target.ref.kind}/{target.ref.name} in {target.ref.namespace}"


@pytest.mark.parametrize(
    ("name", "environment", "expected"),
    [
        ("checkout", "staging", "Deployment/checkout in shop-staging"),
        ("Checkout", "the staging environment", "Deployment/checkout in shop-staging"),
        ("checkout", "prod", "Deployment/checkout in shop-prod"),
        ("checkout", "shop-prod", "Deployment/checkout in shop-prod"),
        ("checkout in shop-prod", None, "Deployment/checkout in shop-prod"),
        ("shop-prod/checkout", None, "Deployment/checkout in shop-prod"),
        ("cart", None, "Deployment/cart in shop-staging"),
        ("StatefulSet/db", "staging", "StatefulSet/db in shop-staging"),
        ("db", None, "StatefulSet/db in shop-staging"),
        ("report", "production", "CronJob/report in shop-prod"),
    ],
)
async def test_finds_a_workload_by_its_name(name, environment, expected):
    assert await found(SHOP, name, environment) == expected


async def test_says_what_it_found_and_how():
    target = await resolver(RightsCluster(SHOP)).workload("checkout", "staging")

    assert target.ref.cluster == "main"
    assert target.ref.uid == "uid-Deployment-shop-staging-checkout"
    assert target.how == "name checkout; environment staging by namespace label environment"
    assert (target.component, target.owner, target.tier) == (None, None, "nonprod")


async def test_two_environments_are_a_question_never_a_guess():
    with pytest.raises(Ambiguous) as raised:
        await resolver(RightsCluster(SHOP)).workload("checkout", None)

    assert raised.value.candidates == ("checkout in shop-prod", "checkout in shop-staging")


async def test_every_choice_of_a_question_leads_to_its_workload():
    objects = [*SHOP, make_object("StatefulSet", "checkout", "shop-prod")]
    targets = resolver(RightsCluster(objects))

    with pytest.raises(Ambiguous) as raised:
        await targets.workload("checkout", None)
    resolved = [(await targets.workload(choice, None)).ref for choice in raised.value.candidates]

    assert raised.value.candidates == (
        "Deployment/checkout in shop-prod",
        "StatefulSet/checkout in shop-prod",
        "checkout in shop-staging",
    )
    assert len(set(resolved)) == 3


@pytest.mark.parametrize(
    ("name", "candidate"), [("chekout", "checkout in shop-staging"), ("carts", "cart in shop-staging")]
)
async def test_a_name_that_is_off_is_not_found_with_the_nearest_workloads(name, candidate):
    with pytest.raises(NotFound) as raised:
        await resolver(RightsCluster(SHOP)).workload(name, "staging")

    assert raised.value.candidates == (candidate,)


@pytest.mark.parametrize("name", ["x,metadata.namespace=kube-system", "a b=c", "", "../../secrets", "é" * 300])
async def test_a_name_that_no_object_can_have_is_not_found(name):
    cluster = RightsCluster(SHOP)

    with pytest.raises(NotFound):
        await resolver(cluster).workload(name, "shop-staging")

    assert not any("kube-system" in call for call in cluster.calls)


async def test_the_label_selector_of_the_catalog_wins_over_name_and_id(tmp_path):
    catalog = write_catalog(
        tmp_path,
        "backstage.io/kubernetes-label-selector: 'app=till,part=web'",
        "backstage.io/kubernetes-id: checkout",
    )
    objects = [*SHOP, make_object("Deployment", "till-web", "shop-staging", app="till", part="web")]

    target = await resolver(RightsCluster(objects), catalog).workload("checkout", "staging")

    assert target.ref.name == "till-web"
    assert target.how.startswith("catalog annotation backstage.io/kubernetes-label-selector=app=till,part=web;")
    assert (target.component, target.owner) == ("component:default/checkout", "group:default/shop")


async def test_the_id_of_the_catalog_is_a_label_and_a_name(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-id: till")
    labelled = [*NAMESPACES, make_object("Deployment", "a", "shop-staging", backstage_io__kubernetes_id="till")]
    labelled[-1]["metadata"]["labels"] = {"backstage.io/kubernetes-id": "till"}
    named = [*NAMESPACES, make_object("Deployment", "till", "shop-staging")]

    assert await found(labelled, "checkout", "staging", catalog) == "Deployment/a in shop-staging"
    assert await found(named, "checkout", "staging", catalog) == "Deployment/till in shop-staging"


@pytest.mark.parametrize("label", [{}, {"backstage.io/kubernetes-id": "checkout"}])
async def test_a_component_that_points_at_a_workload_of_another_one_does_not_own_it(tmp_path, label):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-id: checkout")
    stolen = (tmp_path / "catalog-info.yaml").read_text().replace("name: checkout", "name: payfast")
    (tmp_path / "payfast.yaml").write_text(stolen.replace("shop", "thieves"))
    objects = [*NAMESPACES, make_object("Deployment", "checkout", "shop-staging")]
    objects[-1]["metadata"]["labels"] = label

    target = await resolver(RightsCluster(objects), catalog).workload("payfast", "staging")

    assert (target.ref.name, target.owner) == ("checkout", "group:default/shop")


async def test_a_selector_the_server_refuses_falls_back_to_the_name(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-label-selector: 'not a selector'")

    assert await found(SHOP, "checkout", "staging", catalog) == "Deployment/checkout in shop-staging"


@pytest.mark.parametrize("label", ["app_kubernetes_io__name", "app"])
async def test_a_common_label_counts_when_no_name_fits(label):
    objects = [*NAMESPACES, make_object("Deployment", "release-7-web", "shop-staging", **{label: "web"})]

    assert await found(objects, "web", "staging") == "Deployment/release-7-web in shop-staging"


async def test_of_several_workloads_of_a_component_the_one_with_its_name_is_meant(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-label-selector: app=checkout")
    objects = [
        *NAMESPACES,
        make_object("Deployment", "checkout", "shop-staging", app="checkout"),
        make_object("Deployment", "checkout-worker", "shop-staging", app="checkout"),
    ]

    assert await found(objects, "checkout", "staging", catalog) == "Deployment/checkout in shop-staging"


async def test_several_workloads_of_a_component_without_its_name_are_a_question(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-label-selector: app=checkout")
    objects = [
        *NAMESPACES,
        make_object("Deployment", "web", "shop-staging", app="checkout"),
        make_object("Deployment", "worker", "shop-staging", app="checkout"),
    ]

    with pytest.raises(Ambiguous) as raised:
        await found(objects, "checkout", "staging", catalog)

    assert raised.value.candidates == ("web in shop-staging", "worker in shop-staging")


async def test_an_annotation_that_fits_in_one_environment_hides_no_workload_of_another(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-label-selector: app=checkout")
    objects = [
        *NAMESPACES,
        make_object("Deployment", "checkout", "shop-prod", app="checkout"),
        make_object("Deployment", "checkout", "shop-staging"),
    ]

    with pytest.raises(Ambiguous):
        await found(objects, "checkout", None, catalog)


async def test_the_namespace_of_the_catalog_is_where_a_service_without_environment_is(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-namespace: shop-prod")

    assert await found(SHOP, "checkout", None, catalog) == "Deployment/checkout in shop-prod"
    assert await found(SHOP, "checkout", "staging", catalog) == "Deployment/checkout in shop-staging"


@pytest.mark.parametrize("name", ["Till", "till service", "component:default/checkout", "component:checkout"])
async def test_a_service_may_be_called_by_title_or_ref(name, tmp_path):
    catalog = write_catalog(tmp_path)

    assert await found(SHOP, name, "staging", catalog) == "Deployment/checkout in shop-staging"


async def test_a_ref_the_catalog_does_not_have_is_not_found_with_the_nearest(tmp_path):
    with pytest.raises(NotFound) as raised:
        await found(SHOP, "component:default/chekout", "staging", write_catalog(tmp_path))

    assert raised.value.candidates == ("checkout",)


async def test_a_component_that_runs_nowhere_is_told_as_known(tmp_path):
    with pytest.raises(NotFound, match="The catalog knows component:default/ghost"):
        await found(SHOP, "ghost", "staging", write_catalog(tmp_path, name="ghost"))


async def test_the_owner_is_found_by_the_label_of_the_workload(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-id: checkout")
    objects = [*NAMESPACES, make_object("Deployment", "till-web", "shop-staging")]
    objects[-1]["metadata"]["labels"] = {"backstage.io/kubernetes-id": "checkout"}

    target = await resolver(RightsCluster(objects), catalog).workload("till-web", "staging")

    assert target.owner == "group:default/shop"


async def test_one_component_name_in_two_catalog_namespaces_is_a_question(tmp_path):
    write_catalog(tmp_path, namespace="a")
    catalog = write_catalog(tmp_path, namespace="b")

    with pytest.raises(Ambiguous) as raised:
        await found(SHOP, "checkout", "staging", catalog)

    assert raised.value.candidates == ("component:a/checkout", "component:b/checkout")


async def test_without_the_catalog_the_cluster_alone_must_do_and_that_is_told():
    target = await resolver(RightsCluster(SHOP), BrokenCatalog()).workload("checkout", "staging")

    assert target.ref.name == "checkout"
    assert "without the catalog" in target.how


@pytest.mark.parametrize(
    ("space", "rules", "tier"),
    [
        (make_object("Namespace", "shop-prod"), {}, "prod"),
        (make_object("Namespace", "shop", environment="live"), {}, "prod"),
        (make_object("Namespace", "shop", tier="production"), {}, "prod"),
        (make_object("Namespace", "shop", tier="backend"), {}, "nonprod"),
        (make_object("Namespace", "shop-non-prod"), {}, "nonprod"),
        (make_object("Namespace", "shop"), {"production": EnvironmentRule(namespaces=("shop",))}, "prod"),
        (make_object("Namespace", "shop"), {"gold": EnvironmentRule(namespaces=("shop",), tier="prod")}, "prod"),
        (
            make_object("Namespace", "live-chat"),
            {"x": EnvironmentRule(namespaces=("live-chat",), tier="nonprod")},
            "nonprod",
        ),
    ],
)
async def test_the_tier_follows_settings_then_names_and_labels(space, rules, tier):
    name = space["metadata"]["name"]
    cluster = RightsCluster([space, make_object("Deployment", "web", name)])

    assert (await resolver(cluster, **rules).workload("web", name)).tier == tier


async def test_a_person_with_rights_in_one_namespace_finds_what_is_there():
    cluster = RightsCluster(SHOP, may=("shop-staging",))

    target = await resolver(cluster).workload("checkout", None)

    assert target.ref.namespace == "shop-staging"


async def test_a_person_who_may_not_list_namespaces_is_helped_by_the_system_of_the_service(tmp_path):
    cluster = RightsCluster(SHOP, may=("shop-staging",), namespaces_listed=False)

    target = await resolver(cluster, write_catalog(tmp_path)).workload("checkout", "staging")

    assert target.ref.namespace == "shop-staging"


async def test_without_rights_in_the_namespace_the_missing_right_is_named():
    cluster = RightsCluster(SHOP, may=("shop-staging",))

    with pytest.raises(Forbidden) as raised:
        await resolver(cluster).workload("checkout", "prod")

    assert raised.value.missing.endswith("in shop-prod")


async def test_without_an_environment_and_rights_the_person_is_asked_to_say_it():
    cluster = RightsCluster(SHOP, may=("shop-staging",), namespaces_listed=False)

    with pytest.raises(Forbidden, match="Say in which namespace"):
        await resolver(cluster).workload("checkout", None)


async def test_a_service_of_another_known_cluster_is_refused_by_name(tmp_path):
    catalog = write_catalog(tmp_path, "backstage.io/kubernetes-cluster: eu")
    clusters = {"main": RightsCluster(SHOP), "eu": RightsCluster(SHOP, cluster="eu")}

    with pytest.raises(InvalidArgs, match="'eu'"):
        await ClusterTargets(clusters, "main", catalog, {}).workload("checkout", "staging")


async def test_a_cluster_that_does_not_answer_is_told():
    cluster = RightsCluster(SHOP, error=Unavailable("The cluster does not answer.", system="cluster"))

    with pytest.raises(Unavailable):
        await resolver(cluster).workload("checkout", "staging")


async def test_a_person_the_assistant_may_not_act_for_is_told_so_at_once():
    refused = Forbidden("You may not impersonate users.", missing="impersonate users in the whole cluster")
    cluster = RightsCluster(SHOP, error=refused)

    for environment in ("staging", None):
        with pytest.raises(Forbidden, match="impersonate"):
            await resolver(cluster).workload("checkout", environment)

    assert len(cluster.calls) == 2


async def test_a_namespace_that_may_not_be_searched_is_asked_only_once():
    cluster = RightsCluster([*SHOP, make_object("Namespace", "default")], may=("shop-staging",))

    await resolver(cluster).workload("db", None)

    assert len([call for call in cluster.calls if "in default" in call]) == 3


def many(count):
    spaces = [make_object("Namespace", f"preview-{number}") for number in range(count)]
    return [*SHOP, *spaces, *(make_object("Deployment", "filler", f"preview-{number}") for number in range(count))]


@pytest.mark.parametrize(
    ("name", "environment", "most"), [("checkout", "staging", 6), ("cart", None, 10), ("checkout", "shop-prod", 5)]
)
async def test_the_number_of_calls_is_small_and_does_not_grow_with_the_cluster(name, environment, most):
    small, large = RightsCluster(SHOP), RightsCluster(many(300))

    await resolver(small).workload(name, environment)
    await resolver(large).workload(name, environment)

    assert len(small.calls) == len(large.calls) <= most
    assert not any(call.startswith("list pods") for call in large.calls)


async def test_an_environment_of_many_namespaces_is_searched_at_once():
    spaces = [make_object("Namespace", f"team-{number}", environment="staging") for number in range(40)]
    cluster = RightsCluster(
        [*spaces, make_object("Deployment", "web", "team-7"), make_object("Deployment", "web", "x")]
    )

    target = await resolver(cluster).workload("web", "staging")

    assert target.ref.namespace == "team-7"
    assert len(cluster.calls) <= 6
