"""The words people use for workloads and environments."""

import pytest

from tools.targets.words import WorkloadName, means_production, names_environment, parse_workload, plain_environment


@pytest.mark.parametrize(
    ("words", "parsed"),
    [
        ("checkout", WorkloadName("checkout")),
        ("StatefulSet/db", WorkloadName("db", "StatefulSet")),
        ("deploy/checkout", WorkloadName("checkout", "Deployment")),
        ("deployments.apps/checkout", WorkloadName("checkout", "Deployment")),
        ("cronjob/report", WorkloadName("report", "CronJob")),
        ("component:default/checkout", WorkloadName("checkout", None, "component:default/checkout")),
        ("checkout in shop-staging", WorkloadName("checkout", None, None, "shop-staging")),
        ("StatefulSet/db in staging", WorkloadName("db", "StatefulSet", None, "staging")),
        ("shop-staging/checkout", WorkloadName("checkout", None, None, "shop-staging")),
        ("Checkout Service", WorkloadName("Checkout Service")),
    ],
)
def test_understands_how_people_name_a_workload(words, parsed):
    assert parse_workload(words) == parsed


@pytest.mark.parametrize("words", ["Staging", "the staging environment", " staging ", "staging env"])
def test_words_around_an_environment_do_not_count(words):
    assert plain_environment(words) == "staging"


@pytest.mark.parametrize(
    ("namespace", "environment"),
    [
        ("staging", "staging"),
        ("shop-staging", "stage"),
        ("staging-shop", "staging"),
        ("shop-prod", "production"),
        ("shop-dev-eu", "development"),
        ("shop-preprod", "pre-prod"),
        ("shop-eu-staging", "eu-staging"),
    ],
)
def test_a_namespace_is_named_after_an_environment(namespace, environment):
    assert names_environment(namespace, environment)


@pytest.mark.parametrize(
    ("namespace", "environment"),
    [("reproduction", "production"), ("shop-nonprod", "prod"), ("shop-non-prod", "prod"), ("shop", "staging")],
)
def test_a_part_of_a_word_names_no_environment(namespace, environment):
    assert not names_environment(namespace, environment)


@pytest.mark.parametrize("name", ["prod", "shop-production", "PROD", "live-shop", "shop.prd"])
def test_production_is_meant_by_a_whole_word(name):
    assert means_production(name)


@pytest.mark.parametrize("name", ["reproduction", "products", "non-prod", "pre-production", "nonprod", "delivery", ""])
def test_production_is_not_meant_by_a_part_of_a_word(name):
    assert not means_production(name)
