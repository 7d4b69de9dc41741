"""The page in a real browser, with the real Bolt app behind it."""

import re
from contextlib import asynccontextmanager

import pytest

from evals.emulators.slack.face.server import Face
from tests.builders.browser import browser_pages
from tests.builders.slack_bot import connected
from tests.builders.slack_sample import make_png, make_sample_workspace, sample_app
from tests.builders.slack_sample_blocks import mrkdwn

pytestmark = pytest.mark.browser

ASK = "why is checkout failing?"


@asynccontextmanager
async def screen(as_="alice", pause_seconds=0.0, **options):
    """The page as one person sees it: the workspace and the Playwright page."""
    workspace = make_sample_workspace()
    async with (
        workspace,
        connected(workspace, sample_app(workspace, pause_seconds)),
        Face(workspace) as face,
        browser_pages(**options) as context,
    ):
        page = await context.new_page()
        await page.goto(f"{face.url}?as={as_}")
        await page.get_by_role("log").first.wait_for()
        yield workspace, page


async def open_answer(workspace, page):
    """Ask in the channel and open the thread of the answer."""
    await page.get_by_role("textbox", name="Message #shop").fill(f"@infra-assistant {ASK}")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="1 reply").click()
    return page.get_by_role("complementary", name="Thread")


async def test_a_question_in_the_channel_is_answered_in_its_thread():
    async with screen() as (workspace, page):
        thread = await open_answer(workspace, page)

        await thread.get_by_text("Confirmed.").wait_for()
        assert workspace.messages("shop")[0].text == f"<@U0BOT> {ASK}"


async def test_show_evidence_opens_a_modal_and_escape_closes_it():
    async with screen() as (workspace, page):
        thread = await open_answer(workspace, page)

        await thread.get_by_role("button", name="Show evidence").click()
        await page.get_by_role("dialog", name="Evidence").get_by_text("CrashLoopBackOff").wait_for()
        await page.keyboard.press("Escape")
        await page.get_by_role("dialog").wait_for(state="detached")

        assert workspace.as_user("alice").modal is None


async def test_a_button_with_a_confirm_dialog_does_nothing_until_it_is_confirmed():
    async with screen() as (workspace, page):
        thread = await open_answer(workspace, page)
        await thread.get_by_role("button", name="Restart checkout").click()
        before = [one.kind for one in workspace.deliveries]

        await page.get_by_role("button", name="No", exact=True).click()
        await page.get_by_role("dialog").wait_for(state="detached")

        assert before.count("interactive") == 0
        assert [one.kind for one in workspace.deliveries] == before


async def test_a_strangers_click_is_answered_to_them_alone_and_the_approver_finishes_it():
    async with screen() as (workspace, page):
        thread = await open_answer(workspace, page)
        await thread.get_by_role("button", name="Restart checkout").click()
        await page.get_by_role("button", name="Yes, restart").click()
        await thread.get_by_text("Only visible to you").wait_for()

        await page.get_by_role("button", name="Bob Brown").click()
        await thread.get_by_role("button", name="Restart checkout").wait_for()
        hidden = await thread.get_by_text("Only visible to you").count()
        await thread.get_by_role("button", name="Restart checkout").click()
        await page.get_by_role("button", name="Yes, restart").click()
        await thread.get_by_text("Restarted by").wait_for()

        assert hidden == 0
        assert await thread.get_by_role("button", name="Restart checkout").count() == 0
        assert await thread.get_by_text("@Bob Brown").count() == 1


