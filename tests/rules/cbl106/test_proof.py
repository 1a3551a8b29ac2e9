"""CBL106 is true: what real Celery does with ``rediss://``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

MESSAGE = "A rediss:// URL must have parameter ssl_cert_reqs"


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_a_rediss_url_without_cert_reqs_does_not_load(celery_at: Callable[[str], RealCelery], version: str) -> None:
    celery = celery_at(version)
    assert celery.evaluate("app.backend", result_backend="rediss://cache/0").fails_with("ValueError", MESSAGE)
    assert celery.evaluate("app.backend", result_backend="rediss://cache/0?ssl_cert_reqs=required").works()


@pytest.mark.parametrize("value", ["CERT_REQUIRED", "CERT_OPTIONAL", "CERT_NONE", "required", "optional", "none"])
def test_six_spellings_are_taken(celery: RealCelery, value: str) -> None:
    assert celery.evaluate("app.backend", result_backend=f"rediss://cache/0?ssl_cert_reqs={value}").works()
    assert celery.evaluate(
        "app.backend", result_backend="rediss://cache/0", redis_backend_use_ssl={"ssl_cert_reqs": value}
    ).works()


@pytest.mark.parametrize("value", ["Required", "NONE", "None", "cert_none", "0", "2", "true", "", "ssl.CERT_NONE"])
def test_any_other_spelling_is_as_if_it_were_missing(celery: RealCelery, value: str) -> None:
    url = f"rediss://cache/0?ssl_cert_reqs={value}"
    assert celery.evaluate("app.backend", result_backend=url).fails_with("ValueError", MESSAGE)


@pytest.mark.parametrize("options", [None, {}, {"ssl_ca_certs": "/ca.pem"}, {"ssl_cert_reqs": None}])
def test_a_dict_without_the_key_does_not_help(celery: RealCelery, options: object) -> None:
    bad = celery.evaluate("app.backend", result_backend="rediss://cache/0", redis_backend_use_ssl=options)
    assert bad.fails_with("ValueError", MESSAGE)


def test_a_constant_of_ssl_in_the_dict_is_fine(celery: RealCelery) -> None:
    source = (
        "app = Celery()\napp.conf.result_backend = 'rediss://cache/0'\n"
        "app.conf.redis_backend_use_ssl = {'ssl_cert_reqs': ssl.CERT_REQUIRED}\n"
    )
    assert celery.evaluate("app.backend", source).works()


def test_the_brokers_options_do_not_count(celery: RealCelery) -> None:
    bad = celery.evaluate(
        "app.backend", result_backend="rediss://cache/0", broker_use_ssl={"ssl_cert_reqs": "required"}
    )
    assert bad.fails_with("ValueError", MESSAGE)


@pytest.mark.parametrize("url", ["redis://cache/0", "rediss://cache/0?ssl_cert_reqs=required", "sentinel://cache/0"])
def test_true_is_not_a_dict_of_options(celery: RealCelery, url: str) -> None:
    bad = celery.evaluate("app.backend", result_backend=url, redis_backend_use_ssl=True)
    assert bad.fails_with("TypeError", "'bool' object is not iterable")
