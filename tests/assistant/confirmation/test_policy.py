from pathlib import Path
from typing import Any

import pytest

from assistant.confirmation.approvals import Approvals
from assistant.confirmation.cedar import CedarPolicies, PolicyError
from assistant.confirmation.limits import GIBIBYTE, Ceilings, Limits
from assistant.confirmation.policy import Policy, Run
from assistant.confirmation.subject import Subject
from assistant.identity.principal import Principal
from tests.builders.changes import NOON, OPERATOR, PLATFORM, SHOP, TRUSTED, make_person, make_plan
from tools.toolbox import Ports, build_toolbox

ANN, BOB = make_person("ann"), make_person("bob")
STRANGER = make_person("sam", "group:default/search")
ADMIN = make_person("pia", PLATFORM)


NO_PORTS = Ports(cluster=None, logs=None, catalog=None, targets=None, clock=lambda: NOON)  # type: ignore[arg-type]
CEILINGS = {"prod": Ceilings(20, 8 * GIBIBYTE, 4000), "nonprod": Ceilings(5, GIBIBYTE, 1000)}


def make_policy(*, freeze: bool = False, extra: Path | None = None, **other: Any) -> Policy:
    values = {"ceilings": CEILINGS, "platform_teams": (PLATFORM,), "owner_locations": (TRUSTED,), "frozen": freeze}
    return Policy.load(Limits(**values | other), extra, clock=lambda: NOON)


def make_subject(
    tier: str = "nonprod",
    owner: str | None = SHOP,
    *,
    replicas: int | None = None,
    action: str = "workload.restart",
    **other: Any,
) -> Subject:
    return Subject.of(make_plan(tier=tier, owner=owner, replicas=replicas, **other), action)


@pytest.mark.parametrize(
    ("who", "tier", "owner", "rules"),
    [
        (ANN, "nonprod", SHOP, ()),
        (ADMIN, "nonprod", SHOP, ()),
        (OPERATOR, "nonprod", SHOP, ()),
        (STRANGER, "nonprod", SHOP, ("not-owner",)),
        (STRANGER, "prod", SHOP, ("not-owner",)),
        (STRANGER, "nonprod", None, ()),
        (ANN, "prod", None, ("no-owner-in-prod",)),
        (ADMIN, "prod", None, ()),
    ],
)
def test_the_owning_team_and_the_platform_team_may_propose(
    who: Principal, tier: str, owner: str | None, rules: tuple[str, ...]
) -> None:
    decision = make_policy().may_propose(who, make_subject(tier, owner))

    assert decision.allowed == (not rules)
    assert rules == (() if decision.allowed else decision.rules)


def test_a_denial_says_what_to_do() -> None:
    decision = make_policy().may_propose(STRANGER, make_subject())

    assert decision.messages == (
        "Only the owning team or the platform team may change this. Ask one of them to request it.",
    )


@pytest.mark.parametrize(("who", "approvals"), [(ANN, 1), (ADMIN, 1), (OPERATOR, 1)])
def test_production_needs_one_more_person_whoever_asks(who: Principal, approvals: int) -> None:
    decision = make_policy().may_propose(who, make_subject("prod"))

    assert decision.allowed
    assert decision.needed == Approvals(total=approvals)
    assert decision.rules == ("four-eyes-in-prod",)


def test_nonproduction_needs_the_requester_only() -> None:
    assert make_policy().may_propose(ANN, make_subject()).needed == Approvals()


@pytest.mark.parametrize(
    ("tier", "replicas", "allowed"),
    [("nonprod", 5, True), ("nonprod", 6, False), ("prod", 6, True), ("prod", 21, False), ("lab", 6, False)],
)
def test_replicas_stop_at_the_ceiling_of_the_tier(tier: str, replicas: int, allowed: bool) -> None:
    decision = make_policy().may_propose(ANN, make_subject(tier, replicas=replicas, action="workload.scale"))

    assert decision.allowed is allowed
    assert allowed or decision.rules == ("replica-ceiling",)


