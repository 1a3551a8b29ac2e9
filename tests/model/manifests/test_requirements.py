from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.manifests.requirements import purpose
from tests.model.manifests.tables import declared, included, problems

if TYPE_CHECKING:
    from tests.model.manifests.conftest import Read


@pytest.mark.parametrize(
    ("path", "kind", "group"),
    [
        ("requirements.txt", "runtime", ""),
        ("requirements/base.txt", "runtime", ""),
        ("requirements/production.txt", "runtime", ""),
        ("requirements-dev.txt", "development", "dev"),
        ("dev-requirements.txt", "development", "dev"),
        ("requirements_test.txt", "development", "test"),
        ("requirements/local.txt", "development", "local"),
        ("requirements/test-ci.txt", "development", "test-ci"),
        ("docs/requirements.txt", "development", "docs"),
        ("requirements-latest.txt", "runtime", ""),
        ("contest/requirements.txt", "runtime", ""),
        ("constraints.txt", "constraint", ""),
        ("ci/test-constraints.txt", "constraint", ""),
    ],
)
def test_a_files_name_tells_what_it_is_for(path: str, kind: str, group: str) -> None:
    assert purpose(path) == (kind, group)


def test_requirements_of_every_shape_are_read(read: Read) -> None:
    text = """\
# the queue
--index-url https://packages.example/simple
celery[redis,SQLAlchemy]>=5.4,<6   # results in Redis
Django_Celery_Results==2.5.1 ; python_version >= "3.8"
redis==5.0.1 --hash=sha256:aa
kombu @ git+https://github.example/celery/kombu@main
-e git+https://user:token@h.example/o/flower.git@v2#egg=flower[x]
git+https://h.example/o/billiard.git
https://h.example/vine-5.1.0-py3-none-any.whl
./wheels/amqp-5.2.0.tar.gz
pytz
"""
    manifest = read({"requirements.txt": text}).manifests["requirements.txt"]
    assert manifest.problems == ()
    assert declared(manifest) == [
        "celery[redis,sqlalchemy]>=5.4,<6 runtime",
        'django-celery-results==2.5.1 runtime ; python_version >= "3.8"',
        "redis==5.0.1 runtime",
        "kombu runtime @ git+https://github.example/celery/kombu@main",
        "flower[x] runtime @ git+https://h.example/o/flower.git@v2",
        "billiard runtime @ git+https://h.example/o/billiard.git",
        "vine==5.1.0 runtime @ https://h.example/vine-5.1.0-py3-none-any.whl",
        "amqp==5.2.0 runtime @ ./wheels/amqp-5.2.0.tar.gz",
        "pytz runtime",
    ]
    assert "token" not in repr(manifest)


@pytest.mark.parametrize(
    ("line", "name", "specifier"),
    [
        ("https://h.example/o/releases/download/v3/celery-4.4.0-patched.zip", "celery", "==4.4.0"),
        ("https://github.example/celery/celery/archive/refs/tags/v5.3.0.zip", "celery", "==5.3.0"),
        ("https://github.example/celery/celery/archive/v5.3.0rc1.tar.gz", "celery", "==5.3.0rc1"),
        ("https://github.example/celery/celery/archive/main.zip", "celery", ""),
        ("https://github.example/celery/celery/archive/0a1b2c3d4e5f.zip", "celery", ""),
        ("https://h.example/django-celery-results-2.5.1.tar.gz", "django-celery-results", "==2.5.1"),
    ],
)
def test_an_archive_is_called_for_what_is_in_it(read: Read, line: str, name: str, specifier: str) -> None:
    [requirement] = read({"requirements.txt": f"{line}\n"}).manifests["requirements.txt"].requirements
    assert (requirement.name, requirement.specifier) == (name, specifier)


