"""Which Pythons a project names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.manifests.collect import read_manifests
from celery_backend_lint.model.project_python import LAST_OF_TWO, NEWEST, pythons
from celery_backend_lint.project.discovery import Project
from tests.proofs.real import write_files

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model.data import Version


def named(root: Path) -> tuple[Version, ...]:
    project = Project(str(root))
    return pythons(project, read_manifests(project).all)


@pytest.mark.parametrize(
    ("path", "text", "minors"),
    [
        (".python-version", "3.9.18\n", [9]),
        ("runtime.txt", "python-3.8.2\n", [8]),
        (".tool-versions", "nodejs 20\npython 3.12.1\n", [12]),
        ("Dockerfile", "FROM python:3.11-slim AS build\nFROM python:3.9\n", [9, 11]),
        ("docker/web.Dockerfile", "FROM --platform=linux/amd64 registry.example.com/team/python:3.10-alpine\n", [10]),
        ("Dockerfile", "ARG TAG=python3.9-slim\n\nFROM tiangolo/uvicorn-gunicorn-fastapi:$TAG\n", [9]),
        ("Dockerfile", 'ARG PYTHON_VERSION="3.10"\nFROM python:${PYTHON_VERSION}-slim AS base\n', [10]),
        ("Dockerfile", "ARG V=3.9\nFROM python:${V:-3.12}\n", [9]),
        ("Dockerfile", "FROM tiangolo/uvicorn-gunicorn:python3.8-slim\n", [8]),
        ("Dockerfile", "FROM ghcr.io/astral-sh/uv:0.5-python3.12-bookworm\n", [12]),
        ("compose.yml", "services:\n  api:\n    build:\n      args:\n        TAG: python3.9\n", [9]),
        ("compose.yml", "services:\n  api:\n    build:\n      args:\n        - PYTHON_VERSION=3.9.18\n", [9]),
        ("compose.yml", "services:\n  web:\n    image: python:3.8\n", [8]),
        ("Pipfile", '[requires]\npython_version = "3.7"\n', [7]),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.8,<3.10"\n', [9]),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.8,<=3.10"\n', [10]),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~3.9"\n', [9]),
        ("setup.py", 'setup(python_requires=">=3.6,<3.9")\n', [8]),
        ("setup.cfg", "[options]\npython_requires = >=3.6, <3.12\n", [11]),
        ("environment.yml", "dependencies:\n  - python=3.9\n", [9]),
        ("Makefile", "venv:\n\tpython3.8 -m venv .venv\n", [8]),
        ("scripts/setup.sh", "PYTHON=/usr/bin/python3.9\n", [9]),
        (".github/workflows/ci.yml", '      - with:\n          python-version: "3.8"  # as production\n', [8]),
        (".github/workflows/ci.yml", "        python-version: [3.8, '3.11']\n", [11]),
        (".travis.yml", 'python:\n  - "2.7"\n  - "3.6"\n', [6]),
    ],
)
def test_what_files_say(tmp_path: Path, path: str, text: str, minors: list[int]) -> None:
    write_files(tmp_path, {path: text})
    assert named(tmp_path) == tuple((3, minor) for minor in minors)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("runtime.txt", "python-2.7.18\n"),
        ("Dockerfile", "FROM python:2-alpine\n"),
        ("Dockerfile", "FROM python:2.7.13\n"),
        ("Pipfile", '[requires]\npython_version = "2.7"\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^2.7"\n'),
        ("setup.py", 'setup(python_requires=">=2.7,<3")\n'),
        ("setup.py", "setup(python_requires='==2.7.*')\n"),
        ("setup.py", "setup(classifiers=['Programming Language :: Python :: 2.7'])\n"),
        ("environment.yml", "dependencies:\n  - python=2.7\n"),
        (".travis.yml", 'language: python\npython:\n  - "2.6"\n  - "2.7"\n'),
    ],
)
def test_what_names_python_2(tmp_path: Path, path: str, text: str) -> None:
    write_files(tmp_path, {path: text})
    assert named(tmp_path) == (LAST_OF_TWO,)


def test_the_newest_image_is_named_by_its_major_version(tmp_path: Path) -> None:
    write_files(tmp_path, {"Dockerfile": "FROM python:3-slim\n", "old/Dockerfile": "FROM python:3.8\n"})
    assert named(tmp_path) == ((3, 8), NEWEST)


def test_an_image_says_more_than_a_pipeline(tmp_path: Path) -> None:
    files = {"Dockerfile": "FROM python:3.11\n", ".github/workflows/ci.yml": "    python-version: 3.8\n"}
    write_files(tmp_path, files)
    assert named(tmp_path) == ((3, 11),)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[project]\nrequires-python = ">=3.8"\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.8"\n'),
        ("Dockerfile", "FROM node:20\nRUN apt-get install python3.9\n"),
        ("Dockerfile", "ARG PYTHON_VERSION\nFROM python:${PYTHON_VERSION}\n"),
        ("compose.yml", "services:\n  api:\n    command: python3.9 main.py\n"),
        ("README.md", "FROM python:3.8\n"),
        ("Makefile", "test:\n\tpython -m pytest\n\t.venv/lib/not-python3.8/run\n"),
        (".github/workflows/ci.yml", "          python-version: ${{ matrix.python }}\n"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~2.7 || ^3.5"\n'),
        ("pyproject.toml", '[project]\nrequires-python = ">=2.7,!=3.0.*,<4"\n'),
        (
            "setup.py",
            "setup(classifiers=['Programming Language :: Python :: 2.7', 'Programming Language :: Python :: 3'])",
        ),
        (".travis.yml", "language: ruby\nrvm:\n  - 2.2\n"),
    ],
)
def test_what_says_nothing(tmp_path: Path, path: str, text: str) -> None:
    write_files(tmp_path, {path: text})
    assert named(tmp_path) == (NEWEST,)


@pytest.mark.parametrize(
    "statement",
    ['print "done"', "print add, 1", "print >>log, 1", 'raise ValueError, "none"', "try: pass\nexcept (A, B), e: pass"],
)
def test_code_around_celery_that_only_python_2_compiles(tmp_path: Path, statement: str) -> None:
    write_files(tmp_path, {"tasks.py": f"from celery import Celery\n{statement}\n"})
    assert named(tmp_path) == (LAST_OF_TWO,)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tasks.py", 'from celery import Celery\nprint("done")\nraise ValueError("none")\n'),
        ("tasks.py", 'from celery import Celery\n"""\nprint "done"\n"""\n# print 1\n'),
        ("tasks.py", "from celery import Celery\ntry: pass\nexcept OSError, IOError: pass\n"),
        ("other/once.py", 'print "done"\n'),
        ("tests/test_tasks.py", 'import celery\nprint "done"\n'),
    ],
)
def test_code_that_a_later_python_compiles_or_that_is_not_celerys(tmp_path: Path, path: str, text: str) -> None:
    write_files(tmp_path, {"app.py": "from celery import Celery\n", path: text})
    assert named(tmp_path) == (NEWEST,)


def test_what_files_say_counts_before_the_code(tmp_path: Path) -> None:
    write_files(tmp_path, {"tasks.py": "import celery\nprint 1\n", ".python-version": "3.9\n"})
    assert named(tmp_path) == ((3, 9),)


@pytest.mark.parametrize(
    ("path", "text", "minor"),
    [
        ("requirements.txt", "celery\ntensorflow==1.15.0\n", 7),
        ("requirements.txt", "celery\ntensorflow==2.2.0\n", 8),
        ("requirements.txt", "celery\nnumpy==1.19.5\nPillow==9.5.0\n", 9),
        ("requirements.txt", "torch==1.10.0+cu113\n", 9),
        ("Pipfile", '[packages]\nnumpy = "==1.18.5"\n', 8),
        ("poetry.lock", '[[package]]\nname = "cffi"\nversion = "1.14.0"\n', 8),
    ],
)
def test_pins_have_wheels_up_to_some_python(tmp_path: Path, path: str, text: str, minor: int) -> None:
    write_files(tmp_path, {path: text})
    assert named(tmp_path) == ((3, minor),)


@pytest.mark.parametrize(
    "text",
    [
        "numpy>=1.19.5\n",
        "numpy==1.19.5; python_version < '3.10'\n",
        "numpy==1.19.5; python_version < '3.10'\nnumpy==2.3.5; python_version >= '3.10'\n",
        "numpy @ https://example.com/numpy-1.19.5.tar.gz\n",
        "django==2.2.28\nredis==3.5.3\n",
    ],
)
def test_what_every_python_may_install_says_nothing(tmp_path: Path, text: str) -> None:
    write_files(tmp_path, {"requirements.txt": text})
    assert named(tmp_path) == (NEWEST,)


def test_what_files_say_counts_before_the_pins(tmp_path: Path) -> None:
    write_files(tmp_path, {"requirements.txt": "numpy==1.19.5\n", "Dockerfile": "FROM python:3.11\n"})
    assert named(tmp_path) == ((3, 11),)
