from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.manifests.conda import specifier_of
from tests.model.manifests.tables import declared, included, problems

if TYPE_CHECKING:
    from tests.model.manifests.conftest import Read


def test_a_pipfile_is_read(read: Read) -> None:
    text = """
    [[source]]
    url = "https://user:pw@h.example/simple"
    [packages]
    celery = {extras = ["redis"], version = "*"}
    redis = "==5.0.1"
    kombu = {git = "https://h.example/kombu.git", ref = "main"}
    lib = {path = "./lib", editable = true}
    [dev-packages]
    pytest = ">=8"
    [worker]
    flower = "~=2.0"
    [requires]
    python_version = "3.11"
    """
    manifest = read({"Pipfile": text}).manifests["Pipfile"]
    assert declared(manifest) == [
        "celery[redis] runtime",
        "redis==5.0.1 runtime",
        "kombu runtime @ https://h.example/kombu.git",
        "lib runtime @ ./lib",
        "pytest>=8 development:dev-packages",
        "flower~=2.0 optional:worker",
    ]


def test_a_setup_cfg_is_read(read: Read) -> None:
    text = """\
[metadata]
name = My_App
[options]
install_requires =
    celery[redis]>=5   # the queue
    # not this
    kombu ; python_version < "3.12"
tests_require = pytest; redis
[options.extras_require]
worker = file: worker.txt, more.txt
docs =
    sphinx
[flake8]
max-line-length = 100
"""
    manifest = read({"setup.cfg": text, "worker.txt": "flower\n", "more.txt": "redis\n"}).manifests["setup.cfg"]
    assert declared(manifest) == [
        "celery[redis]>=5 runtime",
        'kombu runtime ; python_version < "3.12"',
        "pytest development:test",
        "redis development:test",
        "sphinx development:docs",
    ]
    assert included(manifest) == [("worker.txt", "optional"), ("more.txt", "optional")]
    assert manifest.provides == "my-app"
    assert manifest.requirements[0].location.span.column == 5


def test_a_broken_setup_cfg_is_a_problem_only_where_it_declares(read: Read) -> None:
    broken = "[options]\ninstall_requires =\n    celery\nnonsense\n"
    manifests = read({"setup.cfg": broken, "tool/setup.cfg": "[flake8\nnonsense\n", "empty/setup.cfg": ""})
    (problem,) = manifests.manifests["setup.cfg"].problems
    assert (problem.location.span.line, problem.whole_file) == (4, True)
    assert declared(manifests.manifests["setup.cfg"]) == ["celery runtime"]
    assert manifests.manifests["tool/setup.cfg"].problems == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("setup(install_requires=['celery>=5', 'redis'])", ["celery>=5 runtime", "redis runtime"]),
        (
            "setuptools.setup(install_requires=('celery',), tests_require='pytest')",
            ["celery runtime", "pytest development:test"],
        ),
        (
            (
                "needs = ['celery']\nneeds += ['redis']\nneeds.append('kombu')\n"
                "needs.extend(['vine'])\nsetup(install_requires=needs)"
            ),
            ["celery runtime", "redis runtime", "kombu runtime", "vine runtime"],
        ),
        (
            "base = ['celery']\nsetup(install_requires=base + ['redis'] if x else list(base))",
            ["celery runtime", "redis runtime"],
        ),
        (
            "setup(install_requires='''\n  celery>=5\n  # not this\n  redis\n''')",
            ["celery>=5 runtime", "redis runtime"],
        ),
        ("setup(install_requires='celery redis>=5'.split())", ["celery runtime", "redis>=5 runtime"]),
        (
            "setup(install_requires=['celery==%s' % V, f'redis=={V}', 'kombu>={}'.format(V)])",
            ["celery runtime unclear", "redis runtime unclear", "kombu runtime unclear"],
        ),
        ("setup(install_requires=[*BASE, 'redis'])\nBASE = ['celery']", ["celery runtime", "redis runtime"]),
        (
            (
                "E = {'redis': ['redis>=5'], **MORE}\nMORE = {'test': ['pytest']}\n"
                "E['all'] = ['flower']\nsetup(extras_require=E)"
            ),
            ["redis>=5 optional:redis", "pytest development:test", "flower optional:all"],
        ),
        ("setup(extras_require=dict(redis=['redis']))", ["redis optional:redis"]),
        ("kw = dict(install_requires=['celery'])\nsetup(**kw)", ["celery runtime"]),
        ("kw = {'install_requires': ['celery']}\nsetup(name='x', **kw)", ["celery runtime"]),
        ("setup(install_requires=['celery' 'redis'])", ["celeryredis runtime"]),
        ("setup(install_requires=['celery', computed(), other.thing, needs[0]])", ["celery runtime"]),
        ("a = b\nb = a\nsetup(install_requires=a)", []),
        ("print 'Python 2'\nsetup(install_requires=['celery'])", ["celery runtime"]),
        ("setup(name='x', packages=find_packages())", []),
    ],
)
def test_a_setup_py_is_read_and_not_run(read: Read, text: str, expected: list[str]) -> None:
    guard = "from setuptools import setup  # install_requires\nraise SystemExit('run')\n"
    manifest = read({"setup.py": guard + text + "\n"}).manifests["setup.py"]
    assert sorted(declared(manifest)) == sorted(expected)
    assert manifest.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "setup(install_requires=open('requirements.txt').read().splitlines())",
        "with open('requirements.txt') as f:\n    needs = f.read().splitlines()\nsetup(install_requires=needs)",
        "setup(install_requires=[line.strip() for line in open(os.path.join(here, 'requirements.txt'))])",
        "setup(install_requires=[str(r.req) for r in parse_requirements('requirements.txt', session=False)])",
        (
            "def needs():\n    with open('requirements.txt') as f:\n"
            "        return list(f)\nsetup(install_requires=needs())"
        ),
        "def needs(name):\n    return open(name).readlines()\nsetup(install_requires=needs('requirements.txt'))",
        "NAME = 'requirements.txt'\nsetup(install_requires=(HERE / NAME).read_text().split())",
    ],
)
def test_a_requirements_file_that_setup_py_opens_is_included(read: Read, text: str) -> None:
    manifests = read({"app/setup.py": text, "app/requirements.txt": "celery[redis]\n"})
    assert manifests.manifests["app/setup.py"].problems == ()
    assert [one.path for one in manifests.manifests["app/setup.py"].includes] == [
        "app/requirements.txt",
        "app/requirements/requirements.txt",
    ]
    assert manifests.for_path("app/x.py").has("celery")


