"""Requirements put into manifests: one line of the file changes, in the file's own manner, and the rest is the same."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.composition import compose
from celery_backend_lint.fixes.manifests.changes import add_requirement, change_versions, new_requirement
from celery_backend_lint.model.manifests.collect import read_manifests
from celery_backend_lint.model.wanted_requirements import Wanted
from celery_backend_lint.project.discovery import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.fixes.manifests.changes import ManifestChange

REDIS = "redis>=4.5.2,<6.5"
EXTRA = Wanted("redis>=4.5.2,<6.5", "redis", whole=True)
"""What nothing but Celery's own extra will do for."""


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())


def changed(
    root: Path, files: dict[str, str | bytes], what: str | Wanted, *, near: str = "app.py", how: str = "add"
) -> tuple[dict[str, str], ManifestChange]:
    """The diff of each manifest that is changed (lines that go and come, without context), and the change."""
    write(root, files)
    project = open_project([str(root)], str(root))
    manifests = read_manifests(project)
    if how == "add":
        change = add_requirement(manifests, project, what, near)
    elif how == "new":
        change = new_requirement(project, manifests, str(what), near)
    else:
        change = change_versions(manifests, project, how, str(what), near)
    assert change is not None
    diffs = {}
    for path, after in compose(project, [Fix(change.title, Applicability.SAFE, change.edits)]).items():
        before = files[path].decode("latin-1") if isinstance(files[path], bytes) else files[path]  # type: ignore[union-attr]
        text = after.decode("latin-1") if isinstance(files[path], bytes) else after.decode()
        lines = difflib.ndiff(before.splitlines(keepends=True), text.splitlines(keepends=True))  # type: ignore[arg-type]
        diffs[path] = "".join(line for line in lines if line[0] in "-+")
    return diffs, change


def added(root: Path, path: str, text: str, what: str | Wanted = REDIS) -> str:
    """The file with the requirement, whole."""
    write(root, {path: text})
    project = open_project([str(root)], str(root))
    change = add_requirement(read_manifests(project), project, what, "app.py")
    assert change is not None
    return compose(project, [Fix(change.title, Applicability.SAFE, change.edits)])[path].decode()


def refusal(root: Path, files: dict[str, str | bytes], what: str | Wanted = REDIS, how: str = "add") -> str:
    with pytest.raises(CannotFixError) as raised:
        changed(root, files, what, how=how)
    return str(raised.value)


