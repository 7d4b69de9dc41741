"""Secrets in text are replaced; what helps to find a cause stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.redaction import redact_text

HIDDEN = {
    "env pair": ("DB_PASSWORD=hunter2x", "hunter2x"),
    "yaml pair": ("db_password: hunter2x", "hunter2x"),
    "json pair": ('{"apiKey": "hunter2x"}', "hunter2x"),
    "json pair with blanks": ('{"password": "correct horse"}', "correct horse"),
    "json in json": ('{\\"password\\": \\"hunter2x\\"}', "hunter2x"),
    "env entry in yaml": ("- name: DB_PASSWORD\n  value: hunter2x", "hunter2x"),
    "env entry in json": ('{"name":"DB_PASSWORD","value":"hunter2x"}', "hunter2x"),
    "option": ("run --db-password hunter2x --verbose", "hunter2x"),
    "option with equals sign": ("run --token=hunter2x", "hunter2x"),
    "url": ("dial postgres://shop:hunter2x@db:5432/shop failed", "hunter2x"),
    "url, password with an at sign": ("redis://:hunt@er2x@cache:6379", "er2x"),
    "url with a token alone": ("clone https://abcdefghij0123456789@git.example.com/x", "abcdefghij0123456789"),
    "mysql dsn": ("shop:hunter2x@tcp(db:3306)/shop", "hunter2x"),
    "basic auth": ("Authorization: Basic c2hvcDpodW50ZXIy", "c2hvcDpodW50ZXIy"),
    "bearer": ("curl -H 'Authorization: Bearer abc.def-123456789'", "abc.def-123456789"),
    "bearer in prose": ("sent bearer abcdef1234567890", "abcdef1234567890"),
    "cookie": ("Set-Cookie: session=hunter2x; Path=/", "hunter2x"),
    "pem": ("key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----\nend", "MIIEabc"),
    "pem that was cut": ("-----BEGIN PRIVATE KEY-----\nMIIEabc", "MIIEabc"),
    "line of a pem": ("MIIEabc0" * 8, "MIIEabc0"),
    "option in a list": ('args: ["--token", "hunter2x", "--port=80"]', "hunter2x"),
    "option in a quoted list": (r'"args: [\"--token\",\"hunter2x\"]"', "hunter2x"),
    "jwt": ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIiOiIxMjM0In0"),
    "aws key id": ("using AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"),
    "aws secret": ("aws_secret_access_key = abcd/EFGH+ijkl0123456789abcd0123456789ab", "abcd/EFGH"),
    "azure storage": ("AccountName=shop;AccountKey=abcdEFGH0123==;EndpointSuffix=x", "abcdEFGH0123"),
    "azure sas": ("https://shop.blob.example/x?sv=2024&sig=abcd%2FEFGH%3D&se=1", "abcd%2FEFGH"),
    "github": ("ghp_" + "a1B2" * 9, "a1B2a1B2"),
    "slack": ("xoxb-" + "1234567890-abcdef", "1234567890-abcdef"),
    "slack webhook": ("https://hooks.slack.com/services/T000/B000/abcdefghij", "abcdefghij"),
    "stripe": ("sk_live_" + "a1B2" * 6, "a1B2a1B2"),
    "openai": ("sk-proj-" + "a1B2" * 6, "a1B2a1B2"),
    "google": ("AIza" + "a1B2c" * 7, "a1B2ca1B2c"),
    "random token after the word": ("the token is aB3dE6gH9jK2mN5pQ8sT", "aB3dE6gH9jK2mN5pQ8sT"),
    "docker auth": ('{"auths":{"r":{"auth":"c2hvcDpodW50ZXIy"}}}', "c2hvcDpodW50ZXIy"),
    "npmrc": ("//registry.example/:_authToken=hunter2x", "hunter2x"),
    "secret manifest": ("kind: Secret\ndata:\n  tls.key: aHVudGVyMg==\ntype: Opaque", "aHVudGVyMg"),
    "large blob": ("release H4sI" + "aB3d" * 60, "aB3daB3d"),
}

KEPT = [
    "shop/checkout@sha256:" + "0123456789abcdef" * 4,
    "0123456789abcdef" * 4,
    "commit 3f2b8c1d9e0f7a6b5c4d3e2f1a0b9c8d7e6f5a4b",
    "Pod shop-staging/checkout-7d9f8b6c5d-x2x1z (uid 123e4567-e89b-12d3-a456-426614174000)",
    'secret "checkout-db" not found',
    "couldn't find key DB_PASSWORD in Secret shop-staging/checkout-db",
    "Missing Secret: checkout-db",
    "secretName: checkout-tls",
    "secretKeyRef: {name: checkout-db, key: password}",
    'password authentication failed for user "shop"',
    "invalid token: expired",
    "max_tokens: 500, prompt_tokens=12",
    "password: $(DB_PASSWORD)",
    "PWD=/srv/app",
    "automountServiceAccountToken: false",
    "Liveness probe failed: HTTP probe failed with statuscode: 503",
    "OOMKilled: exit code 137, limit 256Mi",
    "image registry.example/team/author:1.2.3 not found",
    "-----BEGIN CERTIFICATE-----",
    "GET http://cart.shop.svc:8080/healthz: context deadline exceeded",
]


@pytest.mark.parametrize(("text", "secret"), HIDDEN.values(), ids=HIDDEN.keys())
def test_a_secret_does_not_survive(text, secret):
    assert secret not in redact_text(text)


@pytest.mark.parametrize(("text", "secret"), HIDDEN.values(), ids=HIDDEN.keys())
def test_a_marker_tells_that_something_was_there(text, secret):
    assert re.search(r"\[redacted len=\d+ sha=[0-9a-f]{8}\]", redact_text(text))


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_survives(text):
    assert redact_text(text) == text


def test_equal_secrets_have_equal_markers_and_others_do_not():
    first, second, other = (redact_text(f"password={value}").split("=", 1)[1] for value in ("aaa1", "aaa1", "bbb1"))

    assert first == second != other


@pytest.mark.parametrize("text", [text for text, _ in HIDDEN.values()] + KEPT)
def test_redacting_twice_changes_nothing_more(text):
    once = redact_text(text)

    assert redact_text(once) == once


secretish = st.sampled_from(
    [text for text, _ in HIDDEN.values()] + KEPT + ["[redacted len=3 sha=00000000]", '"', "\\", "="]
)


@given(st.lists(st.one_of(secretish, st.text(max_size=12)), max_size=6).map(" ".join))
def test_any_mixture_is_stable_and_never_raises(text):
    once = redact_text(text)

    assert redact_text(once) == once


@given(
    st.text(
        alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'\\,;&}])>[${<%*"),
        min_size=14,
    )
)
def test_any_password_of_an_env_pair_is_hidden(secret):
    assert secret not in redact_text(f"DB_PASSWORD={secret} next")


@pytest.mark.parametrize(
    "piece", ["a", "password=", 'token="', "-eyJ", "://a:b", "name: password ", "a-b.", '\\"', " \n"]
)
def test_a_line_of_a_megabyte_is_read_in_one_go(piece):
    text = piece * (1_000_000 // len(piece))

    assert isinstance(redact_text(text), str)
