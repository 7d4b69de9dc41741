"""Whether what was approved may still run, by the people and the policy of now."""

from assistant.confirmation.approvals import NOBODY, Approvals
from assistant.confirmation.policy import Decision, Policy, Run
from assistant.confirmation.proposal import Proposal
from assistant.confirmation.store import ProposalStore


async def still_allowed(proposal: Proposal, store: ProposalStore, policy: Policy) -> Decision:
    """The policy's answer with the approvals of those who still may approve, and a glass that still may be broken.

    A change that takes another back as agreed stands on the approvals of that one.
    """
    broken = proposal.broken_glass
    if broken is not None:
        may = policy.may(broken.who, "breakGlass", proposal.subject, proposal.requester)
        if not may.allowed:
            return may
    basis = await _basis(proposal, store)
    run = Run(
        await given(basis, store, policy),
        hash_matches=proposal.hash_holds(),
        break_glass=broken is not None,
        automatic=proposal.automatic_of is not None,
    )
    return policy.may_apply(proposal.requester, proposal.subject, run)


async def given(proposal: Proposal, store: ProposalStore, policy: Policy) -> Approvals:
    """The approvals of this very plan by people who may still approve it."""
    total = NOBODY
    for who in await store.approvers(proposal):
        if policy.may(who, "approve", proposal.subject, proposal.requester).allowed:
            worth = policy.counts_as(who, proposal.subject)
            total = total.and_one(owner=bool(worth.owner), platform=bool(worth.platform))
    return total


async def _basis(proposal: Proposal, store: ProposalStore) -> Proposal:
    if proposal.automatic_of is None:
        return proposal
    return await store.get(proposal.automatic_of) or proposal
