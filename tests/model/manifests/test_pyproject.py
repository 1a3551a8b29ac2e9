from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.manifests.tables import declared, included, problems

if TYPE_CHECKING:
    from tests.model.manifests.conftest import Read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """
            [project]
            name = "My.App"
            dependencies = ["celery[redis]>=5.4", 'kombu ; python_version < "3.12"']
            [project.optional-dependencies]
            worker = ["redis>=5"]
            test = ["pytest"]
            """,
            [
                "celery[redis]>=5.4 runtime",
                'kombu runtime ; python_version < "3.12"',
                "redis>=5 optional:worker",
                "pytest development:test",
            ],
        ),
        (
            """
            [dependency-groups]
            dev = ["pytest", {include-group = "queue"}]
            queue = ["celery>=5"]
            """,
            ["pytest development:dev", "celery>=5 optional:queue"],
        ),
        (
            """
            [project]
            dependencies = ["celery", "kombu>=5", "lib", "shared"]
            [tool.uv]
            dev-dependencies = ["redis"]
            constraint-dependencies = ["celery<5.5"]
            [tool.uv.sources]
            kombu = { git = "https://tok@h.example/kombu" }
            lib = { path = "../lib" }
            shared = { workspace = true }
            """,
            [
                "celery runtime",
                "kombu>=5 runtime @ https://h.example/kombu",
                "lib runtime @ ../lib",
                "shared runtime @ workspace",
                "redis development:dev",
                "celery<5.5 constraint",
            ],
        ),
        (
            """
            [tool.pdm.dev-dependencies]
            test = ["redis==5.0.1"]
            [tool.rye]
            dev-dependencies = ["mypy"]
            """,
            ["mypy development:dev", "redis==5.0.1 development:test"],
        ),
        (
            """
            [tool.hatch.envs.default]
            dependencies = ["celery"]
            [tool.hatch.envs.prod]
            extra-dependencies = ["redis"]
            """,
            ["celery development:default", "redis optional:prod"],
        ),
        (
            """
            [tool.flit.metadata]
            requires = ["celery>=5"]
            dev-requires = ["pytest"]
            [tool.flit.metadata.requires-extra]
            redis = ["redis"]
            """,
            ["celery>=5 runtime", "pytest development:dev", "redis optional:redis"],
        ),
        (
            """
            [tool.pixi.dependencies]
            python = "3.11.*"
            celery = ">=5.3,<6"
            [tool.pixi.pypi-dependencies]
            redis = { version = "*", extras = ["hiredis"] }
            [tool.pixi.feature.test.dependencies]
            pytest = "*"
            """,
            ["redis[hiredis] runtime", "celery>=5.3,<6 runtime", "pytest development:test"],
        ),
        ("[tool.ruff]\nline-length = 100\n", []),
        ("", []),
    ],
)
def test_every_tools_way_of_declaring_is_read(read: Read, text: str, expected: list[str]) -> None:
    manifest = read({"pyproject.toml": text}).manifests["pyproject.toml"]
    assert declared(manifest) == expected
    assert manifest.problems == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('celery = "^5.3.1"', "celery>=5.3.1,<6 runtime"),
        ('celery = "^0.3.1"', "celery>=0.3.1,<0.4 runtime"),
        ('celery = "^0.0.3"', "celery>=0.0.3,<0.0.4 runtime"),
        ('celery = "^0.0"', "celery>=0.0,<0.1 runtime"),
        ('celery = "^5"', "celery>=5,<6 runtime"),
        ('celery = "~5.3.1"', "celery>=5.3.1,<5.4 runtime"),
        ('celery = "~5"', "celery>=5,<6 runtime"),
        ('celery = "~=5.3"', "celery~=5.3 runtime"),
        ('celery = "5.3.6"', "celery==5.3.6 runtime"),
        ('celery = "=5.3.6"', "celery==5.3.6 runtime"),
        ('celery = "5.3.*"', "celery==5.3.* runtime"),
        ('celery = "!=5.3.*"', "celery!=5.3.* runtime"),
        ('celery = "*"', "celery runtime"),
        ('celery = ">=5.3,<6,!=5.3.2"', "celery>=5.3,<6,!=5.3.2 runtime"),
        ('celery = ">=5.3 <6"', "celery>=5.3,<6 runtime"),
        ('celery = ">= 5.3, < 6"', "celery>=5.3,<6 runtime"),
        ('celery = "^4.4 || ^5.2"', "celery>=4.4,<5||>=5.2,<6 runtime"),
        ('celery = "^5.4.0rc1"', "celery>=5.4.0rc1,<6 runtime"),
        ('celery = { version = "^5.3", extras = ["redis"] }', "celery[redis]>=5.3,<6 runtime"),
        ('celery = { version = "^5.3", markers = "os_name == \'nt\'" }', "celery>=5.3,<6 runtime ; os_name == 'nt'"),
        ('celery = { version = "^5.3", python = "^3.9" }', "celery>=5.3,<6 runtime ; python ^3.9"),
        (
            'celery = { git = "https://tok:en@h.example/celery.git", branch = "main" }',
            "celery runtime @ https://h.example/celery.git",
        ),
        ('celery = { version = "^5.3", optional = true }', "celery>=5.3,<6 optional:queue"),
        (
            'celery = [{ version = "^4", python = "<3.7" }, { version = "^5", python = ">=3.7" }]',
            "celery>=4,<5 runtime ; python <3.7",
        ),
    ],
)
def test_a_poetry_dependency_is_translated(read: Read, line: str, expected: str) -> None:
    text = (
        '[tool.poetry]\nname = "App"\n[tool.poetry.dependencies]\n'
        f'python = "^3.10"\n{line}\n[tool.poetry.extras]\nqueue = ["celery"]\n'
    )
    manifest = read({"pyproject.toml": text}).manifests["pyproject.toml"]
    assert declared(manifest)[0] == expected
    assert manifest.problems == ()
    assert manifest.provides == "app"