async def test_an_environment_is_asked_for_in_a_form_that_says_what_is_wrong():
    async with screen() as (workspace, page):
        await page.get_by_role("button", name="Shortcuts").click()
        await page.get_by_role("menuitem", name="New environment").click()
        form = page.get_by_role("dialog", name="New environment")
        await form.get_by_role("button", name="Create").click()
        await form.get_by_text("please complete this required field").first.wait_for()
        await form.get_by_role("textbox", name="Name").fill("production")
        await form.get_by_role("combobox", name="Size").select_option("small")
        await form.get_by_role("checkbox", name="Postgres").check()
        await form.get_by_role("button", name="Create").click()
        await form.get_by_text("Production is not an environment").wait_for()
        await form.get_by_role("textbox", name="Name").fill("fix-42")

        await form.get_by_role("button", name="Create").click()
        await form.wait_for(state="detached")

        done = await workspace.wait_for_message("Environment *fix-42*")
        sent = workspace.find("fix-42")
        assert sent is done
        await (
            page.get_by_role("button", name="infra-assistant, 1 unread")
            .or_(page.locator(".entry .count"))
            .first.wait_for()
        )


async def test_the_home_tab_shows_what_the_app_publishes():
    async with screen() as (_, page):
        await page.locator(".sidebar").get_by_role("button", name="infra-assistant").click()
        await page.get_by_role("tab", name="Home").click()

        await page.get_by_role("heading", name="Good morning").wait_for()
        assert await page.get_by_role("button", name="Approve").count() == 1


async def test_a_stream_grows_and_stop_ends_it():
    async with screen(pause_seconds=0.4) as (workspace, page):
        await page.locator(".sidebar").get_by_role("button", name="infra-assistant").click()
        await page.get_by_role("button", name="Why is checkout failing?").click()
        thread = page.get_by_role("complementary", name="Thread")
        await thread.get_by_text("Read the rollout of checkout").wait_for()

        await thread.get_by_role("button", name="Stop").click()
        await thread.get_by_text("Nothing was changed.").wait_for()

        assert await thread.get_by_text("■ Stopped").count() == 1
        assert workspace.find("is not set") is None


async def test_a_stream_ends_as_one_message_with_its_buttons():
    async with screen() as (_, page):
        await page.get_by_role("textbox", name="Message #shop").fill("@infra-assistant stream it")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="1 reply").click()
        thread = page.get_by_role("complementary", name="Thread")

        await thread.get_by_role("button", name="Roll back to 41").wait_for()
        assert await thread.get_by_role("article").count() == 2
        assert await thread.get_by_text("still writing").count() == 0
        assert await thread.get_by_text("done:").count() == 2


HOSTILE = [
    "<script>window.hacked = 1</script>",
    "&lt;script&gt;window.hacked = 1&lt;/script&gt;",
    "<img src=x onerror='window.hacked = 1'>",
    "<javascript:window.hacked=1|click me>",
    "`&lt;b&gt;code&lt;/b&gt;`",
    "&lt;!channel&gt; &lt;@U0BOB&gt;",
]


def shaped(kind, text):
    """A block of this kind that carries a text."""
    plain = {"type": "plain_text", "text": text}
    match kind:
        case "section":
            return {"type": "section", "text": {"type": "mrkdwn", "text": text}, "fields": [plain]}
        case "header":
            return {"type": "header", "text": plain}
        case "markdown":
            return {"type": "markdown", "text": text}
        case "table":
            return {"type": "table", "rows": [[{"type": "raw_text", "text": text}]]}
        case "task_card":
            return {"type": "task_card", "task_id": "1", "title": text, "status": "error"}
        case "rich_text":
            link = {"type": "link", "url": "javascript:window.hacked=1", "text": text}
            return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    select = {
        "type": "static_select",
        "action_id": "s",
        "placeholder": plain,
        "options": [{"text": plain, "value": "v"}],
    }
    return {"type": "actions", "elements": [{"type": "button", "action_id": "b", "text": plain}, select]}


