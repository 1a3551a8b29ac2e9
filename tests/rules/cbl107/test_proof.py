"""CBL107 is true: TLS parameters on a plain Redis URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

MESSAGE = "SSL connection parameters have been provided but the specified URL scheme is redis://"
TLS = "app.backend.connparams['connection_class'].__name__"


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
@pytest.mark.parametrize(
    "query", ["ssl_cert_reqs=required", "ssl_ca_certs=/ca.pem", "ssl_certfile=/c.pem", "ssl_keyfile=/k.pem"]
)
def test_the_query_is_refused(celery_at: Callable[[str], RealCelery], version: str, query: str) -> None:
    celery = celery_at(version)
    bad = celery.evaluate("app.backend", result_backend=f"redis://cache/0?{query}")
    assert bad.fails_with("ValueError", MESSAGE)
    good = celery.evaluate(TLS, result_backend=f"rediss://cache/0?ssl_cert_reqs=required&{query}")
    assert good.value == "SSLConnection"


@pytest.mark.parametrize("version", ["5.3.6", "5.5.3", "5.6.3"])
def test_a_dict_of_options_is_refused_before_5_7(celery_at: Callable[[str], RealCelery], version: str) -> None:
    options = {"ssl_cert_reqs": "required"}
    celery = celery_at(version)
    bad = celery.evaluate("app.backend", result_backend="redis://cache/0", redis_backend_use_ssl=options)
    assert bad.fails_with("ValueError", MESSAGE)
    good = celery.evaluate(TLS, result_backend="rediss://cache/0", redis_backend_use_ssl=options)
    assert good.value == "SSLConnection"


def test_a_dict_of_options_means_tls_from_5_7(celery: RealCelery) -> None:
    options = {"ssl_cert_reqs": "required"}
    good = celery.evaluate(TLS, result_backend="redis://cache/0", redis_backend_use_ssl=options)
    assert good.value == "SSLConnection"
    without = celery.evaluate(TLS, result_backend="redis://cache/0", redis_backend_use_ssl={"ssl_ca_certs": "/ca.pem"})
    assert without.fails_with("ValueError", "ssl_cert_reqs")
