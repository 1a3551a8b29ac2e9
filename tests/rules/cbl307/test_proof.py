"""CBL307 is true: the password in the file is the one that Celery connects with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.proofs.compose import ComposeError, process_environment

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

COMPOSE = "services:\n  worker:\n    environment:\n      RESULTS_URL: {}\n"
SOURCE = "import os\napp = Celery('proof', backend=os.environ['RESULTS_URL'])"


def test_whoever_reads_the_file_has_what_celery_connects_with(celery: RealCelery, redis_url: str) -> None:
    at = urlsplit(redis_url)
    written = f"redis://proof:n0t-f0r-pr0d@{at.netloc}{at.path}"
    user = (
        "import redis, os\n"
        f"with redis.Redis.from_url({redis_url!r}) as client:\n"
        "    client.acl_setuser('proof', enabled=True, passwords=['+n0t-f0r-pr0d'], keys=['*'], channels=['*'],"
        " categories=['+@all'])\n"
    )
    environment = process_environment(COMPOSE.format(written), "worker")
    try:
        stored = celery.evaluate(
            "app.backend.store_result('proof', 42, 'SUCCESS') and app.AsyncResult('proof').get(timeout=5)",
            user + SOURCE,
            environment=environment,
        )
        assert stored.value == 42
        wrong = environment["RESULTS_URL"].replace("n0t-f0r-pr0d", "guessed")
        refused = celery.evaluate("app.backend.client.ping()", SOURCE, environment={"RESULTS_URL": wrong})
        assert refused.fails_with("AuthenticationError")
    finally:
        drop = f"import redis\nwith redis.Redis.from_url({redis_url!r}) as client:\n    client.acl_deluser('proof')"
        assert celery.evaluate("1", drop).works()


def test_a_reference_has_it_from_outside_only(celery: RealCelery) -> None:
    good = COMPOSE.format("${RESULTS_URL:?}")
    with pytest.raises(ComposeError):
        process_environment(good, "worker")
    environment = process_environment(good, "worker", {"RESULTS_URL": "redis://:n0t-f0r-pr0d@cache/1"})
    told = celery.evaluate("app.backend.connparams['password']", SOURCE, environment=environment)
    assert told.value == "n0t-f0r-pr0d"
    assert "n0t-f0r-pr0d" not in good


def test_the_default_of_a_reference_is_in_the_file(celery: RealCelery) -> None:
    bad = COMPOSE.format("redis://:${REDIS_PASSWORD:-n0t-f0r-pr0d}@cache/1")
    environment = process_environment(bad, "worker")
    told = celery.evaluate("app.backend.connparams['password']", SOURCE, environment=environment)
    assert told.value == "n0t-f0r-pr0d"