class TestRequirementsFile:
    def test_behind_celery_where_the_list_is_not_sorted(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "django\ncelery==5.6  # queue\nattrs\n") == (
            f"django\ncelery==5.6  # queue\n{REDIS}\nattrs\n"
        )

    def test_by_name_where_it_is_sorted(self, tmp_path: Path) -> None:
        text = "Celery>=5\nDjango\nzope\n"
        assert added(tmp_path, "requirements.txt", text) == f"Celery>=5\nDjango\n{REDIS}\nzope\n"

    def test_first_of_a_sorted_list(self, tmp_path: Path) -> None:
        text = "# queue\ncelery\ndjango\n"
        assert added(tmp_path, "requirements.txt", text, "boto3") == "# queue\nboto3\ncelery\ndjango\n"

    def test_by_name_where_capitals_come_first(self, tmp_path: Path) -> None:
        text = "Django\nWerkzeug\ncelery\nvine\n"
        assert added(tmp_path, "requirements.txt", text) == text.replace("vine", f"{REDIS}\nvine")

    def test_by_name_where_one_of_many_is_out_of_order(self, tmp_path: Path) -> None:
        text = "amqp\ncelery\nclick\ndjango\nflask\nidna\nkombu\nsix\nvine\nwheel\nattrs\n"
        assert added(tmp_path, "requirements.txt", text) == text.replace("six", f"{REDIS}\nsix")

    def test_in_the_block_of_celery(self, tmp_path: Path) -> None:
        text = "attrs\n\n# queue\ncelery\n\nzope\n"
        assert added(tmp_path, "requirements.txt", text) == f"attrs\n\n# queue\ncelery\n{REDIS}\n\nzope\n"

    def test_options_end_a_block_and_stay(self, tmp_path: Path) -> None:
        text = "-r other.in\ncelery\n--extra-index-url https://pypi.org/simple\nattrs\n"
        assert added(tmp_path, "requirements.txt", text) == text.replace("celery\n", f"celery\n{REDIS}\n")

    def test_no_line_ending_at_the_end(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "celery") == f"celery\n{REDIS}"

    def test_continued_line(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "celery\\\n>=5\nattrs\n") == f"celery\\\n>=5\n{REDIS}\nattrs\n"

    def test_spaces_as_celery_has_them(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "celery >= 5\n") == "celery >= 5\nredis >= 4.5.2, < 6.5\n"

    def test_windows_line_endings(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "celery\r\nvine\r\n") == f"celery\r\n{REDIS}\r\nvine\r\n"

    def test_utf_16_with_its_mark(self, tmp_path: Path) -> None:
        write(tmp_path, {"requirements.txt": "celery\r\nvine\r\n".encode("utf-16")})
        project = open_project([str(tmp_path)], str(tmp_path))
        change = add_requirement(read_manifests(project), project, REDIS, "app.py")
        assert change is not None
        after = compose(project, [Fix("", Applicability.SAFE, change.edits)])["requirements.txt"]
        assert after == f"celery\r\n{REDIS}\r\nvine\r\n".encode("utf-16")

    def test_extra_joins_those_that_are_there(self, tmp_path: Path) -> None:
        text = "celery[librabbitmq, sqs]>=5 ; python_version > '3.8'  # queue\n"
        assert added(tmp_path, "requirements.txt", text, EXTRA) == text.replace("sqs]", "redis, sqs]")

    def test_extra_goes_last_where_the_extras_are_not_sorted(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "celery[sqs,auth]==5.6\n", EXTRA) == "celery[sqs,auth,redis]==5.6\n"

    def test_first_extra(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "celery == 5.6\n", EXTRA) == "celery[redis] == 5.6\n"

    def test_comments_that_are_lined_up_stay_so(self, tmp_path: Path) -> None:
        text = "celery>=5.5            # queue\nflask>=3               # web\n"
        assert added(tmp_path, "requirements.txt", text, EXTRA) == text.replace(
            "celery>=5.5            #", "celery[redis]>=5.5     #"
        )

    def test_extra_that_is_enough_is_taken_where_celery_has_extras(self, tmp_path: Path) -> None:
        some = Wanted("sqlalchemy>=1.4.54,<2.2", "sqlalchemy")
        assert added(tmp_path, "requirements.txt", "celery[sqs]\n", some) == "celery[sqlalchemy,sqs]\n"
        assert added(tmp_path, "requirements.txt", "celery\n", some) == "celery\nsqlalchemy>=1.4.54,<2.2\n"

    def test_brackets_without_an_extra(self, tmp_path: Path) -> None:
        assert added(tmp_path, "requirements.txt", "celery[]==5.6\n", EXTRA) == "celery[redis]==5.6\n"

    def test_every_fork_of_celery_gets_the_extra(self, tmp_path: Path) -> None:
        text = "celery==5.2; python_version < '3.8'\ncelery==5.6; python_version >= '3.8'\n"
        assert added(tmp_path, "requirements.txt", text, EXTRA) == text.replace("celery==", "celery[redis]==")

    def test_celery_from_a_repository_gets_a_neighbour(self, tmp_path: Path) -> None:
        text = "celery @ git+https://git.example.org/celery.git\n"
        assert added(tmp_path, "requirements.txt", text, EXTRA) == f"{text}{REDIS}\n"

    def test_extra_of_a_celery_that_another_package_brings(self, tmp_path: Path) -> None:
        text = "django-celery-beat\n"
        assert added(tmp_path, "requirements.txt", text, EXTRA) == f"celery[redis]\n{text}"

    def test_says_that_the_others_are_pinned(self, tmp_path: Path) -> None:
        _, change = changed(tmp_path, {"requirements.txt": "celery==5.6.3\ndjango==5.2\n"}, REDIS)
        assert change.title == f"Add {REDIS} to requirements.txt"
        assert change.note == "every other version in `requirements.txt` is pinned: pin this one as well"

    def test_hashes_are_refused(self, tmp_path: Path) -> None:
        text = "celery==5.6.3 \\\n    --hash=sha256:0123\n"
        assert "by hash" in refusal(tmp_path, {"requirements.txt": text})

    def test_an_export_of_conda_is_refused(self, tmp_path: Path) -> None:
        text = "# $ conda create --name <env> --file <this file>\ncelery=5.6.3=py_0\n"
        assert "conda list" in refusal(tmp_path, {"requirements.txt": text})

    def test_a_file_that_is_not_text_is_refused(self, tmp_path: Path) -> None:
        files: dict[str, str | bytes] = {
            "requirements.txt": "celery\n",
            "setup.py": b"setup(install_requires=['celery', '\xff'])",
        }
        write(tmp_path, files)
        project = open_project([str(tmp_path)], str(tmp_path))
        change = add_requirement(read_manifests(project), project, REDIS, "app.py")
        assert change is not None
        assert change.paths == ("requirements.txt",)

    def test_nothing_to_do_where_it_is_declared(self, tmp_path: Path) -> None:
        write(tmp_path, {"requirements.txt": "celery[redis]\nredis\n"})
        project = open_project([str(tmp_path)], str(tmp_path))
        manifests = read_manifests(project)
        assert add_requirement(manifests, project, REDIS, "app.py") is None
        assert add_requirement(manifests, project, EXTRA, "app.py") is None

    def test_a_requirement_with_a_marker_is_no_argument(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="no requirement"):
            changed(tmp_path, {"requirements.txt": "celery\n"}, "redis; python_version > '3'")