def test_poetrys_groups_are_told_apart(read: Read) -> None:
    text = """
    [tool.poetry.dependencies]
    lib = { path = "../lib", develop = true }
    [tool.poetry.dev-dependencies]
    pytest = "*"
    [tool.poetry.group.test.dependencies]
    redis = "^5"
    [tool.poetry.group.worker.dependencies]
    celery = "^5"
    [tool.poetry.group.extra]
    optional = true
    [tool.poetry.group.extra.dependencies]
    flower = "^2"
    """
    manifest = read({"app/pyproject.toml": text}).manifests["app/pyproject.toml"]
    assert declared(manifest) == [
        "lib runtime @ ../lib",
        "pytest development:dev",
        "redis>=5,<6 development:test",
        "celery>=5,<6 runtime:worker",
        "flower>=2,<3 optional:extra",
    ]
    assert manifest.locals == ("lib",)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('celery = "five"', "the version of celery cannot be read"),
        ('celery = "1.0 - 2.0"', "the version of celery cannot be read"),
        ("celery = 5", "the requirement of celery is neither a version nor a table"),
    ],
)
def test_a_poetry_dependency_that_cannot_be_read_is_one_problem(read: Read, line: str, message: str) -> None:
    manifest = read({"pyproject.toml": f"[tool.poetry.dependencies]\n{line}\nredis = '^5'\n"}).manifests[
        "pyproject.toml"
    ]
    assert problems(manifest) == [(2, message)]
    assert "redis>=5,<6 runtime" in declared(manifest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "[tool.setuptools.dynamic]\ndependencies = {file = ['requirements/base.in']}\n"
                "optional-dependencies.dev = {file = 'dev.in'}\n"
            ),
            [("requirements/base.in", "runtime"), ("dev.in", "development")],
        ),
        (
            (
                "[tool.hatch.metadata.hooks.requirements_txt]\nfiles = ['deps.in']\n"
                "[tool.hatch.metadata.hooks.requirements_txt.optional-dependencies]\nredis = ['redis.in']\n"
            ),
            [("deps.in", "runtime"), ("redis.in", "optional")],
        ),
    ],
)
def test_dependencies_that_come_from_files_are_included(read: Read, text: str, expected: list[tuple[str, str]]) -> None:
    manifests = read({"pyproject.toml": text, **{path: "celery\n" for path, _ in expected}})
    assert included(manifests.manifests["pyproject.toml"]) == expected
    assert all(path in manifests.manifests for path, _ in expected)


def test_a_requirement_is_where_it_is_written(read: Read) -> None:
    text = (
        '[project]\ndependencies = [\n    "é",\n    "celery[redis]",\n'
        ']\n[tool.poetry.dependencies]\nredis = { version = "^5" }\n'
    )
    manifest = read({"pyproject.toml": text}).manifests["pyproject.toml"]
    spans = [
        (one.name, one.location.span.line, one.location.span.column, one.location.span.end_column)
        for one in manifest.requirements
    ]
    assert spans == [("celery", 4, 6, 19), ("redis", 7, 1, 27)]


def test_broken_toml_is_a_problem_of_the_file_and_the_rest_is_read(read: Read) -> None:
    manifest = read({"pyproject.toml": '[project]\nname = "x"\ndependencies = ["celery"]\n[tool.é\n'}).manifests[
        "pyproject.toml"
    ]
    (problem,) = manifest.problems
    assert problem.whole_file
    assert problem.location.span.line == 4
    assert problem.message.startswith("not valid TOML: ")
    assert declared(manifest) == ["celery runtime"]


def test_a_bad_requirement_is_a_problem_of_its_place(read: Read) -> None:
    manifest = read({"pyproject.toml": "[project]\ndependencies = [\n  'celery=5',\n  3,\n  'redis',\n]\n"}).manifests[
        "pyproject.toml"
    ]
    assert [(line, message[:20]) for line, message in problems(manifest)] == [
        (3, "pip cannot read this"),
        (4, "a requirement must b"),
    ]
    assert not any(problem.whole_file for problem in manifest.problems)


def test_a_project_template_is_read_through_its_jinja(read: Read) -> None:
    text = (
        '[project]\nname = "{{ cookiecutter.name }}"\ndependencies = [\n'
        '{% if cookiecutter.celery %}\n  "celery[redis]",\n{% endif %}\n]\n'
    )
    manifest = read({"{{cookiecutter.name}}/pyproject.toml": text}).manifests["{{cookiecutter.name}}/pyproject.toml"]
    assert declared(manifest) == ["celery[redis] runtime"]
    assert manifest.problems == ()


def test_tables_of_an_unexpected_shape_are_passed_over(read: Read) -> None:
    text = (
        "project = 1\n[tool]\npoetry = 'x'\nuv = []\npdm = {dev-dependencies = 3}\nhatch = {envs = {a = 1}}\nflit = 1\n"
    )
    manifest = read({"pyproject.toml": text}).manifests["pyproject.toml"]
    assert (manifest.requirements, manifest.problems) == ((), ())
