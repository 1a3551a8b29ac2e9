"""CBL306 is true: a URL that is logged has its password, Celery's own way of showing it has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

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


LAZY = """
try:
    app.config_from_object("there_is_no_such_module")
    {read}
except ImportError:
    log.write("caught ")
    app.conf.broker_url = os.environ["RESULTS_URL"]
    logger.info("at %s", app.conf.broker_url)
"""


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_where_loading_the_configuration_fails_reading_it_again_does_too(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    source = SOURCE.rpartition("app = ")[0] + "app = Celery('proof')"
    told = celery_at(version).evaluate("log.getvalue()", source + LAZY.format(read=""), environment=ENVIRONMENT)
    assert told.value == ""
    told = celery_at(version).evaluate(
        "log.getvalue()", source + LAZY.format(read="app.conf.timezone"), environment=ENVIRONMENT
    )
    assert told.fails_with("ModuleNotFoundError", "there_is_no_such_module")
    told = celery_at(version).evaluate(
        "log.getvalue()", source + LAZY.format(read="import no_such").replace('"there_is_no_such_module"', "object()"),
        environment=ENVIRONMENT,
    )  # fmt: skip
    assert URL in str(told.value)


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_an_attribute_of_conf_is_celerys_own_variable_and_an_item_is_not(
    celery_at: Callable[[str], RealCelery], version: str
) -> None:
    environment = {"RESULTS_URL": URL, "CELERY_RESULT_BACKEND": "redis://redis:6379/0"}
    shown = ("app.conf.result_backend", "app.conf['result_backend']")
    told = [celery_at(version).evaluate(one, SOURCE, environment=environment).value for one in shown]
    assert told == ["redis://redis:6379/0", URL]