HEAD = '[project]\nname = "shop"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["celery>=5", "django"]', '["celery>=5", "django", "NEW"]'),
        ('[ "celery>=5", "zope" ]', '[ "celery>=5", "NEW", "zope" ]'),
        ('["zope", "celery>=5", "attrs"]', '["zope", "celery>=5", "NEW", "attrs"]'),
        ("['celery>=5']", "['celery>=5', 'NEW']"),
        ('["celery>=5",]', '["celery>=5", "NEW",]'),
        ('[\n    "celery>=5",\n    "zope",\n]', '[\n    "celery>=5",\n    "NEW",\n    "zope",\n]'),
        ('[\n\t"celery>=5",\n]', '[\n\t"celery>=5",\n\t"NEW",\n]'),
        ('[\n  "zope",\n  "celery>=5"\n]', '[\n  "zope",\n  "celery>=5",\n  "NEW"\n]'),
        ('[\n  "zope",\n  "celery>=5" # queue\n]', '[\n  "zope",\n  "celery>=5", # queue\n  "NEW"\n]'),
        ('[\n  "celery>=5", # queue\n  # end\n]', '[\n  "celery>=5", # queue\n  "NEW",\n  # end\n]'),
        (
            '[\n  "zope",\n\n  # queue\n  "celery>=5",\n\n  # web\n  "django",\n]',
            '[\n  "zope",\n\n  # queue\n  "celery>=5",\n  "NEW",\n\n  # web\n  "django",\n]',
        ),
        ('[\n    "attrs"\n  , "celery>=5"\n]', '[\n    "attrs"\n  , "celery>=5"\n  , "NEW"\n]'),
        ('[\n    "celery>=5"\n  , "zope"\n]', '[\n    "celery>=5"\n  , "NEW"\n  , "zope"\n]'),
        ('["celery>=5",\n "zope"]', '["celery>=5",\n "NEW",\n "zope"]'),
        ('["attrs",\n "celery>=5"]', '["attrs",\n "celery>=5",\n "NEW"]'),
        ('[\n  "celery>=5", "zope",\n]', '[\n  "celery>=5", "NEW", "zope",\n]'),
        ('["zope", "celery", # queue\n "attrs"]', '["zope", "celery", "NEW", # queue\n "attrs"]'),
        ('["celery (>=5,<6)"]', '["celery (>=5,<6)", "redis (>=4.5.2,<6.5)"]'),
    ],
)
def test_arrays_of_toml(tmp_path: Path, before: str, after: str) -> None:
    for ending in ("\n", "\r\n"):
        text = f"{HEAD}# all\ndependencies = {before} # those\n\n[tool.x]\n".replace("\n", ending)
        wanted = f"{HEAD}# all\ndependencies = {after} # those\n\n[tool.x]\n".replace("NEW", REDIS).replace(
            "\n", ending
        )
        assert added(tmp_path, "pyproject.toml", text) == wanted


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["celery", "django"]', '["boto3", "celery", "django"]'),
        ('[\n  # queue\n  "celery",\n]', '[\n  # queue\n  "boto3",\n  "celery",\n]'),
        ('[\n  "zope"\n\n  , "celery"\n]', '[\n  "zope"\n\n  , "boto3"\n  , "celery"\n]'),
    ],
)
def test_first_in_arrays_of_toml(tmp_path: Path, before: str, after: str) -> None:
    text = f"{HEAD}dependencies = {before}\n"
    assert added(tmp_path, "pyproject.toml", text, "boto3") == f"{HEAD}dependencies = {after}\n"


