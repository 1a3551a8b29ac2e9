"""The rules on Redis URLs against real Celery: a URL is reported exactly when Celery refuses it."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

CODES = "CBL102,CBL106,CBL107,CBL109"
SCHEMES = (
    *("redis", "rediss", "redis+rediss", "rediss+redis", "redis+socket", "redis+unix", "Redis", "reddis"),
    *("redis+ssl", "sentinel"),
)
HOSTS = ("", "cache", "cache:6379", ":pw@cache", "us:p%40w@[::1]:1", "u@cache")
PATHS = (
    *("", "/", "/0", "/0/", "//1", "/abc", "/1.5", "/1/2", "/%31", "/01", "/ 1", "/1;2", "/a;2", "/0#x", "/x#0"),
    *("/{db}", "/None", "/1_0", "/1_", "/+1"),
)
QUERIES = (
    *("", "?", "?x=1", "?db=2", "?db=abc", "?db=", "?virtual_host=1", "?ssl_cert_reqs=required", "?ssl_cert_reqs=NONE"),
    *("?ssl_cert_reqs=", "?ssl_cert_reqs=none&ssl_ca_certs=/c", "?ssl_ca_certs=/c", "?ssl_cert_reqs=re%2571uired"),
    *("?ssl_cert_reqs=none&ssl_cert_reqs=bogus", "?ssl_cert_reqs=CERT_OPTIONAL&db=1", "?ssl_keyfile=", "?ssl=true"),
)
OPTIONS = (
    *("None", "{}", "True", "{'ssl_cert_reqs': 'required'}", "{'ssl_cert_reqs': None}", "{'ssl_ca_certs': '/c'}"),
    *("{'ssl_cert_reqs': 2}", "{'cert_reqs': 'none'}", "'required'", "False", "{'ssl_cert_reqs': 'Required'}"),
)


def samples(count: int) -> list[tuple[str, str]]:
    """Some of the combinations, the same ones each time: URLs and ``redis_backend_use_ssl``."""
    every = list(itertools.product(SCHEMES, HOSTS, PATHS, QUERIES, OPTIONS))
    usual = [one for one in every if one[0] != "redis+socket" or one[2] not in ("", "/")]  # a socket needs a path
    chosen = random.Random(20261122).sample(usual, count)
    return [(f"{scheme}://{host}{path}{query}", options) for scheme, host, path, query, options in chosen]


@pytest.mark.parametrize("version", ["5.5.3", "5.7.0"])
def test_a_url_is_reported_exactly_when_celery_refuses_it(
    celery_at: Callable[[str], RealCelery],
    version: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cases = samples(150)
    lines = ["from celery import Celery"]
    for url, options in cases:
        lines.append(f"app = Celery(backend={url!r}, redis_backend_use_ssl={options})")
    (tmp_path / "proj.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "requirements.txt").write_text(f"celery=={version}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    main(["--select", CODES, "--isolated", "--output-format", "json", "."])
    reported: dict[int, list[str]] = {}
    for finding in json.loads(capsys.readouterr().out)["findings"]:
        reported.setdefault(finding["line"], []).append(finding["code"])
    wrong = []
    for number, (url, options) in enumerate(cases, 2):
        source = f"app = Celery(backend={url!r}, redis_backend_use_ssl={options})"
        outcome = celery_at(version).evaluate("app.backend", source)
        if bool(outcome.error) != (number in reported):
            wrong.append((url, options, outcome.error, outcome.text[:60], reported.get(number)))
    assert not wrong, "\n".join(map(str, wrong))