def test_scaling_to_zero_in_production_says_that_it_goes_offline() -> None:
    decision = make_policy().may_propose(ANN, make_subject("prod", replicas=0, action="workload.scale"))

    assert decision.rules == ("four-eyes-in-prod", "two-teams-to-go-offline")
    assert any("offline" in message for message in decision.messages)
    assert decision.needed == Approvals(total=2, owner=1, platform=1)


def test_where_owners_do_not_approve_the_platform_team_does_alone() -> None:
    subject = make_subject("prod", replicas=0, action="workload.scale")

    decision = make_policy(owner_locations=()).may_propose(ANN, subject)

    assert decision.needed == Approvals(total=2, owner=0, platform=1)


@pytest.mark.parametrize(
    ("wanted", "rule", "says"),
    [
        ({"memory_after_bytes": 2 * GIBIBYTE}, "memory-ceiling", "2Gi of memory for a container are more"),
        ({"cpu_after_millis": 1500}, "cpu-ceiling", "1500m of CPU for a container are more than the ceiling"),
    ],
)
def test_resources_stop_at_the_ceiling_of_the_tier(wanted: dict[str, int], rule: str, says: str) -> None:
    refused = make_policy().may_propose(ANN, make_subject(**wanted))
    allowed = make_policy().may_propose(ANN, make_subject("prod", **wanted))

    assert refused.rules == (rule,)
    assert refused.messages[0].startswith(says)
    assert allowed.allowed


def test_a_freeze_stops_production_only() -> None:
    policy = make_policy(freeze=True)

    assert policy.may_propose(ANN, make_subject("prod")).rules == ("freeze",)
    assert policy.may_propose(ANN, make_subject("nonprod")).allowed
    assert policy.may_apply(ANN, make_subject("prod"), Run(Approvals(total=1))).rules == ("freeze",)


def test_in_a_freeze_who_may_break_the_glass_may_still_propose() -> None:
    on_call = make_person("oda", SHOP, "group:default/shop-on-call")
    policy = make_policy(freeze=True, on_call_groups=("group:default/shop-on-call",))

    decisions = [policy.may_propose(who, make_subject("prod")) for who in (ADMIN, on_call)]

    assert [(one.allowed, one.glass_only) for one in decisions] == [(True, True)] * 2
    assert "A change freeze is active" in decisions[0].messages[0]


def test_a_broken_glass_skips_quorum_and_freeze_but_not_ceilings_or_the_plan() -> None:
    policy, glass = make_policy(freeze=True), Run(break_glass=True)

    assert policy.may_apply(ANN, make_subject("prod"), glass).allowed
    assert policy.may_apply(ANN, make_subject("prod", replicas=0, action="workload.scale"), glass).allowed
    assert policy.may_apply(ANN, make_subject("prod", replicas=99, action="workload.scale"), glass).rules == (
        "replica-ceiling",
    )
    assert policy.may_apply(ANN, make_subject("prod"), Run(break_glass=True, hash_matches=False)).rules == (
        "stale-plan",
    )


def test_only_the_platform_team_and_the_on_call_of_the_owner_break_the_glass() -> None:
    groups = ("group:default/shop-on-call", "group:default/search-on-call")
    policy, subject = make_policy(on_call_groups=groups), make_subject("prod")
    on_call = make_person("oda", SHOP, groups[0])
    elsewhere = make_person("sol", "group:default/search", groups[1])

    allowed = [policy.may(who, "breakGlass", subject, ANN).allowed for who in (ADMIN, OPERATOR, on_call)]

    assert allowed == [True] * 3
    for who in (ANN, elsewhere):
        assert policy.may(who, "breakGlass", subject, ANN).rules == ("only-on-call-breaks-glass",)


def test_what_was_agreed_in_advance_runs_in_a_freeze_with_the_approvals_it_needs() -> None:
    policy, subject = make_policy(freeze=True), make_subject("prod")

    assert policy.may_apply(ANN, subject, Run(Approvals(total=1), automatic=True)).allowed
    assert policy.may_apply(ANN, subject, Run(automatic=True)).rules == ("four-eyes-in-prod",)


