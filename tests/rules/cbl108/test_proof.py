"""CBL108 is true: which settings connect to a server with a certificate that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg2
import pytest

from tests.redis_servers import certificate, redis_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

STORE = """
def store(url, options=None):
    app = Celery()
    app.conf.update(result_backend=url, redis_backend_use_ssl=options)
    try:
        return app.backend.client.set("key", "value")
    except Exception as error:
        return "refused" if "CERTIFICATE_VERIFY_FAILED" in str(error) else repr(error)
"""


@pytest.mark.parametrize("version", ["5.3.6", "newest"])
def test_only_none_accepts_any_certificate(
    celery_at: Callable[[str], RealCelery], version: str, tmp_path: Path
) -> None:
    made, key = certificate(tmp_path)
    files = ("--tls-cert-file", str(made), "--tls-key-file", str(key), "--tls-ca-cert-file", str(made))
    with redis_server(tmp_path, *files, "--tls-auth-clients", "no", tls=True) as port:
        url = f"rediss://localhost:{port}/0"
        query = [f"store('{url}?ssl_cert_reqs={word}')" for word in ("none", "CERT_NONE", "optional", "required")]
        words = ("ssl.CERT_NONE", "'none'", "0", "ssl.CERT_OPTIONAL", "ssl.CERT_REQUIRED")
        options = [f"store('{url}', {{'ssl_cert_reqs': {word}}})" for word in words]
        both = f"store('{url}?ssl_cert_reqs=required', {{'ssl_cert_reqs': 'none'}})"
        known = f"store('{url}?ssl_cert_reqs=required&ssl_ca_certs={made}')"
        told = celery_at(version).evaluate(f"[{', '.join((*query, *options, both, known))}]", STORE)
    assert told.value == [
        *(True, True, "refused", "refused"),
        *(True, True, True, "refused", "refused"),
        *("refused", True),
    ], told


def test_sslmode_decides_whether_a_plain_server_is_taken(postgresql_url: str) -> None:
    url = postgresql_url.replace("postgresql+psycopg2", "postgresql")
    for mode in ("disable", "allow"):
        connection = psycopg2.connect(url, sslmode=mode)
        assert not connection.info.ssl_in_use
        connection.close()
    with psycopg2.connect(url) as default:
        has_tls = default.info.ssl_in_use
    default.close()
    if not has_tls:
        with pytest.raises(psycopg2.OperationalError, match="SSL"):
            psycopg2.connect(url, sslmode="verify-full")
