"""CBL105 is true: what Celery makes of credentials that are not percent-encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import sqlalchemy

from celery_backend_lint.model.url_escapes import ELSEWHERE, FAILS, WORKER, unescaped
from tests.redis_servers import redis_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
STORED = "app.backend.client.set('key', 'value')"
READ = """
def read(url):
    app = Celery()
    app.conf.result_backend = url
    try:
        found = app.backend.connparams
    except ValueError:
        return "ValueError"
    return [found.get(name) for name in ("host", "username", "password", "db")]
"""
SHOW = """
def show(url):
    app = Celery(broker="memory://")
    app.conf.result_backend = url
    app.backend.store_result("x", 1, "SUCCESS")
    try:
        return "results:" in app.Worker(app=app).startup_info(artlines=False)
    except ValueError:
        return "ValueError"
"""


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_each_sign_is_reported_where_celery_misreads_it(celery_at: Callable[[str], RealCelery], version: str) -> None:
    passwords = [password for one in SIGNS for password in (f"a{one}b", f"1{one}2", f"a@b{one}c")]
    urls = [f"redis://user:{password}@cache:6379/3" for password in passwords]
    found = [unescaped(url) for url in urls]
    mended = [one.escaped(url) if one is not None else url for one, url in zip(found, urls, strict=True)]
    told = celery_at(version).evaluate(f"[read(url) for url in {urls + mended!r}]", READ)
    assert isinstance(told.value, list), told
    before, after = told.value[: len(urls)], told.value[len(urls) :]
    for password, url, one, was, then in zip(passwords, urls, found, before, after, strict=True):
        right = ["cache", "user", password, 3]
        if one is None:
            # a user before digits and a slash may as well be a host with its port
            assert was == right or url.startswith("redis://user:1"), url
        else:
            assert one.outcome == (FAILS if was == "ValueError" else ELSEWHERE), url
            assert (was != right, then) == (True, right), url


def test_a_sentinels_credential_ends_at_a_semicolon(celery: RealCelery) -> None:
    url = "sentinel://:a;b@one:26379/0;sentinel://:a;b@two:26379/0"
    assert celery.evaluate("app.backend", result_backend=url).fails_with("ValueError", "Port could not be cast")
    found = unescaped(url)
    assert found is not None
    read = celery.evaluate(
        "[h['password'] for h in app.backend.connparams['hosts']]", result_backend=found.escaped(url)
    )
    assert read.value == ["a;b", "a;b"]


def test_the_server_lets_in_who_encodes(celery: RealCelery, tmp_path: Path) -> None:
    with redis_server(tmp_path, "--requirepass", "a/b#c") as port:
        bad = celery.evaluate(STORED, result_backend=f"redis://:a/b#c@127.0.0.1:{port}/0")
        assert bad.fails_with("ValueError", "Port could not be cast to integer value")
        assert celery.evaluate(STORED, result_backend=f"redis://:a%2Fb%23c@127.0.0.1:{port}/0").value is True


def test_a_database_is_connected_and_no_worker_starts(celery: RealCelery, postgresql_url: str) -> None:
    urls = [_with_password(postgresql_url, f"a{sign}b") for sign in "#/?["]
    found = [unescaped(url) for url in urls]
    assert [one.outcome for one in found if one is not None] == [WORKER] * 4
    mended = [one.escaped(url) for one, url in zip(found, urls, strict=True) if one is not None]
    told = celery.evaluate(f"[show(url) for url in {[*urls, *mended]!r}]", SHOW)
    assert told.value == ["ValueError"] * 4 + [True] * 4, told


def test_a_databases_password_ends_at_the_first_at() -> None:
    url = "db+postgresql://user:a@b@db.example.com/results"
    found = unescaped(url)
    assert found is not None
    assert found.outcome == ELSEWHERE
    read = sqlalchemy.make_url(url.removeprefix("db+"))
    assert (read.password, read.host) == ("a", "b@db.example.com")
    read = sqlalchemy.make_url(found.escaped(url).removeprefix("db+"))
    assert (read.password, read.host) == ("a@b", "db.example.com")


def _with_password(url: str, password: str) -> str:
    """The URL of a server that asks for no password, with one."""
    parts = urlsplit(url)
    return f"db+{parts.scheme}://{parts.username}:{password}@{parts.hostname}:{parts.port}{parts.path}"
