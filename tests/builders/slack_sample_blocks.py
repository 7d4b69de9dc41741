"""What the sample app sends: an answer, a Home tab, modals, and a message with every block."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def context(text: str) -> Json:
    return {"type": "context", "elements": [mrkdwn(text)]}


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": "p-1", **more}


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


def entry(block_id: str, label: str, element: Json, **more: Any) -> Json:
    named = {**element, "action_id": block_id}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": named, **more}


SURE = {
    "title": plain("Are you sure?"),
    "text": plain("checkout restarts in production: 3 pods, one after another."),
    "confirm": plain("Yes, restart"),
    "deny": plain("No"),
    "style": "danger",
}
ANSWER: list[Json] = [
    section(":large_green_circle: *Confirmed.* `checkout` in staging crashes since revision 42: `DB_URL` is not set."),
    section(
        "• 3 of 3 pods restart with exit code 1  _[E1, E2]_\n"
        "• revision 42 removed `DB_URL` <!date^1763800000^{date_short_pretty} at {time}|on November 22>  _[E3]_"
    ),
    section(
        "```- DB_URL: postgres://cart-db:5432/cart\n+ CACHE_URL: redis://cache:6379\n"
        "  if a &lt; b &amp;&amp; c &gt; d: *not bold*```"
    ),
    {
        "type": "actions",
        "block_id": "steps",
        "elements": [
            button("Roll back to 41", "rollback", style="primary"),
            button("Restart checkout", "restart", style="danger", confirm=SURE),
            button("Show evidence", "evidence"),
            {
                "type": "overflow",
                "action_id": "more",
                "options": [option("Show plan", "plan"), option("Ask an owner", "owner")],
            },
        ],
    },
    {
        "type": "context_actions",
        "block_id": "feedback",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Helpful"), "value": "good"},
                "negative_button": {"text": plain("Not helpful"), "value": "bad"},
            }
        ],
    },
    context("rules · 4 tool calls · 0.8 s"),
]
EVIDENCE: Json = {
    "type": "modal",
    "title": plain("Evidence"),
    "close": plain("Close"),
    "blocks": [
        section("*E1*  pod `checkout-7d9f-x2k4p`\n`kubernetes` <!date^1763800000^{date} {time_secs}|then>"),
        section("```State: Waiting (CrashLoopBackOff)\nLast state: Terminated, exit code 1\nRestarts: 14```"),
        {"type": "divider"},
        section("*E2*  last log lines"),
        section("```panic: DB_URL is not set\n\tmain.go:31 +0x1d```"),
    ],
}
ENVIRONMENT: Json = {
    "type": "modal",
    "callback_id": "environment",
    "title": plain("New environment"),
    "submit": plain("Create"),
    "close": plain("Cancel"),
    "blocks": [
        section("A namespace of your own, with the services you choose. It is removed when it expires."),
        entry(
            "name",
            "Name",
            {"type": "plain_text_input", "placeholder": plain("fix-42"), "max_length": 20},
            hint=plain("Lower case, at most 20 letters."),
        ),
        entry(
            "size",
            "Size",
            {
                "type": "static_select",
                "placeholder": plain("Choose"),
                "options": [option("Small: 1 CPU, 2 GiB", "small"), option("Large: 4 CPU, 8 GiB", "large")],
            },
        ),
        entry("until", "Keep until", {"type": "datepicker", "initial_date": "2026-11-27"}),
        entry(
            "with",
            "With",
            {"type": "checkboxes", "options": [option("Postgres", "postgres"), option("Redis", "redis")]},
            optional=True,
        ),
        entry("why", "Why", {"type": "plain_text_input", "multiline": True}, optional=True),
    ],
}
HOME: list[Json] = [
    {"type": "header", "text": plain("Good morning")},
    section("*Your services*"),
    section(":red_circle: *checkout* · staging · 0 of 3 ready", accessory=button("Why?", "why")),
    section(":large_green_circle: *cart* · staging · 3 of 3 ready", accessory=button("Restart", "restart_cart")),
    {"type": "divider"},
    section("*Waiting for you*"),
    section(
        "Restart `checkout` in production\nasked by <@U0ALICE>, expires <!date^1763809999^{date_short} at {time}|soon>"
    ),
    {
        "type": "actions",
        "block_id": "home",
        "elements": [button("Approve", "approve", style="primary"), button("Deny", "deny")],
    },
    {"type": "divider"},
    section(
        "*Preferences*",
        accessory={
            "type": "static_select",
            "action_id": "tier",
            "placeholder": plain("Default environment"),
            "options": [option("staging", "staging"), option("production", "production")],
        },
    ),
    context("Ask me anything with `@infra-assistant`, in a direct message or with `/infra`."),
]
EVERY_BLOCK: list[Json] = [
    {"type": "header", "text": plain("Every *block* :rocket: <b>")},
    section(
        "_Fields_ and a picture",
        fields=[mrkdwn("*Cluster*\neu-1"), mrkdwn("*Owner*\n<!subteam^S0PLATFORM> in <#C0SHOP>")],
    ),
    section("&gt; A quote of <@U0BOB>\nand a <https://example.com/runbook|runbook>, ~old~ *new* <!here>"),
    {
        "type": "markdown",
        "text": "### Markdown\n\n1. one\n2. **two** with `code`\n\n| pod | restarts |\n|---|---|\n| a | 14 |",
    },
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "Pod"}, {"type": "raw_text", "text": "Restarts"}],
            [{"type": "raw_text", "text": "checkout-*x*-<b>"}, {"type": "raw_number", "value": 14}],
        ],
    },
    {
        "type": "image",
        "alt_text": "a dashboard from outside",
        "image_url": "https://example.com/graph.png",
        "title": plain("Dashboard"),
    },
    {
        "type": "plan",
        "title": "Plan",
        "tasks": [
            {"type": "task_card", "task_id": "a", "title": "Read events", "status": "complete"},
            {"type": "task_card", "task_id": "b", "title": "Read logs", "status": "in_progress"},
            {"type": "task_card", "task_id": "c", "title": "Rank causes", "status": "pending"},
        ],
    },
    {
        "type": "data_visualization",
        "title": "Restarts",
        "chart": {
            "type": "line",
            "series": [
                {
                    "name": "checkout",
                    "data": [
                        {"label": "9:00", "value": 0},
                        {"label": "9:10", "value": 4},
                        {"label": "9:20", "value": 14},
                    ],
                }
            ],
            "axis_config": {"categories": ["9:00", "9:10", "9:20"]},
        },
    },
    {
        "type": "card",
        "title": mrkdwn("*cart*"),
        "subtitle": mrkdwn("owned by platform"),
        "body": mrkdwn("3 of 3 ready"),
        "actions": [button("Open", "open_cart")],
    },
    {
        "type": "actions",
        "block_id": "choices",
        "elements": [
            {
                "type": "static_select",
                "action_id": "tier",
                "placeholder": plain("Tier"),
                "options": [option("staging", "staging"), option("production", "production")],
            },
            {"type": "users_select", "action_id": "who", "placeholder": plain("Who")},
            {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-27"},
            {
                "type": "multi_static_select",
                "action_id": "several",
                "placeholder": plain("Namespaces"),
                "options": [option("shop", "shop"), option("web", "web")],
            },
            {"type": "radio_buttons", "action_id": "radio", "options": [option("one", "1"), option("two", "2")]},
        ],
    },
]