def test_arrays_that_are_laid_out_in_no_known_way_are_refused(tmp_path: Path) -> None:
    text = f'{HEAD}dependencies = [\n  "celery"\n  # then\n  ,\n  "zope"\n]\n'
    assert "laid out" in refusal(tmp_path, {"pyproject.toml": text})


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("[project.optional-dependencies]\nworker", "worker"),
        ("[dependency-groups]\nworker", "worker"),
        ("[tool.uv]\ndev-dependencies", "dev"),
        ("[tool.pdm.dev-dependencies]\ntest", "test"),
        ("[tool.hatch.envs.worker]\ndependencies", "worker"),
        ("[tool.flit.metadata]\nrequires", ""),
    ],
)
def test_other_arrays_that_celery_stands_in(tmp_path: Path, table: str, name: str) -> None:
    text = f'[build-system]\nrequires = ["x"]\n\n{table} = [\n  "celery",\n]\n'
    assert added(tmp_path, "pyproject.toml", text) == text.replace('"celery",\n', f'"celery",\n  "{REDIS}",\n'), name


def test_a_group_that_takes_in_another(tmp_path: Path) -> None:
    text = '[dependency-groups]\nqueue = [{include-group = "base"}, "celery"]\nbase = ["django"]\n'
    assert added(tmp_path, "pyproject.toml", text) == text.replace('"celery"', f'"celery", "{REDIS}"')