@pytest.mark.parametrize(
    ("location", "counts"),
    [
        (f"{TRUSTED}catalog-info.yaml", True),
        (TRUSTED.rstrip("/"), False),
        ("url:https://git.example/shop-evil/catalog-info.yaml", False),
        (None, False),
    ],
)
def test_owners_approve_only_where_a_trusted_location_names_them(location: str | None, counts: bool) -> None:
    subject = make_subject("prod", owner_location=location)
    policy = make_policy(owner_locations=(TRUSTED, "url:https://git.example/sho"))

    assert policy.may(BOB, "approve", subject, ANN).allowed is counts
    assert policy.counts_as(BOB, subject) == Approvals(total=1, owner=int(counts))


def test_one_approval_counts_for_every_team_its_giver_is_in() -> None:
    both = make_person("bea", SHOP, PLATFORM)

    assert make_policy().counts_as(both, make_subject()) == Approvals(total=1, owner=1, platform=1)
    assert make_policy().counts_as(OPERATOR, make_subject()) == Approvals(total=1, platform=1)


def test_only_the_requester_confirms() -> None:
    policy, subject = make_policy(), make_subject()

    assert policy.may(ANN, "confirm", subject, ANN).allowed
    assert policy.may(BOB, "confirm", subject, ANN).rules == ("only-requester-confirms",)
    assert policy.may(ADMIN, "confirm", subject, ANN).rules == ("only-requester-confirms",)


@pytest.mark.parametrize(
    ("who", "owner", "rules"),
    [
        (BOB, SHOP, ()),
        (ADMIN, SHOP, ()),
        (OPERATOR, SHOP, ()),
        (ANN, SHOP, ("no-self-approval-in-prod",)),
        (STRANGER, SHOP, ("only-owner-approves",)),
        (BOB, None, ("only-owner-approves",)),
        (ADMIN, None, ()),
    ],
)
def test_another_person_of_the_owning_or_platform_team_approves_production(
    who: Principal, owner: str | None, rules: tuple[str, ...]
) -> None:
    decision = make_policy().may(who, "approve", make_subject("prod", owner), ANN)

    assert decision.allowed == (not rules)
    assert rules == (() if decision.allowed else decision.rules)


def test_the_operator_cannot_approve_its_own_production_change() -> None:
    decision = make_policy().may(OPERATOR, "approve", make_subject("prod"), OPERATOR)

    assert decision.rules == ("no-self-approval-in-prod",)


@pytest.mark.parametrize("kind", ["bot", "agent"])
def test_a_machine_decides_nothing(kind: str) -> None:
    machine = ANN.model_copy(update={"kind": kind})
    policy, subject = make_policy(), make_subject()

    assert policy.may_propose(machine, subject).rules == ("machines-never-decide",)
    assert policy.may(machine, "confirm", subject, machine).rules == ("machines-never-decide",)
    assert policy.may(machine, "approve", subject, BOB).rules == ("machines-never-decide",)


def test_a_plan_that_was_not_shown_is_neither_confirmed_nor_run() -> None:
    policy, subject = make_policy(), make_subject()

    assert policy.may(ANN, "confirm", subject, ANN, hash_matches=False).rules == ("stale-plan",)
    assert policy.may_apply(ANN, subject, Run(Approvals(total=5), hash_matches=False)).rules == ("stale-plan",)


def test_the_requester_and_the_platform_team_may_cancel() -> None:
    policy, subject = make_policy(), make_subject()

    assert policy.may(ANN, "cancel", subject, ANN).allowed
    assert policy.may(ADMIN, "cancel", subject, ANN).allowed
    assert policy.may(BOB, "cancel", subject, ANN).rules == ("only-requester-or-platform-cancels",)


