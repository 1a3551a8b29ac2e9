"""Credentials that are not percent-encoded, against real Celery: no false alarm, and the outcome is the one told."""

from __future__ import annotations

import random
from urllib.parse import unquote

import pytest
from celery import Celery

from celery_backend_lint.model.url_escapes import ELSEWHERE, FAILS, unescaped

SIGNS = "ab1@#/?[]:;%&=+,."


def read(url: str) -> tuple[str, str | None, str | None] | None:
    """Host, user and password as Celery's Redis backend has them; None where it raises ValueError."""
    app = Celery(set_as_current=False)
    app.conf.result_backend = url
    try:
        found = app.backend.connparams
    except ValueError:
        return None
    return found["host"], found.get("username"), found.get("password")


@pytest.mark.parametrize("seed", range(4))
def test_what_is_reported_is_misread(seed: int) -> None:
    chance = random.Random(seed)
    reported = 0
    for _ in range(300):
        password = "".join(chance.choice(SIGNS) for _ in range(chance.randint(1, 5)))
        user = chance.choice(["", "user", "us@er", "us#er"])
        host = chance.choice(["h", "cache.acme.io", "[::1]", "10.0.0.1"])
        url = f"redis://{user}:{password}@{host}{chance.choice(['', '/0', ':6379/0', '/0?timeout=1'])}"
        meant = (host.strip("[]"), unquote(user) or None, unquote(password))
        found = unescaped(url)
        if found is not None:
            reported += 1
            real = read(url)
            assert real != meant, url
            assert found.outcome == (FAILS if real is None else ELSEWHERE), url
            again = unescaped(found.escaped(url))
            assert again is None, url
            if "[" not in password + host and "]" not in password:
                assert read(found.escaped(url)) == meant, url
    assert reported > 50


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost:6379/0?name=a@b",
        "redis:///0?password=a:b#@c",
        "db+postgresql:///results?user=a:b/c@d",
        "db+sqlite:////srv/a@b:c#d@e.db",
        "redis+socket:///run/re:dis/a#b@c.sock",
        "redis://:\ue000@host/0",
        "redis://\ue000#x:\ue000@host/0",
        "mongodb://user:p#w@host/0",
        "redis",
        "",
    ],
)
def test_what_holds_no_credential_or_has_another_parser_is_left_alone(url: str) -> None:
    assert unescaped(url) is None


def test_the_repr_hides_the_signs() -> None:
    assert repr(unescaped("redis://:a#b@h/0")) == "Unescaped(1 signs, 'fails')"
