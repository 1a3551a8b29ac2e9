from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.manifests.collect import manifest_format
from tests.model.manifests.tables import shown

if TYPE_CHECKING:
    from tests.model.manifests.conftest import Read

PUBLISHED = ["4.4.7", "5.2.7", "5.3.6", "5.4.0", "5.5.3", "5.6.3", "5.7.0"]
LOCK = '[[package]]\nname = "celery"\nversion = "{}"\n'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("requirements.txt", "requirements"),
        ("a/b/requirements-dev.txt", "requirements"),
        ("dev-requirements.in", "requirements"),
        ("requirements_test.txt", "requirements"),
        ("base_requirements.txt", "requirements"),
        ("requirements3.txt", "requirements"),
        ("Requirements.txt", "requirements"),
        ("constraints.txt", "requirements"),
        ("requirements/base.txt", "requirements"),
        ("deploy/requirements/dev.pip", "requirements"),
        ("requirements/base/common.txt", "requirements"),
        ("requirements.pip", "requirements"),
        ("requirements/MANIFEST.in", None),
        ("requirements/README.txt", None),
        ("notes.txt", None),
        ("requirementsanalysis.md", None),
        ("src/requirements.py", None),
        ("pyproject.toml", "pyproject"),
        ("x/setup.py", "setup.py"),
        ("setup.cfg", "setup.cfg"),
        ("Pipfile", "pipfile"),
        ("uv.lock", "lock"),
        ("Pipfile.lock", "lock"),
        ("environment.yml", "conda"),
        ("environment-dev.yaml", "conda"),
        ("dev_environment.yml", "conda"),
        ("docker-compose.yml", None),
        ("xsetup.py", None),
        ("yarn.lock", None),
    ],
)
def test_manifests_are_known_by_their_names(path: str, expected: str | None) -> None:
    assert manifest_format(path) == expected


def test_a_committed_virtualenv_and_node_modules_are_passed_over(read: Read) -> None:
    manifests = read(
        {
            "requirements.txt": "celery\n",
            "venv/lib/python3.11/site-packages/x/requirements.txt": "redis\n",
            "web/node_modules/x/setup.py": "setup(install_requires=['redis'])\n",
        }
    )
    assert list(manifests.manifests) == ["requirements.txt"]


def test_misspelt_names_are_read_where_none_is_spelt_rightly(read: Read) -> None:
    manifests = read(
        {
            "requierments.txt": "celery==2.4.5\n-r base/requirments.txt\n",
            "base/requirments.txt": "redis\n",
            "api/req.txt": "celery\n",
            "api/requirments-dev.txt": "pytest\n",
            "web/requirements.txt": "celery\n",
            "web/requirments.txt": "celery==3\n",
            "docs/request.txt": "celery\n",
            "docs/requested_email.txt": "celery\n",
        }
    )
    assert {path: [one.kind for one in manifest.requirements] for path, manifest in manifests.manifests.items()} == {
        "api/req.txt": ["runtime"],
        "api/requirments-dev.txt": ["development"],
        "base/requirments.txt": ["runtime"],
        "requierments.txt": ["runtime"],
        "web/requirements.txt": ["runtime"],
    }


def test_what_is_declared_can_be_asked_for(read: Read) -> None:
    manifests = read(
        {
            "requirements.txt": "celery[redis]>=5.4\n-c constraints.txt\n",
            "constraints.txt": "celery<5.6\nflask<4\n",
            "requirements-dev.txt": "celery[pytest]\npytest\n",
        }
    )
    both = manifests.all
    assert [shown(one) for one in both.declares("celery")] == [
        "celery[pytest] development:dev",
        "celery[redis]>=5.4 runtime",
    ]
    assert manifests.declares("celery") == both.declares("celery")
    assert both.extras_of("celery") == {"redis", "pytest"}
    assert (both.has("pytest"), both.has("flask"), both.has("redis")) == (True, False, False)
    assert both.specifier("celery") == ">=5.4,<5.6"
    assert both.specifier("pytest") == ""
    assert both.specifier("redis") is None
    assert both.admitted("celery", PUBLISHED) == ["5.4.0", "5.5.3"]
    assert both.resolved_version("celery", PUBLISHED) == "5.5.3"
    assert both.resolved_version("redis", PUBLISHED) is None
    assert both.locked("celery") is None