def test_an_action_the_schema_does_not_know_is_denied() -> None:
    decision = make_policy().may_propose(ADMIN, make_subject(action="node.drain"))

    assert not decision.allowed
    assert decision.rules == ("policy-error",)


def test_the_hash_follows_rules_and_limits(tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("no-restarts") @message("Not today.") forbid (principal, action == Action::"workload.restart", resource);'
    )
    shipped = make_policy()

    ours = make_policy(extra=tmp_path)

    assert ours.hash != shipped.hash
    assert shipped.hash == make_policy().hash
    assert shipped.hash != Policy.load(Limits(), clock=lambda: NOON).hash
    assert ours.may_propose(ANN, make_subject()).messages == ("Not today.",)


def test_a_rule_of_the_platform_team_may_ask_for_two_approvals(tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("two-for-checkout") @message("Checkout needs two approvals.") '
        'forbid (principal, action == Action::"apply", resource) '
        'when { resource.name == "checkout" && context.approvals < 2 };'
    )

    decision = make_policy(extra=tmp_path).may_propose(ANN, make_subject())

    assert decision.needed == Approvals(total=2)
    assert decision.messages == ("Checkout needs two approvals.",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("permit (principal action;", "bad.cedar:1: Unexpected token `action`."),
        ("forbid (principal, action, resource) when { context.freeze };", "bad.cedar:1: A policy has no @id."),
        ('@id("x") forbid (principal, action, resource);', "bad.cedar:1: A forbid has no @message."),
        ('@id("not-owner") permit (principal, action, resource);', "'not-owner' is used twice"),
        ('@id("x") permit (principal == ?principal, action, resource);', "Templates"),
        (
            '@id("x") @message("m") forbid (principal, action, resource) when { context.freeez };',
            "Did you mean freeze? Allowed: ",
        ),
    ],
)
def test_a_broken_policy_is_refused_by_file_and_reason(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.cedar").write_text(text)

    with pytest.raises(PolicyError, match=r"bad\.cedar") as refused:
        make_policy(extra=tmp_path)

    assert says in str(refused.value)


def test_every_change_the_tools_can_make_is_known_to_the_policies() -> None:
    actions = {tool.action for tool in build_toolbox(NO_PORTS).writes.values()}

    answers = {action: make_policy().may_propose(ADMIN, make_subject(action=action)) for action in actions}

    assert {action for action, answer in answers.items() if not answer.allowed} == set()


def test_only_the_platform_team_touches_nodes() -> None:
    subject = make_subject(owner=None, action="node.cordon")

    assert make_policy().may_propose(ANN, subject).rules == ("nodes-are-the-platforms",)
    assert make_policy().may_propose(ADMIN, subject).allowed


def test_a_new_image_in_production_takes_both_teams_and_a_roll_back_one_person() -> None:
    image = make_policy().may_propose(ANN, make_subject("prod", action="workload.set_image"))
    back = make_policy().may_propose(ANN, make_subject("prod", action="workload.rollback"))

    assert image.needed == Approvals(total=2, owner=1, platform=1)
    assert back.needed == Approvals(total=1)


def test_an_empty_policy_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"no \*\.cedar file"):
        make_policy(extra=tmp_path)


def test_an_error_while_evaluating_is_a_denial_although_a_permit_matched() -> None:
    schema = (
        'entity User; entity Thing; action "go" appliesTo { principal: User, resource: Thing, context: { n: Long } };'
    )
    texts = {
        "a.cedar": '@id("all") permit (principal, action, resource);',
        "b.cedar": '@id("sum") @message("Too much.") forbid (principal, action, resource) '
        "when { context.n + 9223372036854775807 > 1 };",
    }
    request = {
        "principal": {"type": "User", "id": "u"},
        "action": {"type": "Action", "id": "go"},
        "resource": {"type": "Thing", "id": "t"},
        "context": {"n": 5},
    }

    rules = CedarPolicies(schema, texts).decide(request, [])

    assert not rules.allowed
    assert rules.names == ("policy-error",)
