"""CBL306 is true: a URL that is logged has its password, Celery's own way of showing it has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

URL = "redis://:n0t-f0r-pr0d@cache.example.com:6379/0"
SOURCE = """
import io, logging, os
log = io.StringIO()
logger = logging.getLogger("proof")
logger.propagate = False
logger.addHandler(logging.StreamHandler(log))
logger.setLevel("INFO")
app = Celery("proof", broker=os.environ["RESULTS_URL"], backend=os.environ["RESULTS_URL"])
"""
ENVIRONMENT = {"RESULTS_URL": URL}


@pytest.mark.parametrize("shown", ["app.conf.result_backend", "app.conf.broker_url", "os.environ['RESULTS_URL']"])
def test_the_log_has_the_password(celery: RealCelery, shown: str) -> None:
    told = celery.evaluate("log.getvalue()", f"{SOURCE}logger.info('at %s', {shown})", environment=ENVIRONMENT)
    assert URL in str(told.value)


@pytest.mark.parametrize(
    "shown",
    [
        "__import__('kombu.utils.url').utils.url.maybe_sanitize_url(app.conf.result_backend)",
        "app.connection().as_uri()",
        "app.backend.as_uri()",
    ],
)
def test_sanitised_it_has_not(celery: RealCelery, shown: str) -> None:
    told = celery.evaluate("log.getvalue()", f"{SOURCE}logger.info('at %s', {shown})", environment=ENVIRONMENT)
    assert "cache.example.com" in str(told.value)
    assert "n0t-f0r-pr0d" not in str(told.value)