@pytest.mark.parametrize("kind", ["section", "header", "markdown", "table", "task_card", "rich_text", "actions"])
async def test_text_of_a_message_never_becomes_markup(kind):
    async with screen() as (workspace, page):
        workspace.post_as_bot("evil", "shop", "text", blocks=[shaped(kind, text) for text in HOSTILE])
        body = page.locator(".message-body").last
        await body.locator(".kit-block").nth(len(HOSTILE) - 1).wait_for()

        drawn = await body.inner_text()
        assert await page.evaluate("window.hacked") is None
        assert await body.locator("script, img, iframe, [onerror], [onclick]").count() == 0
        assert await body.locator("a[href^='javascript']").count() == 0
        assert await body.locator(".slack_broadcast, .slack_user").count() == 0
        assert drawn.count("window.hacked = 1</script>") >= 1


DRAWN = [
    ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
    ("&lt;script&gt;", "<script>"),
    ("*bold* _it_ ~no~ 2*3*4 snake_case_name", "bold it no 2*3*4 snake_case_name"),
    ("`a *b* &lt;c&gt;`", "a *b* <c>"),
    ("```\nx &lt; y *z*\n  in\n```after", "x < y *z*\n  in\nafter"),
    ("<@U0BOB> in <#C0SHOP> <!here> <!subteam^S0PLATFORM>", "@Bob Brown in #shop @here @platform"),
    ("<https://example.com/a?b=1&amp;c=2|docs> <https://example.com>", "docs https://example.com"),
    ("<ftp://example.com|no link>", "<ftp://example.com|no link>"),
    ("&gt; quoted\nplain", "quoted\nplain"),
    (":large_green_circle: 10:30:45 :nope:", "🟢 10:30:45 :nope:"),
    ("<!date^1763800000^{date_num} {time}|then>", "2025-11-22 9:26 AM"),
    ("<!date^1763800000^{unheard_of}|then>", "then"),
]


async def test_mrkdwn_is_drawn_as_slack_draws_it():
    async with screen() as (workspace, page):
        for text, _ in DRAWN:
            workspace.post_as_bot("infra", "shop", "x", blocks=[{"type": "section", "text": mrkdwn(text)}])
        bodies = page.locator(".message-body")
        await bodies.nth(len(DRAWN) - 1).wait_for()

        drawn = [re.sub(r"\n+", "\n", text.strip()) for text in await bodies.all_inner_texts()]
        assert drawn == [expected for _, expected in DRAWN]


async def test_plain_text_has_no_markup_but_the_three_escapes():
    text = {"type": "plain_text", "text": "A &amp; B &lt;c&gt; <d> *not bold* :wave:"}
    async with screen() as (workspace, page):
        button = {"type": "button", "action_id": "x", "text": text}
        blocks = [{"type": "section", "text": text}, {"type": "actions", "elements": [button]}]
        workspace.post_as_bot("infra", "shop", "x", blocks=blocks)

        await page.get_by_role("button", name="A & B <c> <d> *not bold* 👋").wait_for()
        assert await page.get_by_text("A & B <c> <d> *not bold*", exact=False).count() == 2


@pytest.mark.parametrize(("who", "time"), [("alice", "9:26 AM"), ("bob", "3:26 AM"), ("carol", "5:26 PM")])
async def test_times_are_in_the_zone_of_the_person_who_looks(who, time):
    async with screen(as_=who) as (workspace, page):
        workspace.post_as_bot("infra", "shop", "at <!date^1763800000^{time}|then>")

        await page.get_by_text(f"at {time}").wait_for()


async def test_every_kind_of_block_is_drawn():
    async with screen() as (_, page):
        await page.get_by_role("textbox", name="Message #shop").fill("@infra-assistant show everything")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="1 reply").click()
        thread = page.get_by_role("complementary", name="Thread")

        await thread.get_by_role("heading", name="Every *block* 🚀 <b>").wait_for()
        assert await thread.get_by_text("cannot draw").count() == 0
        assert await thread.get_by_role("img", name="Line chart").count() == 1
        assert await thread.get_by_role("cell", name="checkout-*x*-<b>").count() == 1


