import pytest

from evals.emulators.slack.face.typed import encoded
from tests.builders.slack_bot import make_workspace


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@infra-assistant why", "<@U0BOT> why"),
        ("ask @alice, or @nobody", "ask <@U0ALICE>, or @nobody"),
        ("see #shop", "see <#C0SHOP|shop>"),
        ("@platform @here", "<!subteam^S0PLATFORM> <!here>"),
        ("a < b && <@U0ALICE>", "a &lt; b &amp;&amp; &lt;@U0ALICE&gt;"),
        ("mail bob@alice.example", "mail bob@alice.example"),
    ],
)
async def test_typed_text_is_sent_as_slack_sends_it(typed, sent):
    async with make_workspace() as workspace:
        workspace.add_group("platform", ["bob"])

        assert encoded(workspace.state, typed) == sent
