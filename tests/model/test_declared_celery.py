"""Which release of Celery facts are decided for: the lock, the pin, the range, ``--target-celery``, ``release``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.declared_celery import declared_celery
from celery_backend_lint.model.manifests.collect import read_manifests
from celery_backend_lint.model.names import is_below_four
from celery_backend_lint.model.versions import parse_release
from celery_backend_lint.project.discovery import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery

NEWEST = parse_release(facts.releases("celery")[-1])
OLDEST = parse_release(facts.releases("celery")[0])


def declared(
    root: Path, files: dict[str, str], target: str | None = None, release: str | None = None
) -> DeclaredCelery:
    for path, text in {"tasks.py": "import celery\n", **files}.items():
        (root / path).write_text(text, encoding="utf-8")
    manifests = read_manifests(open_project([str(root)], str(root)))
    return declared_celery(manifests.for_path("tasks.py"), target, release)


def test_nothing_declared_admits_every_release(tmp_path: Path) -> None:
    said = declared(tmp_path, {})
    assert (said.text, said.version, said.oldest, said.locked) == ("", NEWEST, OLDEST, False)


def test_oldest_release_in_the_tables_is_of_4_4() -> None:
    assert OLDEST is not None
    assert OLDEST[:2] == (4, 4)


@pytest.mark.parametrize(
    ("requirement", "version", "oldest"),
    [
        ("celery[redis]>=5.2,<5.4", (5, 3, 6), (5, 2, 0)),
        ("celery~=5.5.0", (5, 5, 3), (5, 5, 0)),
        ("celery==5.3.*", (5, 3, 6), (5, 3, 0)),
        ("celery", NEWEST, OLDEST),
        ("celery<5", (4, 4, 7), OLDEST),
    ],
)
def test_range_is_decided_for_the_newest_that_it_admits(
    requirement: str, version: tuple[int, ...], oldest: tuple[int, ...], tmp_path: Path
) -> None:
    said = declared(tmp_path, {"requirements.txt": f"{requirement}\n"})
    assert (said.version, said.oldest, said.locked) == (version, oldest, False)


@pytest.mark.parametrize(("pin", "version"), [("5.5.0rc1", (5, 5, 0)), ("5.4.0b1", (5, 4, 0)), ("5.3.6", (5, 3, 6))])
def test_pin_of_a_pre_release_is_read_as_its_release(pin: str, version: tuple[int, ...], tmp_path: Path) -> None:
    said = declared(tmp_path, {"requirements.txt": f"celery=={pin}\n"})
    assert (said.text, said.version, said.oldest, said.locked) == (f"=={pin}", version, version, True)


@pytest.mark.parametrize("requirement", ["celery>=99", "celery<4", "celery~=3.1"])
def test_range_that_admits_no_known_release_is_decided_for_the_newest(requirement: str, tmp_path: Path) -> None:
    said = declared(tmp_path, {"requirements.txt": f"{requirement}\n"})
    assert (said.version, said.oldest, said.locked) == (NEWEST, NEWEST, False)
    assert said.text == requirement.removeprefix("celery")


@pytest.mark.parametrize(("pin", "version"), [("5.4.0", (5, 4, 0)), ("3.1.25", (3, 1, 25))])
def test_pin_counts_as_a_lock_even_of_a_release_before_the_tables(
    pin: str, version: tuple[int, ...], tmp_path: Path
) -> None:
    said = declared(tmp_path, {"requirements.txt": f"celery=={pin}\n"})
    assert (said.text, said.version, said.oldest, said.locked) == (f"=={pin}", version, version, True)


def test_lock_beats_the_range(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "celery"\nversion = "5.3.1"\n'
    files = {"pyproject.toml": '[project]\nname = "a"\ndependencies = ["celery>=5"]\n', "poetry.lock": lock}
    said = declared(tmp_path, files)
    assert (said.text, said.version, said.oldest, said.locked) == ("==5.3.1", (5, 3, 1), (5, 3, 1), True)


def test_lock_with_a_version_that_is_no_release_is_decided_for_the_newest(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "celery"\nversion = "main"\n'
    files = {"pyproject.toml": '[project]\nname = "a"\ndependencies = ["celery>=5"]\n', "poetry.lock": lock}
    said = declared(tmp_path, files)
    assert (said.text, said.version) == ("==main", NEWEST)


@pytest.mark.parametrize(
    ("target", "text", "version", "oldest"),
    [
        ("5", "==5.*", NEWEST, (5, 0, 0)),
        ("5.4", "==5.4.*", (5, 4, 0), (5, 4, 0)),
        ("5.5", "==5.5.*", (5, 5, 3), (5, 5, 0)),
        ("5.5.1", "==5.5.1", (5, 5, 1), (5, 5, 1)),
        (">=5.4,<5.6", ">=5.4,<5.6", (5, 5, 3), (5, 4, 0)),
        ("<5.1", "<5.1", (5, 0, 5), OLDEST),
        ("99", "==99.*", NEWEST, NEWEST),
    ],
)
def test_target_is_for_projects_that_declare_nothing(
    target: str, text: str, version: tuple[int, ...], oldest: tuple[int, ...], tmp_path: Path
) -> None:
    said = declared(tmp_path, {"requirements.txt": "redis\n"}, target=target)
    assert (said.text, said.version, said.oldest, said.locked) == (text, version, oldest, False)


def test_declared_range_beats_the_target(tmp_path: Path) -> None:
    said = declared(tmp_path, {"requirements.txt": "celery==5.3.6\n"}, target="5.5")
    assert (said.text, said.version) == ("==5.3.6", (5, 3, 6))


def test_release_beats_lock_and_target(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "celery"\nversion = "5.3.1"\n'
    files = {"pyproject.toml": '[project]\nname = "a"\ndependencies = ["celery>=5"]\n', "poetry.lock": lock}
    said = declared(tmp_path, files, target="5.5", release="5.2.7")
    assert (said.text, said.version, said.oldest, said.locked) == ("==5.2.7", (5, 2, 7), (5, 2, 7), True)


@pytest.mark.parametrize("requirements", ["django-celery==3.3.1\n", "django-celery\ncelery\n"])
def test_django_celery_goes_with_celery_3_only(requirements: str, tmp_path: Path) -> None:
    said = declared(tmp_path, {"requirements.txt": requirements})
    assert said.text == ">=3.1.15,<4.0"
    assert is_below_four(said)


def test_pin_beside_django_celery_counts(tmp_path: Path) -> None:
    said = declared(tmp_path, {"requirements.txt": "django-celery\ncelery==5.4.0\n"})
    assert (said.version, said.locked) == ((5, 4, 0), True)


@pytest.mark.parametrize(
    ("one", "other", "text", "version", "oldest"),
    [
        ("5.1.2", "5.0.5", "==5.0.5 || ==5.1.2", (5, 1, 2), (5, 0, 5)),
        ("5.10.0", "5.9.0", "==5.9.0 || ==5.10.0", (5, 10, 0), (5, 9, 0)),
        ("4.1.0", "4.2.0", "==4.1.0 || ==4.2.0", (4, 2, 0), (4, 1, 0)),
        ("3.1.25", "5.0.5", "==3.1.25 || ==5.0.5", (5, 0, 5), (3, 1, 25)),
    ],
)
def test_pins_that_disagree_are_a_range_of_these_and_no_other(
    one: str, other: str, text: str, version: tuple[int, ...], oldest: tuple[int, ...], tmp_path: Path
) -> None:
    files = {"requirements.txt": f"celery=={one}\n", "worker-requirements.txt": f"celery=={other}\n"}
    said = declared(tmp_path, files)
    assert (said.text, said.version, said.oldest, said.locked) == (text, version, oldest, False)
    assert not is_below_four(said)


def test_pins_of_celery_3_that_disagree_are_below_four(tmp_path: Path) -> None:
    files = {"requirements.txt": "celery==3.1.25\n", "worker-requirements.txt": "celery==3.1.18\n"}
    assert is_below_four(declared(tmp_path, files))