def test_a_requirement_is_where_it_is_written(read: Read) -> None:
    manifest = read({"requirements.txt": "# é\n  celery[redis]>=5.4 # x\n"}).manifests["requirements.txt"]
    span = manifest.requirements[0].location.span
    assert (span.line, span.column, span.end_line, span.end_column) == (2, 3, 2, 21)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("celery=5.3", "pip cannot read this requirement of celery: a version is compared with == and not with ="),
        (
            "celery 5.3",
            "pip cannot read this requirement of celery: an operator such as == is missing before the version",
        ),
        ("celery>=5.*", "pip (from 24.1 on) cannot read the version in this requirement of celery"),
        ("celery>5 redis", "pip (from 24.1 on) cannot read the version in this requirement of celery"),
        ("celery and redis", "pip cannot read this requirement of celery"),
        (
            "uv pip install -r other.txt",
            "this line is a command of the shell, which pip cannot read",
        ),
        ("<<<<<<< HEAD", "this line is no requirement that pip can read"),
        ("celery --nonsense", "the option --nonsense is unknown to pip"),
    ],
)
def test_one_bad_line_is_one_problem_and_the_rest_is_read(read: Read, line: str, message: str) -> None:
    manifest = read({"requirements.txt": f"flask>=3\n{line}\nredis>=5\n"}).manifests["requirements.txt"]
    assert problems(manifest) == [(2, message)]
    assert not manifest.problems[0].whole_file
    assert {"flask>=3 runtime", "redis>=5 runtime"} <= set(declared(manifest))


def test_the_package_of_a_bad_line_still_counts_as_declared(read: Read) -> None:
    manifests = read({"requirements.txt": "celery=5.3\nredis\n"})
    assert manifests.all.has("celery")
    assert manifests.all.specifier("celery") is None


def test_a_version_from_a_variable_or_a_template_is_unclear_and_no_problem(read: Read) -> None:
    text = (
        "celery[redis]==${CELERY}\nredis=={{ cookiecutter.redis }}\n"
        "{% if x %}\nkombu\n{% endif %}\nhttps://${HOST}/x.whl\n"
    )
    manifest = read({"requirements.txt": text}).manifests["requirements.txt"]
    assert declared(manifest) == ["celery[redis] runtime unclear", "redis runtime unclear", "kombu runtime"]
    assert manifest.problems == ()


def test_what_pip_compile_and_uv_wrote_is_a_lock(read: Read) -> None:
    for tool in (
        "#\n# This file is autogenerated by pip-compile with Python 3.11\n",
        "# This file was autogenerated by uv via\n",
    ):
        text = (
            tool
            + "celery[redis]==5.4.0 \\\n    --hash=sha256:aa\n"
            + "    # via -r requirements.in\nredis==5.0.1\n    # via celery\n"
        )
        manifest = read({"requirements.txt": text}).manifests["requirements.txt"]
        assert declared(manifest) == ["celery[redis]==5.4.0 lock", "redis==5.0.1 lock"]
        assert manifest.problems == ()


