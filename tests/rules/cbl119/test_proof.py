"""CBL119 is true: what Redis answers to a password in the place of the user name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.redis_servers import redis_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

STORE = """
def store(url, **settings):
    app = Celery()
    app.conf.update(result_backend=url, **settings)
    try:
        return app.backend.client.set("key", "value")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""
REFUSED = "AuthenticationError: invalid username-password pair or user is disabled."


def test_the_password_is_refused_as_a_user(celery_at: Callable[[str], RealCelery], tmp_path: Path) -> None:
    with redis_server(tmp_path, "--requirepass", "s3cret", "--user", "cache", "on", "nopass", "+@all", "~*") as port:
        host = f"127.0.0.1:{port}/0"
        bad = [f"redis://s3cret@{host}", f"redis://s3cret:@{host}"]
        good = [f"redis://:s3cret@{host}", f"redis://cache@{host}", f"redis://default@{host}?password=s3cret"]
        for version in ("5.3.6", "newest"):
            told = celery_at(version).evaluate(
                f"[store(url) for url in {bad + good}] + [store('redis://default@{host}', redis_password='s3cret')]",
                STORE,
            )
            assert told.value == [REFUSED] * 2 + [True] * 4, told


def test_a_server_without_a_password_refuses_it_too(celery: RealCelery, tmp_path: Path) -> None:
    with redis_server(tmp_path) as port:
        urls = [f"redis://{credential}127.0.0.1:{port}/0" for credential in ("s3cret@", "default@", ":s3cret@", "")]
        assert celery.evaluate(f"[store(url) for url in {urls}]", STORE).value == [REFUSED, True, True, True]


def test_the_banner_shows_a_user(celery: RealCelery) -> None:
    assert celery.evaluate("app.backend.as_uri()", result_backend="redis://s3cret@h/0").value == "redis://s3cret@h/0"
    assert celery.evaluate("app.backend.as_uri()", result_backend="redis://:s3cret@h/0").value == "redis://:**@h/0"
