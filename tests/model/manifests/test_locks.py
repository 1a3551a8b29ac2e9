from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.manifests.tables import shown

if TYPE_CHECKING:
    from tests.model.manifests.conftest import Read

UV = """\
version = 1
requires-python = ">=3.10"

[[package]]
name = "celery"
version = "5.4.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "kombu" },
]

[[package]]
name = "kombu"
version = "5.4.1"
source = { git = "https://h.example/kombu#abc" }

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }

[[package]]
name = "numpy"
version = "1.26"
source = { registry = "https://pypi.org/simple" }
resolution-markers = ["python_version < '3.12'"]

[[package]]
name = "numpy"
version = "2.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "nothing"
"""
POETRY = """\
[[package]]
name = "Celery"
version = "5.3.6"
description = ""
optional = false
groups = ["main", "dev"]

[package.dependencies]
kombu = ">=5"
version = "no"

[[package]]
name = "django_celery_results"
version = "2.5.1"
groups = ["dev"]

[[package]]
name = "kombu"
version = "5.3.5"

[package.source]
type = "git"
url = "https://h.example/kombu"

[metadata]
lock-version = "2.1"
"""
OLD_POETRY = """\
[[package]]
category = "dev"
description = ""
name = "celery"
optional = false
version = "4.4.7"

[metadata]
"""
PDM = """\
[metadata]
groups = ["default", "test"]

[[package]]
name = "celery"
version = "5.3.6"
extras = ["redis"]
groups = ["default"]
"""
PYLOCK = """\
lock-version = "1.0"
[[packages]]
name = "celery"
version = "5.5.0"
"""
PIPFILE = """\
{
    "_meta": {
        "hash": {
            "sha256": "x"
        },
        "sources": []
    },
    "default": {
        "celery": {
            "extras": [
                "redis"
            ],
            "index": "pypi",
            "version": "==5.2.7"
        },
        "kombu": {
            "git": "https://h.example/kombu",
            "ref": "abc"
        }
    },
    "develop": {
        "redis": {
            "version": "==5.0.1"
        }
    }
}
"""
CONDA = """\
version: 1
package:
- name: celery
  version: 5.3.6
  manager: conda
- name: redis
  version: '5.0'
"""


@pytest.mark.parametrize(
    ("path", "text", "name", "expected"),
    [
        ("uv.lock", UV, "celery", ["celery==5.4.0 lock"]),
        ("uv.lock", UV, "kombu", ["kombu==5.4.1 lock @ git"]),
        ("uv.lock", UV, "numpy", ["numpy==1.26 lock", "numpy==2.1 lock"]),
        ("uv.lock", UV, "nothing", []),
        ("uv.lock", UV, "redis", []),
        ("poetry.lock", POETRY, "celery", ["celery==5.3.6 lock"]),
        ("poetry.lock", POETRY, "django-celery-results", ["django-celery-results==2.5.1 lock:dev"]),
        ("poetry.lock", POETRY, "kombu", ["kombu==5.3.5 lock @ git"]),
        ("poetry.lock", OLD_POETRY, "celery", ["celery==4.4.7 lock:dev"]),
        ("pdm.lock", PDM, "celery", ["celery==5.3.6 lock"]),
        ("pylock.toml", PYLOCK, "celery", ["celery==5.5.0 lock"]),
        ("Pipfile.lock", PIPFILE, "celery", ["celery==5.2.7 lock"]),
        ("Pipfile.lock", PIPFILE, "redis", ["redis==5.0.1 lock:dev"]),
        ("Pipfile.lock", PIPFILE, "kombu", []),
        ("Pipfile.lock", PIPFILE, "sources", []),
        ("conda-lock.yml", CONDA, "celery", ["celery==5.3.6 lock"]),
        ("conda-lock.yml", CONDA, "redis", ["redis==5.0 lock"]),
    ],
)
def test_a_lock_file_holds_exact_versions(read: Read, path: str, text: str, name: str, expected: list[str]) -> None:
    for ending in ("\n", "\r\n"):
        lock = read({path: text.replace("\n", ending)}).locks[path]
        assert [shown(one) for one in lock.named(name)] == expected
        assert lock.problems() == ()


@pytest.mark.parametrize(
    ("path", "text", "line", "start"),
    [
        ("uv.lock", UV, 5, 1),
        ("poetry.lock", POETRY, 2, 1),
        ("poetry.lock", OLD_POETRY, 4, 1),
        ("Pipfile.lock", PIPFILE, 9, 9),
    ],
)
def test_a_locked_package_is_where_its_name_is(read: Read, path: str, text: str, line: int, start: int) -> None:
    (one,) = read({path: text}).locks[path].named("celery")
    assert (one.location.path, one.location.span.line, one.location.span.column) == (path, line, start)


@pytest.mark.parametrize(
    ("path", "text", "line", "part"),
    [
        ("uv.lock", UV + "<<<<<<< HEAD\n", UV.count("\n") + 1, "unresolved merge"),
        ("Pipfile.lock", PIPFILE[:200], PIPFILE[:200].count("\n") + 1, "not valid JSON"),
        ("poetry.lock", "[[package\n", 1, "not valid TOML"),
        ("uv.lock", b"\xff\xff", 1, "is not UTF-8"),
    ],
)
def test_a_damaged_lock_file_is_a_problem_of_the_file(
    read: Read, path: str, text: str | bytes, line: int, part: str
) -> None:
    (problem,) = read({path: text}).locks[path].problems()
    assert part in problem.message
    assert (problem.whole_file, problem.location.span.line) == (True, line)


@pytest.mark.parametrize("text", [b"", b"\0\0", b"version = 1\n"])
def test_an_empty_or_binary_lock_file_says_nothing(read: Read, text: bytes) -> None:
    lock = read({"uv.lock": text}).locks["uv.lock"]
    assert (lock.problems(), lock.named("celery")) == ((), ())
