"""What is imported late for speed must still be found by whoever needs it."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import calls, known_calls
from celery_backend_lint.evaluate.environment import url_parts
from celery_backend_lint.evaluate.operations import OPERATIONS, URL_PARTS
from celery_backend_lint.findings.masking import TOKENS, may_hold_token


def test_every_known_call_is_of_a_home_that_is_looked_at() -> None:
    names = {*known_calls._STRUCTURAL, *known_calls._PLAIN, "builtins.str.lower"}
    assert not {name for name in names if not name.startswith(calls._HOMES_OF_KNOWN)}


def test_every_part_of_a_url_can_be_taken() -> None:
    url = "postgres://user:word@host:5432/name"
    for name in URL_PARTS:
        if name != "environ LOCATION":
            assert OPERATIONS[name](url) == url_parts.take(name, url) is not None


def test_every_token_has_a_sign() -> None:
    tail = "0Aa1" * 12
    tokens = [
        *("AKIA" + "A1B2" * 4, "ASIA" + "A1B2" * 4, "AIza" + tail[:35], "12345678:" + tail[:35]),
        *(start + tail for start in ("ghp_", "ghs_", "github_pat_", "glpat-", "xoxb-", "sk_live_", "rk_test_", "sk-")),
        *(f"SG.{tail}.{tail}", f"eyJ{tail}.{tail}"),
    ]
    for token in tokens:
        assert re.search(TOKENS, token), token
        assert may_hold_token(token), token