@pytest.mark.parametrize(
    ("files", "locked", "resolved"),
    [
        ({"requirements.txt": "celery\n"}, None, "5.7.0"),
        ({"requirements.txt": "celery<5\n"}, None, "4.4.7"),
        ({"requirements.txt": "celery>=6\n"}, None, None),
        ({"requirements.txt": "celery==5.3.6\n"}, "5.3.6", "5.3.6"),
        ({"requirements.txt": "celery==5.3.99\n"}, "5.3.99", "5.3.99"),
        ({"requirements.txt": "celery==5.3.6\nflask\n", "requirements-dev.txt": "celery==5.4.0\n"}, "5.3.6", "5.3.6"),
        ({"requirements-dev.txt": "celery==5.4.0\n"}, "5.4.0", "5.4.0"),
        ({"requirements.txt": "celery==5.3.6\n", "requirements-full.txt": "celery==5.4.0\n"}, None, None),
        ({"requirements.txt": "celery==5.4\n", "requirements-full.txt": "celery==5.4.0\n"}, "5.4.0", "5.4.0"),
        (
            {"requirements.txt": "celery>=5\n-c constraints.txt\n", "constraints.txt": "celery==5.3.6\n"},
            "5.3.6",
            "5.3.6",
        ),
        (
            {"pyproject.toml": "[project]\ndependencies=['celery>=5']\n", "uv.lock": LOCK.format("5.4.0")},
            "5.4.0",
            "5.4.0",
        ),
        ({"requirements.txt": "celery==5.3.6\n", "uv.lock": LOCK.format("5.4.0")}, None, None),
        (
            {"requirements.in": "celery\n", "requirements.txt": "# autogenerated by pip-compile\ncelery==5.5.3\n"},
            "5.5.3",
            "5.5.3",
        ),
        ({"requirements.txt": "celery @ git+https://h.example/celery\n"}, None, None),
        ({"requirements.txt": "celery==${V}\n"}, None, None),
        ({"requirements.txt": "https://h.example/celery-5.2.7-py3-none-any.whl\n"}, "5.2.7", "5.2.7"),
        ({"pyproject.toml": "[tool.poetry.dependencies]\ncelery = '^4.4 || ^5.2'\n"}, None, "5.7.0"),
        (
            {"pyproject.toml": "[tool.poetry.dependencies]\ncelery = '~5.3'\n", "poetry.lock": LOCK.format("5.3.6")},
            "5.3.6",
            "5.3.6",
        ),
        (
            {"requirements.txt": "celery<5 ; python_version<'3.7'\ncelery>=5,<5.6 ; python_version>='3.7'\n"},
            None,
            "5.5.3",
        ),
        (
            {"requirements.txt": "celery==4.4.7 ; python_version<'3.7'\ncelery==5.4.0 ; python_version>='3.7'\n"},
            "5.4.0",
            "5.4.0",
        ),
        ({"requirements.txt": "celery ; sys_platform != 'win32'\n"}, None, "5.7.0"),
        ({"requirements.txt": "# autogenerated by uv\ncelery>=5.4,<5.5\n"}, None, "5.4.0"),
        ({"uv.lock": LOCK.format("5.4.0") + "source = { git = 'x' }\n".replace("'", '"')}, None, None),
    ],
)
def test_the_version_is_the_locked_one_else_the_newest_admitted(
    read: Read, files: dict[str, str | bytes], locked: str | None, resolved: str | None
) -> None:
    everything = read(files).all
    assert everything.has("celery")
    assert everything.locked("celery") == locked
    assert everything.resolved_version("celery", PUBLISHED) == resolved
    assert everything.admitted("celery", PUBLISHED)[-1:] == ([resolved] if resolved else [])


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        (
            {"a/requirements.txt": "celery\n", "b/requirements.txt": "celery\nredis\n"},
            "a/x/app.py",
            ["a/requirements.txt"],
        ),
        (
            {"requirements/base.txt": "celery\n", "requirements/dev.txt": "-r base.txt\n"},
            "proj/celery.py",
            ["requirements/base.txt", "requirements/dev.txt"],
        ),
        ({"requirements.txt": "celery\n", "tests/requirements.txt": "pytest\n"}, "tests/app.py", ["requirements.txt"]),
        (
            {"requirements.txt": "flask\n", "docker/requirements.txt": "celery\n"},
            "app.py",
            ["docker/requirements.txt", "requirements.txt"],
        ),
        (
            {
                "pyproject.toml": '[project]\ndependencies = ["celery"]\n',
                "deploy/requirements/all.pip": "celery==3.0.19\n",
            },
            "proj/app.py",
            ["deploy/requirements/all.pip", "pyproject.toml"],
        ),
        ({"requirements.txt": "flask\n", "x/requirements.txt": "mypy\n"}, "x/app.py", ["x/requirements.txt"]),
        ({"docker/requirements.txt": "flask\n"}, "app.py", ["docker/requirements.txt"]),
        (
            {"pyproject.toml": "[project]\ndependencies = []\n", "deploy/requirements.txt": "celery\n"},
            "app.py",
            ["deploy/requirements.txt", "pyproject.toml"],
        ),
        (
            {"a/requirements.txt": "-r ../common/reqs.txt\n", "common/reqs.txt": "celery\n"},
            "a/app.py",
            ["common/reqs.txt"],
        ),
        (
            {"a/requirements.txt": "-r ../common/reqs.txt\nredis\n", "common/reqs.txt": "celery\n"},
            "a/app.py",
            ["a/requirements.txt", "common/reqs.txt"],
        ),
    ],
)
def test_the_nearest_manifests_speak_for_a_file(
    read: Read, files: dict[str, str | bytes], path: str, expected: list[str]
) -> None:
    manifests = read(files)
    chosen = manifests.for_path(path)
    if len(chosen.manifests) > len(expected):  # all of them, where the nearest only include
        chosen_paths = [one.path for one in chosen.manifests if one.requirements]
    else:
        chosen_paths = [one.path for one in chosen.manifests]
    assert chosen_paths == expected
    assert manifests.for_path(path) is manifests.for_path(path)


