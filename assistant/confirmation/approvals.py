"""How many people must approve, or did."""

from pydantic import BaseModel

MOST = 5  # a policy that asks for more people is taken as a denial


class Approvals(BaseModel, frozen=True):
    """Other people: in all, of the owning team, of the platform team. One person of both teams counts for both."""

    total: int = 0
    owner: int = 0
    platform: int = 0

    def and_one(self, *, owner: bool, platform: bool) -> "Approvals":
        """With one more person."""
        return Approvals(total=self.total + 1, owner=self.owner + owner, platform=self.platform + platform)


NOBODY = Approvals()