def test_each_group_that_declares_celery(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n[project.optional-dependencies]\nweb = ["celery"]\nworker = ["celery"]\n'
    assert added(tmp_path, "pyproject.toml", text) == text.replace('["celery"]', f'["celery", "{REDIS}"]')


def test_the_project_before_groups_for_development(tmp_path: Path) -> None:
    text = f'{HEAD}dependencies = ["celery"]\n[dependency-groups]\ndev = ["celery"]\n'
    assert added(tmp_path, "pyproject.toml", text) == text.replace('["celery"]', f'["celery", "{REDIS}"]', 1)


POETRY = '[tool.poetry]\nname = "shop"\n\n[tool.poetry.dependencies]\npython = "^3.10"\n'


@pytest.mark.parametrize(
    ("before", "neighbour", "extra"),
    [
        ('celery = "^5.6"\n', 'celery = "^5.6"\nredis = "V"\n', 'celery = {extras = ["redis"], version = "^5.6"}\n'),
        ("celery = '^5.6'\n", "celery = '^5.6'\nredis = 'V'\n", "celery = {extras = ['redis'], version = '^5.6'}\n"),
        (
            'celery = {version="^5", extras=["sqs"]}\nzope = "*"\n',
            'celery = {version="^5", extras=["sqs"]}\nredis = "V"\nzope = "*"\n',
            'celery = {version="^5", extras=["redis", "sqs"]}\nzope = "*"\n',
        ),
        (
            'zope = "1"\ncelery = { version = "^5" } # queue\nattrs = "1"\n',
            'zope = "1"\ncelery = { version = "^5" } # queue\nredis = "V"\nattrs = "1"\n',
            'zope = "1"\ncelery = { extras = ["redis"], version = "^5" } # queue\nattrs = "1"\n',
        ),
        (
            'celery    = "^5"\nzope      = "1"\n',
            'celery    = "^5"\nredis     = "V"\nzope      = "1"\n',
            'celery    = {extras = ["redis"], version = "^5"}\nzope      = "1"\n',
        ),
        ('celery="^5"\n', 'celery="^5"\nredis="V"\n', 'celery={extras = ["redis"], version = "^5"}\n'),
        (
            'celery = [{version = "^5", python = "^3.10"}, {version = "^4", python = "<3.10"}]\n',
            'celery = [{version = "^5", python = "^3.10"}, {version = "^4", python = "<3.10"}]\nredis = "V"\n',
            'celery = [{E, version = "^5", python = "^3.10"}, {E, version = "^4", python = "<3.10"}]\n',
        ),
        (
            '\n[tool.poetry.dependencies.celery]\nversion = "^5"\n',
            'redis = "V"\n\n[tool.poetry.dependencies.celery]\nversion = "^5"\n',
            '\n[tool.poetry.dependencies.celery]\nextras = ["redis"]\nversion = "^5"\n',
        ),
        (
            '\n[tool.poetry.dependencies.celery]\nversion = "^5"\nextras = []\n',
            'redis = "V"\n\n[tool.poetry.dependencies.celery]\nversion = "^5"\nextras = []\n',
            '\n[tool.poetry.dependencies.celery]\nversion = "^5"\nextras = ["redis"]\n',
        ),
    ],
)
def test_poetry_s_own_table(tmp_path: Path, before: str, neighbour: str, extra: str) -> None:
    assert added(tmp_path, "pyproject.toml", POETRY + before) == POETRY + neighbour.replace("V", ">=4.5.2,<6.5")
    assert added(tmp_path, "pyproject.toml", POETRY + before, EXTRA) == POETRY + extra.replace(
        "E,", 'extras = ["redis"],'
    )


def test_poetry_and_extras_of_the_new_package(tmp_path: Path) -> None:
    text = f'{POETRY}celery = "^5"\n'
    assert added(tmp_path, "pyproject.toml", text, "psycopg[binary]") == (
        f'{text}psycopg = {{extras = ["binary"], version = "*"}}\n'
    )


def test_poetry_adding_to_pep_621(tmp_path: Path) -> None:
    text = f'[tool.poetry.dependencies]\ncelery = {{source = "internal"}}\n\n{HEAD}dependencies = ["celery"]\n'
    assert added(tmp_path, "pyproject.toml", text) == text.replace('["celery"]', f'["celery", "{REDIS}"]')


def test_poetry_optional_celery_is_refused(tmp_path: Path) -> None:
    text = f'{POETRY}celery = {{version = "^5", optional = true}}\n[tool.poetry.extras]\nqueue = ["celery"]\n'
    assert "optional" in refusal(tmp_path, {"pyproject.toml": text})


def test_poetry_celery_without_a_version_is_refused_an_extra(tmp_path: Path) -> None:
    text = f"{POETRY}celery = {{optional = true}}\n"
    assert "names no version" in refusal(tmp_path, {"pyproject.toml": text}, EXTRA)


def test_poetry_keys_with_dots_are_refused(tmp_path: Path) -> None:
    text = '[tool.poetry.dependencies]\ncelery.version = "^5"\n'
    assert "a table each" in refusal(tmp_path, {"pyproject.toml": text})


def test_pixi(tmp_path: Path) -> None:
    text = '[tool.pixi.pypi-dependencies]\ncelery = ">=5"\n'
    assert added(tmp_path, "pyproject.toml", text) == f'{text}redis = ">=4.5.2,<6.5"\n'


def test_pixi_with_celery_from_conda_is_refused(tmp_path: Path) -> None:
    text = '[tool.pixi.feature.queue.dependencies]\ncelery = ">=5"\n'
    assert "package of conda" in refusal(tmp_path, {"pyproject.toml": text})
    assert "package of conda" in refusal(tmp_path, {"pyproject.toml": text}, EXTRA)


def test_pipfile(tmp_path: Path) -> None:
    text = '[packages]\ncelery = "*"\nzope = "*"\n\n[dev-packages]\npytest = "*"'
    assert added(tmp_path, "Pipfile", text) == text.replace("zope", 'redis = ">=4.5.2,<6.5"\nzope')
    extra = text.replace('celery = "*"', 'celery = {extras = ["redis"], version = "*"}')
    assert added(tmp_path, "Pipfile", text, EXTRA) == extra


def test_pipfile_without_a_line_ending(tmp_path: Path) -> None:
    text = '[packages]\ncelery = "*"'
    assert added(tmp_path, "Pipfile", text) == f'{text}\nredis = ">=4.5.2,<6.5"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n    celery>=5\n    zope\n", "\n    celery>=5\n    NEW\n    zope\n"),
        ("\n\tzope\n\tcelery[sqs]>=5  # queue\n\tattrs\n", "\n\tzope\n\tcelery[sqs]>=5  # queue\n\tNEW\n\tattrs\n"),
        ("\n    # queue\n    celery>=5\n", "\n    # queue\n    celery>=5\n    NEW\n"),
        (" celery>=5\n    zope\n", " celery>=5\n    NEW\n    zope\n"),
        (" celery>=5\n", " celery>=5; NEW\n"),
        (" celery>=5; zope\n", " celery>=5; zope; NEW\n"),
    ],
)
def test_setup_cfg(tmp_path: Path, before: str, after: str) -> None:
    head, tail = "[metadata]\nname = shop\n\n[options]\ninstall_requires =", "zip_safe = false\n"
    assert added(tmp_path, "setup.cfg", head + before + tail) == head + after.replace("NEW", REDIS) + tail


