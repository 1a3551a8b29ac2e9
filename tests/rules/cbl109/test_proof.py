"""CBL109 is true: the path of a Redis URL is a database number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

DATABASE = "app.backend.connparams['db']"


@pytest.mark.parametrize("path", ["/abc", "/1.5", "/1/2", "/0x1", "/None", "/{db}", "/${REDIS_DB}", "?db=abc"])
@pytest.mark.parametrize("host", ["redis://cache", "sentinel://cache"])
def test_a_path_that_is_no_number_does_not_load(celery: RealCelery, host: str, path: str) -> None:
    bad = celery.evaluate("app.backend", result_backend=host + path)
    assert bad.fails_with("ValueError", "invalid literal for int()")


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("", 0),
        ("/", 0),
        ("/0/", 0),
        ("//1", 1),
        ("/1//", 1),
        ("?db=2", 2),
        ("/3?db=2", 2),
        ("/0?x", 0),
        ("/01", 1),
        ("/%31", 1),
        ("/1#x", 1),
    ],
)
def test_these_are_numbers_for_celery(celery: RealCelery, path: str, number: int) -> None:
    assert celery.evaluate(DATABASE, result_backend="redis://cache" + path).value == number


@pytest.mark.parametrize("number", ["-1", "99999"])
def test_a_number_out_of_range_loads_and_fails_at_the_server(celery: RealCelery, redis_url: str, number: str) -> None:
    url = redis_url.rsplit("/", 1)[0] + "/" + number
    assert celery.evaluate("app.backend", result_backend=url).works()
    assert celery.evaluate("app.backend.client.ping()", result_backend=url).fails_with("ResponseError")
    assert celery.evaluate("app.backend.client.ping()", result_backend=redis_url).works()
