"""The modules that a run imports are those that Python itself would import, up to date, with what belongs to them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import celery_backend_lint

IMPORTED = """
import sys
from celery_backend_lint import importing
importing.install()
import celery_backend_lint.options as module
import celery_backend_lint.syntax as package
spec = module.__spec__
print(type(spec.loader).__module__, module.__file__, spec.cached, list(package.__path__), sep="\\n")
"""

VERSION = """
from celery_backend_lint import importing
importing.install()
from celery_backend_lint.location import WORD
print(WORD)
"""


def run(script: str, site: Path, *options: str, **variables: str) -> list[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, *options, "-c", script],
        capture_output=True,
        text=True,
        cwd=site,
        env={**kept, **variables},
        check=False,
    )
    return (done.stdout or done.stderr).splitlines()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a copy of the package, in which nothing is compiled yet."""
    (original,) = celery_backend_lint.__path__
    shutil.copytree(original, tmp_path / "celery_backend_lint", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.skipif(os.sep != "/", reason="left to Python where paths are written in another way")
def test_a_module_has_the_files_and_paths_that_python_gives_it(site: Path) -> None:
    package = site / "celery_backend_lint"
    for _ in range(2):  # the first time compiles
        loader, file, cached, path = run(IMPORTED, site)
        assert loader == "celery_backend_lint.importing"
        assert file == str(package / "options.py")
        assert cached == importlib.util.cache_from_source(file)
        assert Path(cached).is_file()
        assert path == f"['{package / 'syntax'}']"


@pytest.mark.parametrize("options", [("-O",), ("-X", "pycache_prefix=elsewhere")])
def test_where_python_runs_in_an_unusual_way_it_imports_by_itself(site: Path, options: tuple[str, ...]) -> None:
    assert run(IMPORTED, site, *options)[0] != "celery_backend_lint.importing"


def test_a_module_that_changed_is_compiled_again(site: Path) -> None:
    module = site / "celery_backend_lint/location.py"
    text = module.read_text(encoding="utf-8")
    for number, word in enumerate(("one", "two", "three")):
        module.write_text(f"{text}\nWORD = '{word}'\n", encoding="utf-8")
        os.utime(module, (1_700_000_000 + number, 1_700_000_000 + number))
        assert run(VERSION, site) == [word]
        assert run(VERSION, site) == [word]


def test_a_compiled_file_that_is_damaged_or_older_than_its_source_is_not_taken(site: Path) -> None:
    module = site / "celery_backend_lint/location.py"
    module.write_text(module.read_text(encoding="utf-8") + "\nWORD = 'right'\n", encoding="utf-8")
    compiled = Path(importlib.util.cache_from_source(str(module)))
    assert run(VERSION, site) == ["right"]
    for damage in (b"", compiled.read_bytes()[:12], b"\0" * 300):
        compiled.write_bytes(damage)
        assert run(VERSION, site) == ["right"]


def test_nothing_need_be_compiled(site: Path) -> None:
    assert run(VERSION.replace("WORD", "START"), site, PYTHONDONTWRITEBYTECODE="1")[0].startswith("Span(")
    assert not list((site / "celery_backend_lint").rglob("*.pyc"))


def test_a_failing_import_says_where(site: Path) -> None:
    module = site / "celery_backend_lint/location.py"
    module.write_text("\n\nraise ValueError('here')\n", encoding="utf-8")
    for _ in range(2):
        lines = run(VERSION, site)
        assert lines[-1] == "ValueError: here"
        assert f'  File "{module}", line 3, in <module>' in lines


def test_a_module_that_is_not_there_is_not_found(site: Path) -> None:
    lines = run(VERSION.replace("location", "nowhere"), site)
    assert lines[-1] == "ModuleNotFoundError: No module named 'celery_backend_lint.nowhere'"