async def test_a_choice_in_a_menu_reaches_the_app():
    async with screen() as (_, page):
        await page.get_by_role("textbox", name="Message #shop").fill("@infra-assistant show everything")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="1 reply").click()
        thread = page.get_by_role("complementary", name="Thread")

        await thread.get_by_role("combobox", name="Tier").select_option("production")
        await thread.get_by_text("You chose production.").wait_for()

        assert await thread.get_by_role("combobox", name="Tier").input_value() == "production"


async def test_pictures_that_the_app_uploads_are_shown():
    async with screen() as (_, page):
        await page.get_by_role("textbox", name="Message #shop").fill("@infra-assistant picture")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="1 reply").click()
        picture = page.get_by_role("img", name="Restarts")
        await picture.wait_for()

        assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 480


async def test_pictures_from_outside_are_their_description():
    picture = {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "a graph"}
    async with screen() as (workspace, page):
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        workspace.post_as_bot("infra", "shop", "x", blocks=[picture])
        await page.get_by_role("img", name="a graph").wait_for()

        assert [url for url in asked if "127.0.0.1" not in url] == []


async def test_what_is_unread_is_marked_until_it_is_seen():
    async with screen() as (workspace, page):
        entry = page.locator("[data-channel=C0GENERAL]")
        workspace.as_user("bob").say("<@U0ALICE> look", "general")
        await entry.get_by_label("1 unread").wait_for()
        titled = await page.title()

        await entry.click()
        await entry.get_by_label("1 unread").wait_for(state="detached")

        assert titled.startswith("(1) ")
        assert await page.get_by_role("separator", name="New").count() == 1


async def test_names_complete_while_typing():
    async with screen() as (workspace, page):
        box = page.get_by_role("textbox", name="Message #shop")
        await box.press_sequentially("@car")
        await page.get_by_role("option", name="Carol Cho").wait_for()
        await page.keyboard.press("Enter")
        await page.keyboard.type("look")
        await page.keyboard.press("Enter")
        await page.get_by_text("@Carol Cho").wait_for()

        assert workspace.messages("shop")[0].text == "<@U0CAROL> look"


async def test_a_command_is_answered_privately_and_an_unknown_one_is_refused():
    async with screen() as (_, page):
        box = page.get_by_role("textbox", name="Message #shop")
        await box.fill("/infra why <b>checkout</b>")
        await box.press("Enter")
        await page.get_by_text("You asked: why <b>checkout</b>").wait_for()
        await box.fill("/launch now")
        await box.press("Enter")

        await page.get_by_role("alert").get_by_text("/launch is not a valid command").wait_for()
        assert await page.get_by_text("Only visible to you").count() == 1


async def test_everything_can_be_reached_with_the_keyboard():
    async with screen() as (workspace, page):
        workspace.as_user("bob").say("checkout is slow", "shop")
        await page.get_by_text("checkout is slow").wait_for()
        await page.get_by_role("button", name="Add reaction").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="eyes 1").wait_for()

        await page.get_by_role("button", name="More actions").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="1 reply").press("Enter")
        await page.get_by_role("complementary", name="Thread").get_by_text("Confirmed.").wait_for()
        await page.get_by_role("button", name="Close thread").press("Enter")

        assert await page.get_by_role("complementary", name="Thread").count() == 0


async def test_the_page_comes_back_when_the_connection_was_lost():
    async with screen() as (workspace, page):
        await page.context.set_offline(True)
        await page.evaluate("document.title")
        await page.context.set_offline(False)
        workspace.as_user("bob").say("still here", "shop")

        await page.get_by_text("still here").wait_for()


async def test_a_file_is_shared_from_the_composer():
    async with screen() as (workspace, page):
        await page.locator("input[type=file]").set_input_files(
            {"name": "graph.png", "mimeType": "image/png", "buffer": make_png()}
        )
        await page.get_by_role("img", name="graph.png").wait_for()

        assert workspace.state.files[workspace.messages("shop")[0].files[0]].content == make_png()