def test_setup_cfg_at_the_end_of_the_file(tmp_path: Path) -> None:
    text = "[options.extras_require]\nworker =\n    celery"
    assert added(tmp_path, "setup.cfg", text) == f"{text}\n    {REDIS}"


def test_setup_cfg_in_one_line_with_a_marker_is_refused(tmp_path: Path) -> None:
    text = "[options]\ninstall_requires = celery; python_version > '3.8'\n"
    assert "one line" in refusal(tmp_path, {"setup.cfg": text})


def test_setup_cfg_extra(tmp_path: Path) -> None:
    text = "[options]\ninstall_requires =\n    celery >= 5  # queue\n"
    assert added(tmp_path, "setup.cfg", text, EXTRA) == text.replace("celery", "celery[redis]")


SETUP = "from setuptools import setup\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("setup(install_requires=['celery>=5', 'zope'])\n", "setup(install_requires=['celery>=5', 'NEW', 'zope'])\n"),
        ('setup(install_requires=("celery",))\n', 'setup(install_requires=("celery", "NEW",))\n'),
        (
            "R = [\n    'zope',\n    'celery>=5',  # queue\n    'attrs'\n]\nsetup(install_requires=R)\n",
            "R = [\n    'zope',\n    'celery>=5',  # queue\n    'NEW',\n    'attrs'\n]\nsetup(install_requires=R)\n",
        ),
        (
            "BASE = ['celery']\nsetup(install_requires=BASE, extras_require={'test': ['pytest'] + BASE})\n",
            "BASE = ['celery', 'NEW']\nsetup(install_requires=BASE, extras_require={'test': ['pytest'] + BASE})\n",
        ),
    ],
)
def test_setup_py(tmp_path: Path, before: str, after: str) -> None:
    assert added(tmp_path, "setup.py", SETUP + before) == SETUP + after.replace("NEW", REDIS)


@pytest.mark.parametrize(
    "text",
    [
        "setup(install_requires='celery\\nzope')\n",
        "setup(install_requires='celery zope'.split())\n",
        "setup(install_requires=['celery==%s' % VERSION])\n",
        "setup(install_requires=[f'celery=={VERSION}'])\n",
        "setup(install_requires=['celery' '>=5'])\n",
        "setup(install_requires='celery')\n",
    ],
)
def test_setup_py_by_code_is_refused(tmp_path: Path, text: str) -> None:
    assert "put together by code" in refusal(tmp_path, {"setup.py": SETUP + text})


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("  - celery=5.6\n  - zope\n", "  - celery=5.6\n  - redis-py>=4.5.2,<6.5\n  - zope\n", REDIS),
        ("  - celery=5.6\n  - zope\n", "  - celery=5.6\n  - psycopg\n  - zope\n", "psycopg[binary]"),
        ("  - zope\n  - celery>=5 # q\n", "  - zope\n  - celery>=5 # q\n  - psycopg2\n", "psycopg2-binary"),
        ("  - celery\n  - pip:\n    - attrs\n", "  - celery\n  - pip:\n    - attrs\n    - pymemcache\n", "pymemcache"),
        ('  - pip:\n    - "celery[sqs]>=5"\n', f'  - pip:\n    - "celery[sqs]>=5"\n    - "{REDIS}"\n', REDIS),
        ("  - pip:\n    - celery[sqs]>=5\n", "  - pip:\n    - celery[redis,sqs]>=5\n", EXTRA),
        ("  - celery", "  - celery\n  - redis-py>=4.5.2,<6.5", EXTRA),
    ],
)
def test_conda(tmp_path: Path, before: str, after: str, what: str | Wanted) -> None:
    head = "name: shop\ndependencies:\n  - python=3.12\n\n"
    assert added(tmp_path, "environment.yml", head + before, what) == head + after


def test_conda_in_one_line(tmp_path: Path) -> None:
    text = "dependencies: [celery, zope]\n"
    assert added(tmp_path, "environment.yml", text) == 'dependencies: [celery, "redis-py>=4.5.2,<6.5", zope]\n'