def test_the_folder_before_a_file_name_is_joined(read: Read) -> None:
    text = "import os\nsetup(install_requires=open(os.path.join('reqs', 'base.txt')).readlines())\n"
    assert included(read({"setup.py": text}).manifests["setup.py"])[0] == ("reqs/base.txt", "runtime")


def test_only_a_setup_py_in_which_nothing_can_be_found_is_unreadable(read: Read) -> None:
    manifests = read(
        {
            "a/setup.py": "setup(install_requires=['celery']\n",
            "b/setup.py": "def setup((((\n  install_requires ]\n",
            "c/setup.py": "x = 1\n",
        }
    )
    assert [problem.whole_file for problem in manifests.manifests["b/setup.py"].problems] == [True]
    assert manifests.manifests["c/setup.py"].problems == ()


def test_a_string_in_setup_py_is_where_it_is_written(read: Read) -> None:
    manifest = read({"setup.py": "setup(install_requires=[\n    'celery[redis]>=5',\n])\n"}).manifests["setup.py"]
    span = manifest.requirements[0].location.span
    assert (span.line, span.column, span.end_column) == (2, 6, 22)


def test_a_conda_environment_is_read(read: Read) -> None:
    text = """\
name: x
channels: [conda-forge]
dependencies:
  - python=3.11
  - celery=5.3
  - conda-forge::redis-py>=5
  - kombu==5.3.4=py_0
  - sqlalchemy[version='>=2,<3']
  - what is this?
  - pip
  - pip:
      - flower>=2  # c
      - -r extra.txt
      - --index-url https://h.example
      - vine=5
"""
    manifests = read({"environment.yml": text, "extra.txt": "amqp\n"})
    manifest = manifests.manifests["environment.yml"]
    assert [one for one in declared(manifest) if not one.startswith(("python", "pip "))] == [
        "celery==5.3.* runtime",
        "redis>=5 runtime",
        "kombu==5.3.4 runtime",
        "sqlalchemy>=2,<3 runtime",
        "flower>=2 runtime",
        "vine runtime unclear",
    ]
    assert [line for line, _ in problems(manifest)] == [15]
    assert included(manifest) == [("extra.txt", "runtime")]
    assert manifest.requirements[1].location.span.line == 5


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("dependencies: [celery\n", True),
        ("dependencies:\n{% if x %}\n  - celery\n{% endif %}\n", False),
        ("services:\n  web: {}\n", False),
        ("dependencies: celery\n", False),
    ],
)
def test_only_a_broken_environment_is_a_problem(read: Read, text: str, broken: bool) -> None:
    manifest = read({"environment.yml": text}).manifests["environment.yml"]
    assert [problem.whole_file for problem in manifest.problems] == [True] * broken


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("", ""),
        ("*", ""),
        ("=5.3", "==5.3.*"),
        ("5.3.*", "==5.3.*"),
        ("=5.3.*", "==5.3.*"),
        ("==5.3", "==5.3"),
        ("5.3", "==5.3"),
        ("=5.3.4=py_0", "==5.3.4"),
        (" 5.3.4 py_0", "==5.3.4"),
        ("==5.3.4=py_0", "==5.3.4"),
        (">=5,<6", ">=5,<6"),
        ("!=5.1.*", "!=5.1.*"),
        (">=5.1.*", ">=5.1"),
        ("5.1|5.2", "==5.1||==5.2"),
        ("=5.0rc1", "==5.0rc1"),
        ("nonsense", None),
    ],
)
def test_condas_versions_are_translated(version: str, expected: str | None) -> None:
    assert specifier_of(version) == expected