def test_an_export_of_conda_under_pips_name_is_read(read: Read) -> None:
    text = (
        "# This file may be used to create an environment using:\n# $ conda create --name <env> --file <this file>\n"
        "# platform: linux-64\ncelery=5.3.6=pyhd8ed1ab_0\nredis-py=5.0.1=pyhd_0\n_libgcc_mutex=0.1=main\n"
    )
    manifest = read({"requirements.txt": text}).manifests["requirements.txt"]
    assert manifest.problems == ()
    assert declared(manifest)[:2] == ["celery==5.3.6 runtime", "redis==5.0.1 runtime"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_that_pip_reads_are_read(read: Read, encoding: str) -> None:
    manifest = read({"requirements.txt": "celery==5.3.4\r\nredis # é\r\n".encode(encoding)}).manifests[
        "requirements.txt"
    ]
    assert declared(manifest) == ["celery==5.3.4 runtime", "redis runtime"]
    assert manifest.requirements[0].location.span.column == 1


def test_prose_that_only_shares_the_name_is_no_manifest(read: Read) -> None:
    text = (
        "The system shall\n\n1. accept orders from anyone\n2. send mail when done\n3. never lose one, ever\nOverview\n"
    )
    manifest = read({"docs/requirements.txt": text}).manifests["docs/requirements.txt"]
    assert (manifest.format, manifest.requirements, manifest.problems) == ("text", (), ())


def test_prose_that_ends_in_a_list_of_names_is_no_manifest(read: Read) -> None:
    text = (
        "To run it one needs\n\npython-dev, python-smbus, redis\n\nRequired libraries\n"
        "Drivers and displays from the manufacturer\ncelery\nflask\npeewee\nredis\n"
    )
    manifest = read({"requirements.txt": text}).manifests["requirements.txt"]
    assert (manifest.format, manifest.requirements, manifest.problems) == ("text", (), ())


def test_bad_lines_among_requirements_are_reported_line_by_line(read: Read) -> None:
    text = "celery\nflask\npeewee\nredis\ndjango\nkombu 5.3\nvine 5\nbilliard 4\namqp 5\n"
    manifest = read({"requirements.txt": text}).manifests["requirements.txt"]
    assert [line for line, _ in problems(manifest)] == [6, 7, 8, 9]


def test_a_list_in_a_table_is_reported_line_by_line(read: Read) -> None:
    text = "Package    Version\n---------- -------\ncelery     5.3.6\nredis      5.0.1\nflask==3.0\n"
    manifest = read({"requirements.txt": text}).manifests["requirements.txt"]
    assert [line for line, _ in problems(manifest)] == [1, 2, 3, 4]


def test_included_files_are_read_whatever_they_are_called(read: Read) -> None:
    manifests = read(
        {
            "requirements/dev.txt": "-r ../deps/base\n-c versions\npytest\n",
            "deps/base": "celery\n",
            "requirements/versions": "celery==5.4.0\n",
        }
    )
    assert included(manifests.manifests["requirements/dev.txt"]) == [
        ("deps/base", "development"),
        ("requirements/versions", "constraint"),
    ]
    assert declared(manifests.manifests["deps/base"]) == ["celery development:dev"]
    assert declared(manifests.manifests["requirements/versions"]) == ["celery==5.4.0 constraint"]


def test_a_file_included_for_development_keeps_the_purpose_that_its_name_tells(read: Read) -> None:
    manifests = read({"requirements/dev.txt": "-r base.txt\n", "requirements/base.txt": "celery\n"})
    assert declared(manifests.manifests["requirements/base.txt"]) == ["celery runtime"]


def test_a_constraints_file_that_is_required_is_no_constraint(read: Read) -> None:
    manifests = read(
        {
            "requirements.txt": "-r constraints.txt\n",
            "constraints.txt": "celery==5.4.0\n",
            "ci/constraints.txt": "redis\n",
        }
    )
    assert declared(manifests.manifests["constraints.txt"]) == ["celery==5.4.0 runtime"]
    assert declared(manifests.manifests["ci/constraints.txt"]) == ["redis constraint"]


def test_a_missing_included_file_is_a_problem_of_its_line(read: Read) -> None:
    manifests = read({"requirements.txt": "celery\n-r base.txt\n-c nowhere.txt\n-r folder\n", "folder/x.md": ""})
    assert problems(manifests.manifests["requirements.txt"]) == [
        (2, "base.txt is not there, so pip stops at this line"),
        (3, "nowhere.txt is not there, so pip stops at this line"),
        (4, "folder is a folder, not a requirements file"),
    ]


def test_what_lies_outside_or_elsewhere_is_left_alone(read: Read) -> None:
    text = (
        "-r ../outside.txt\n-r /etc/passwd\n-r https://h.example/r.txt\n"
        "-r ${WHERE}/r.txt\n-r poetry.lock\n-r a\0b.txt\n"
    )
    manifests = read({"requirements.txt": text.replace("\0", ""), "poetry.lock": ""})
    assert manifests.manifests["requirements.txt"].problems[1:] == ()
    assert list(manifests.manifests) == ["requirements.txt"]


def test_files_that_include_each_other_are_read_once_and_reported(read: Read) -> None:
    manifests = read(
        {
            "requirements.txt": "-r a.txt\nredis\n",
            "a.txt": "-r requirements.txt\ncelery\n",
            "self-requirements.txt": "-r self-requirements.txt\n",
        }
    )
    assert problems(manifests.manifests["a.txt"]) + problems(manifests.manifests["requirements.txt"]) == [
        (1, "requirements.txt includes itself by way of this line, which pip refuses")
    ]
    assert problems(manifests.manifests["self-requirements.txt"]) == [
        (1, "self-requirements.txt includes itself by way of this line, which pip refuses")
    ]


def test_a_local_package_brings_its_own_requirements(read: Read) -> None:
    manifests = read(
        {
            "deploy/requirements.txt": "-e ../app[redis]\n./lib\ngunicorn\n",
            "app/setup.py": "from setuptools import setup\nsetup(name='app', install_requires=['celery[redis]'])\n",
            "deploy/lib/pyproject.toml": "[project]\nname='lib'\ndependencies=['redis']\n",
        }
    )
    assert manifests.manifests["deploy/requirements.txt"].locals == ("app", "deploy/lib")
    chosen = manifests.for_path("deploy/worker.py")
    assert (chosen.has("celery"), chosen.has("redis")) == (True, True)
