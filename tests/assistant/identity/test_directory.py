"""Accounts become people the cluster knows."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.errors import UnknownPerson
from assistant.identity.directory import CatalogDirectory, FileDirectory, IdentityRules
from tools.catalog.files import FileCatalog
from tools.errors import Unavailable

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

PEOPLE = """
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: engineering}
spec: {type: department, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: shop}
spec: {type: team, parent: engineering, children: [], members: [carol]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: alice
  annotations: {slack.com/user-id: U1, slack.com/team-id: T1, infra-assistant/timezone: Europe/Berlin}
spec: {profile: {displayName: Alice Example, email: alice@example.com}, memberOf: [shop, ghosts]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bob, annotations: {slack.com/user-id: U2, infra-assistant/kubernetes-user: bob-k8s}}
spec: {profile: {email: bob@example.com}, memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: carol, annotations: {slack.com/user-id: U3}}
spec: {memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: mallory, annotations: {slack.com/user-id: U4, infra-assistant/kubernetes-user: 'system:admin'}}
spec: {memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: twin-a, annotations: {slack.com/user-id: U5}}
spec: {profile: {email: twin@example.com}, memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: twin-b, annotations: {slack.com/user-id: U5}}
spec: {profile: {email: twin@example.com}, memberOf: []}
"""


class Counting:
    """The real files adapter, with its calls counted; it can be switched off."""

    def __init__(self, catalog):
        self.catalog = catalog
        self.calls = 0
        self.down = False

    def _enter(self):
        self.calls += 1
        if self.down:
            raise Unavailable("The catalog does not answer.", system="catalog")

    async def find(self, where, *, limit=500):
        self._enter()
        return await self.catalog.find(where, limit=limit)

    async def by_refs(self, refs):
        self._enter()
        return await self.catalog.by_refs(refs)


@pytest.fixture
def catalog(tmp_path):
    (tmp_path / "people.yaml").write_text(PEOPLE)
    return Counting(FileCatalog(tmp_path))


def directory(catalog, clock=lambda: NOON, **rules):
    return CatalogDirectory(catalog, IdentityRules(contact="#platform", **rules), clock)


async def test_a_slack_account_is_the_user_with_that_annotation(catalog):
    alice = await directory(catalog).principal("slack:T1:U1")

    assert alice.id == "user:default/alice"
    assert alice.user == "alice@example.com"
    assert alice.groups == ("shop",)
    assert alice.teams == ("group:default/shop",)
    assert (alice.display_name, alice.timezone) == ("Alice Example", "Europe/Berlin")
    assert alice.actor().user == "alice@example.com"


@pytest.mark.parametrize("account", ["cli:alice", "cli:Alice", "cli:user:default/alice", "cli:User:alice"])
async def test_a_command_line_account_is_a_user_by_name_or_ref(catalog, account):
    assert (await directory(catalog).principal(account)).id == "user:default/alice"


async def test_the_operator_acts_as_the_kubeconfig_itself(catalog):
    operator = await directory(catalog).principal("operator")

    assert operator.kind == "operator"
    assert operator.actor() is None
    assert catalog.calls == 0


@pytest.mark.parametrize(
    "account",
    [
        "slack:T1:U999",
        "slack:T9:U1",
        "slack:T1:u1",
        "slack:T1:U1,kind=group",
        "slack::U1",
        "cli:nobody",
        "cli:group:default/shop",
        "cli: ",
        "cli:operator",
        "web:alice",
        "",
    ],
)
async def test_an_account_nobody_has_is_refused_and_told_whom_to_ask(catalog, account):
    with pytest.raises(UnknownPerson, match="Ask #platform"):
        await directory(catalog).principal(account)


async def test_an_account_that_two_people_have_is_nobodys(catalog):
    with pytest.raises(UnknownPerson, match="more than one person"):
        await directory(catalog).principal("slack:T1:U5")


async def test_the_annotation_of_a_user_names_them_in_the_cluster(catalog):
    assert (await directory(catalog).principal("slack:T1:U2")).user == "bob-k8s"


async def test_a_template_of_settings_names_users_and_groups_in_the_cluster(catalog):
    named = directory(catalog, user_template="oidc:{name}", group_template="{namespace}:{name}")

    alice = await named.principal("slack:T1:U1")

    assert (alice.user, alice.groups) == ("oidc:alice", ("default:shop",))


async def test_a_person_without_a_name_in_the_cluster_is_refused(catalog):
    with pytest.raises(UnknownPerson, match="has no name the cluster knows"):
        await directory(catalog).principal("slack:T1:U3")


async def test_a_membership_written_on_the_group_counts(catalog):
    carol = await directory(catalog, user_template="{name}").principal("slack:T1:U3")

    assert carol.groups == ("shop",)


async def test_nobody_becomes_a_system_identity(catalog):
    with pytest.raises(UnknownPerson, match="'system:admin', which is refused"):
        await directory(catalog).principal("slack:T1:U4")
    with pytest.raises(UnknownPerson, match="'system:shop', which is refused"):
        await directory(catalog, group_template="system:{name}").principal("slack:T1:U1")


async def test_a_user_without_a_team_annotation_belongs_to_the_home_team(catalog):
    home = directory(catalog, home_team="T1")

    assert (await home.principal("slack:T1:U2")).id == "user:default/bob"
    with pytest.raises(UnknownPerson):
        await home.principal("slack:T9:U2")


async def test_parent_groups_count_only_when_the_rules_say_so(catalog):
    direct = await directory(catalog).principal("cli:alice")
    with_parents = await directory(catalog, include_parents=True).principal("cli:alice")

    assert direct.groups == ("shop",)
    assert with_parents.groups == ("engineering", "shop")


async def test_an_email_address_alone_is_nobody_unless_the_rules_say_so(catalog):
    with pytest.raises(UnknownPerson):
        await directory(catalog).principal("slack:T1:U77", email="alice@example.com")

    by_email = directory(catalog, match_email=True)

    assert (await by_email.principal("slack:T1:U77", email="Alice@example.com")).id == "user:default/alice"
    with pytest.raises(UnknownPerson):
        await by_email.principal("slack:T1:U77", email="")
    with pytest.raises(UnknownPerson, match="more than one person"):
        await by_email.principal("slack:T1:U77", email="twin@example.com")


async def test_a_person_is_kept_for_a_while_and_then_looked_up_again(catalog):
    now = [NOON]
    known = directory(catalog, clock=lambda: now[0], cache_for=timedelta(seconds=60))
    await known.principal("slack:T1:U1")
    first = catalog.calls

    now[0] += timedelta(seconds=59)
    await known.principal("slack:T1:U1")
    within = catalog.calls
    now[0] += timedelta(seconds=1)
    await known.principal("slack:T1:U1")

    assert within == first
    assert catalog.calls == 2 * first


async def test_a_catalog_that_is_down_makes_nobody_known_and_is_told(catalog):
    catalog.down = True

    with pytest.raises(Unavailable):
        await directory(catalog).principal("slack:T1:U1")


async def test_a_template_with_an_unknown_word_is_refused_at_once():
    with pytest.raises(ValueError, match=r"'\{mail\}': only \{name\}, \{namespace\} and \{email\}"):
        IdentityRules(contact="x", user_template="{mail}")


FILE = """
users:
  - {id: alice, slack: [{team: T1, user: U1}], cli: al, kubernetes_user: alice@example.com, teams: [shop]}
"""


@pytest.mark.parametrize("account", ["slack:T1:U1", "cli:al", "cli:user:default/alice"])
async def test_the_mapping_file_knows_its_people(tmp_path, account):
    (tmp_path / "people.yaml").write_text(FILE)

    person = await FileDirectory(tmp_path / "people.yaml", contact="#platform").principal(account)

    assert (person.id, person.user, person.teams) == (
        "user:default/alice",
        "alice@example.com",
        ("group:default/shop",),
    )


@pytest.mark.parametrize("account", ["slack:T2:U1", "cli:bob", "alice@example.com"])
async def test_the_mapping_file_knows_nobody_else(tmp_path, account):
    (tmp_path / "people.yaml").write_text(FILE)

    with pytest.raises(UnknownPerson, match="Ask #platform"):
        await FileDirectory(tmp_path / "people.yaml", contact="#platform").principal(account, email="alice@example.com")


async def test_the_mapping_file_lets_the_operator_in(tmp_path):
    (tmp_path / "people.yaml").write_text(FILE)

    assert (await FileDirectory(tmp_path / "people.yaml", contact="x").principal("operator")).kind == "operator"