def test_a_workspace_member_is_held_by_the_lock_above_it(read: Read) -> None:
    member = (
        "[project]\nname = 'worker'\ndependencies = ['celery', 'shared']\n"
        "[tool.uv.sources]\nshared = { workspace = true }\n"
    )
    lock = (
        LOCK.format("5.4.0")
        + '[[package]]\nname = "worker"\nversion = "0"\nsource = { editable = "packages/worker" }\n'
    )
    manifests = read(
        {
            "uv.lock": lock,
            "pyproject.toml": "[tool.uv.workspace]\nmembers = ['packages/*']\n",
            "packages/worker/pyproject.toml": member,
            "packages/shared/pyproject.toml": "[project]\nname = 'shared'\ndependencies = ['redis']\n",
            "other/pyproject.toml": "[project]\nname = 'other'\ndependencies = ['celery']\n",
        }
    )
    worker = manifests.for_path("packages/worker/src/app.py")
    assert worker.locked("celery") == "5.4.0"
    assert worker.has("redis")
    assert manifests.for_path("other/app.py").locked("celery") is None


def test_nothing_is_declared_in_an_empty_project(read: Read) -> None:
    manifests = read({"app.py": "", "pyproject.toml": "[tool.ruff]\n"})
    chosen = manifests.for_path("app.py")
    assert chosen.problems == ()


def test_the_problems_of_manifests_and_locks_are_gathered(read: Read) -> None:
    manifests = read({"requirements.txt": "celery=5\n", "uv.lock": "[[package\n"})
    assert [one.location.path for one in manifests.all.problems] == ["requirements.txt", "uv.lock"]


def test_the_order_of_files_does_not_matter(read: Read) -> None:
    files: dict[str, str | bytes] = {"b/requirements.txt": "celery\n", "a/requirements.txt": "celery\n", "c.txt": ""}
    manifests = read(files)
    assert list(manifests.manifests) == ["a/requirements.txt", "b/requirements.txt"]
