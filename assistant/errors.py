"""Errors a person is told about. The text says what, why, and what to do next.

PersonError
├── UnknownPerson          nobody maps to this account
├── ProposalNotFound       no such proposal
├── ProposalExpired        its time is over
├── ProposalNotPending     decided, applied or superseded already
├── NotAllowed             policy forbids it: `rules` names why
└── ProposalStale          the object moved since the plan was shown
"""


class PersonError(Exception):
    """Base of errors whose text is shown to the person, as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnknownPerson(PersonError):
    """The account is not mapped to a person; the text says whom to ask."""


class ProposalNotFound(PersonError):
    """No proposal has that id."""


class ProposalExpired(PersonError):
    """The proposal's window is over; nothing was changed."""


class ProposalNotPending(PersonError):
    """The proposal was decided, applied or superseded before."""


class ProposalStale(PersonError):
    """The live object differs from what was shown; the proposal is superseded."""


class NotAllowed(PersonError):
    """Policy denies it. `rules`: ids of the deciding policies, at least one."""

    def __init__(self, message: str, rules: tuple[str, ...]) -> None:
        super().__init__(message)
        self.rules = rules