def test_conda_without_a_known_name_or_a_list_for_pip_is_refused(tmp_path: Path) -> None:
    assert "pymemcache" in refusal(tmp_path, {"environment.yml": "dependencies:\n- celery\n"}, "pymemcache")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("requirements.txt", "celery\nredis==3.5.3  # cache\n", "celery\nredis>=6.4.0,<7  # cache\n"),
        ("requirements.txt", "redis[hiredis] == 3.5.3\n", "redis[hiredis] >= 6.4.0, < 7\n"),
        ("requirements.txt", "redis (<4) ; python_version > '3'\n", "redis (>=6.4.0,<7) ; python_version > '3'\n"),
        (
            "requirements.txt",
            "redis<5\nredis==3; python_version<'3'\n",
            "redis>=6.4.0,<7\nredis==3; python_version<'3'\n",
        ),
        ("pyproject.toml", f"{HEAD}dependencies = ['redis~=3.5']\n", f"{HEAD}dependencies = ['redis>=6.4.0,<7']\n"),
        ("pyproject.toml", f'{POETRY}redis = "^3.5"\n', f'{POETRY}redis = "^6.4.0"\n'),
        ("pyproject.toml", f'{POETRY}redis = "3.5.3"\n', f'{POETRY}redis = ">=6.4.0,<7"\n'),
        ("Pipfile", '[packages]\nredis = {version = "==3.5"}\n', '[packages]\nredis = {version = ">=6.4.0,<7"}\n'),
        ("setup.cfg", "[options]\ninstall_requires = redis<4\n", "[options]\ninstall_requires = redis>=6.4.0,<7\n"),
        (
            "setup.py",
            f"{SETUP}setup(install_requires=['redis<4'])\n",
            f"{SETUP}setup(install_requires=['redis>=6.4.0,<7'])\n",
        ),
        ("environment.yml", "dependencies:\n- redis-py=3.5=py_0\n", "dependencies:\n- redis-py>=6.4.0,<7\n"),
        ("environment.yml", "dependencies:\n- pip:\n  - redis<4\n", "dependencies:\n- pip:\n  - redis>=6.4.0,<7\n"),
    ],
)
def test_other_versions(tmp_path: Path, path: str, before: str, after: str) -> None:
    write(tmp_path, {path: before})
    project = open_project([str(tmp_path)], str(tmp_path))
    change = change_versions(read_manifests(project), project, "redis", ">=6.4.0,<7", "app.py")
    assert change.title == f"Ask for redis>=6.4.0,<7 in {path}"
    assert compose(project, [Fix("", Applicability.SAFE, change.edits)])[path].decode() == after


def test_other_versions_in_a_constraint_as_well(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"requirements.txt": "-c constraints.txt\nredis\n", "constraints.txt": "redis<4\n"}
    diffs, _ = changed(tmp_path, files, ">=6.4.0,<7", how="redis")
    assert diffs == {"constraints.txt": "- redis<4\n+ redis>=6.4.0,<7\n"}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"requirements.txt": "redis>=4\n"}, "no declaration of redis excludes"),
        ({"setup.py": f"{SETUP}setup(install_requires=['redis' '<4'])\n"}, "put together by code"),
        ({"environment.yml": "dependencies:\n- conda-forge::redis-py=3.5\n"}, "not changed"),
        ({"requirements.txt": "redis==3.5 --hash=sha256:00\n"}, "by hash"),
        (
            {
                "pyproject.toml": f'{HEAD}dependencies = ["redis<4"]\n',
                "uv.lock": '[[package]]\nname = "redis"\nversion = "3.5.3"\n',
            },
            "`uv.lock` holds redis and is written by a tool: write `redis>=6.4.0,<7` in `pyproject.toml`, then renew",
        ),
        (
            {"requirements.txt": "#\n# This file is autogenerated by pip-compile\n#\nredis==3.5.3\n"},
            "`requirements.txt` holds redis and is written by a tool: renew it (`pip-compile`)",
        ),
    ],
)
def test_other_versions_refused(tmp_path: Path, files: dict[str, str | bytes], reason: str) -> None:
    assert reason in refusal(tmp_path, files, ">=6.4.0,<7", how="redis")


def test_other_versions_of_what_comes_from_a_repository_are_refused(tmp_path: Path) -> None:
    text = "redis @ https://files.example.org/redis-3.5.3.tar.gz\nredis<4\n"
    assert refusal(tmp_path, {"requirements.txt": text}, ">=99", how="redis")
