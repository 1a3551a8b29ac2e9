"""The distributions that bring no helper do not: asked of those that are installed here."""

from __future__ import annotations

import importlib.metadata

from packaging.requirements import Requirement

from celery_backend_lint.location import Location
from celery_backend_lint.model.manifests import declared
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.model.plain_distributions import _PLAIN, HELPERS, all_plain, brings_packaging


def requires(name: str) -> set[str]:
    """What an installed distribution requires without extras; empty where it is not installed."""
    try:
        found = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return set()
    asked = map(Requirement, found)
    return {normalized(one.name) for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})}


def test_none_requires_a_helper() -> None:
    installed = {name: requires(name) for name in _PLAIN}
    assert sum(bool(names) for names in installed.values()) > 5
    assert {name: names & set(HELPERS) for name, names in installed.items() if names & set(HELPERS)} == {}


def asked(name: str, *extras: str, url: str = "") -> declared.Requirement:
    return declared.Requirement(name, extras, "", "", "runtime", "", Location("requirements.txt"), url)


def test_extras_and_addresses_may_bring_anything() -> None:
    assert all_plain([asked("celery", "redis"), asked("uvicorn"), asked("flask")])
    assert not all_plain([asked("celery"), asked("uvicorn", "standard")])
    assert not all_plain([asked("celery", "pytest")])
    assert not all_plain([asked("celery"), asked("flask", url="git+https://example.com/flask.git")])
    assert not all_plain([asked("celery"), asked("gunicorn")])


def test_some_releases_of_redis_py_bring_packaging() -> None:
    def brings(name: str, specifier: str) -> bool:
        one = declared.Requirement(name, (), specifier, "", "runtime", "", Location("requirements.txt"))
        return brings_packaging(one)

    assert all(brings("redis", specifier) for specifier in ("==4.1.0", "==4.2.2", "==4.3.6", ">=4,<4.4", "~=4.3.1"))
    assert not any(brings("redis", specifier) for specifier in ("", ">=4.1", "==4.0.2", "==4.4.0", "==2.10.6", "<3"))
    assert not brings("kombu", "==4.3.0")
