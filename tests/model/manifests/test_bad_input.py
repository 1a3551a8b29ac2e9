from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.model.manifests.collect import manifest_format, read_manifests
from celery_backend_lint.project.discovery import Project, open_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.model.manifests.conftest import Read

ROLES = [
    "requirements.txt",
    "constraints.txt",
    "requirements/dev.in",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "Pipfile",
    "environment.yml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "conda-lock.yml",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("any")
    (root / "b.txt").write_text("celery\n")
    return open_project([str(root)], str(root))


words = st.lists(
    st.sampled_from(
        [
            "celery",
            "[redis]",
            ">=5",
            "==",
            "=",
            "\n",
            "\n  ",
            " ",
            "-r ",
            "-c b.txt",
            "-e .",
            "[project]",
            "dependencies",
            '"',
            "'",
            "[",
            "]",
            "{",
            "}",
            "[[package]]",
            'name = "celery"',
            'version = "5"',
            "setup(",
            "install_requires=",
            ")",
            "#",
            ";",
            "\\\n",
            "${X}",
            "- ",
            ": ",
            "pip:",
            "é",
            "\0",
            "\r",
            "[options]",
            "@ https://u:p@h/x",
            "*",
            "||",
            "^1",
            "https://h/x#egg=",
            "../..",
            ",",
        ]
    ),
    max_size=25,
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=300)
@given(st.sampled_from(ROLES), st.one_of(st.binary(max_size=300), words.map(str.encode)))
def test_no_bytes_in_any_manifest_stop_the_reading(project: Project, path: str, data: bytes) -> None:
    assert manifest_format(path) is not None
    fresh = Project(project.root, ())
    fresh.put(path, data)
    manifests = read_manifests(fresh)
    everything = manifests.for_path("app.py")
    everything.resolved_version("celery", ["5.4.0"])
    everything.extras_of("celery")
    for problem in everything.problems:
        assert problem.location.path in (path, "b.txt")
        assert problem.location.span.line >= 1
        assert problem.location.span.column >= 1


@pytest.mark.parametrize("path", [role for role in ROLES if not role.endswith((".lock", "lock.yml", "pylock.toml"))])
def test_a_file_that_is_not_text_is_one_problem(read: Read, path: str) -> None:
    manifest = read({path: b"celery\n\xff\xfe[options] dependencies\n"}).manifests[path]
    (problem,) = manifest.problems
    assert (problem.location.span.line, problem.whole_file) == (2, True)
    assert manifest.requirements == ()


def test_a_binary_file_and_a_huge_line_are_skipped_in_silence(read: Read) -> None:
    manifests = read({"requirements.txt": b"\0" * 10, "constraints.txt": b"a" * (10 * 1024 * 1024)})
    assert manifests.all.problems == ()


def test_a_manifest_of_a_size_that_nobody_writes_is_not_parsed(read: Read) -> None:
    manifest = read({"setup.py": "setup(install_requires=[" + "a: " * 100_000}).manifests["setup.py"]
    (problem,) = manifest.problems
    assert problem.whole_file
    assert "256 KiB" in problem.message


def test_a_file_of_a_million_lines_is_read_to_a_bound(read: Read) -> None:
    manifest = read({"requirements.txt": "celery\n" * 200_000}).manifests["requirements.txt"]
    assert len(manifest.requirements) == 10_000
    assert [(problem.location.line, problem.message) for problem in manifest.problems] == [
        (10_001, "only the first 10,000 requirements are read")
    ]


def test_a_long_line_of_two_mebibytes_does_not_hang(read: Read) -> None:
    for path in (
        "requirements.txt",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "environment.yml",
        "uv.lock",
        "Pipfile.lock",
    ):
        for filling in ("a", "[", "(", "a,", " ", "-", "'", "a=", "#"):
            text = "setup install_requires dependencies [options] = " + filling * (500_000 // len(filling))
            read({path: text})


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "setup.py"])
def test_a_folder_that_is_named_like_a_manifest_is_none(read: Read, name: str) -> None:
    assert read({f"{name}/x.md": ""}).manifests == {}


def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("celery\n")
    project = open_project([str(tmp_path)], str(tmp_path))
    project.paths()
    os.remove(tmp_path / "requirements.txt")
    assert read_manifests(project).manifests == {}


def test_names_that_stand_for_each_other_end(read: Read) -> None:
    text = "".join(f"a{index} = a{index + 1} + a{index + 1}\n" for index in range(60)) + "setup(install_requires=a0)\n"
    assert read({"setup.py": text}).manifests["setup.py"].requirements == ()


def test_no_credential_is_kept(read: Read) -> None:
    manifests = read(
        {
            "requirements.txt": (
                "--index-url https://u:s3cret@h.example\n"
                "git+https://s3cret@h.example/x\ncelery=s3cret\nx @ https://s3cret:y@h\n"
            ),
            "pyproject.toml": (
                "[tool.poetry.dependencies]\nx = {git = 'https://s3cret@h.example/x'}\n"
                "y = 's3cret'\n[tool.uv.sources]\nz = {url = 'https://a:s3cret@h'}\nz = 1\n"
            ),
            "Pipfile": "[[source]]\nurl = 'https://s3cret@h'\n[packages]\nx = 's3cret\n",
        }
    )
    assert "s3cret" not in repr(list(manifests.manifests.values()))
