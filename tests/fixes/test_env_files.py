"""Variables put into env files: what every reader then reads, where they stand, and what is refused.

The readers are the real ones. compose-go's (docker compose 2) is no Python: `written` was compared with it by hand,
over 12,000 values, at its state of July 2026.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import decouple
import environ
import pytest
from dotenv import dotenv_values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.composition import compatible, compose
from celery_backend_lint.fixes.env_files import add_to_env_file, add_to_example, written
from celery_backend_lint.model import Model, read_model
from celery_backend_lint.model.env_loads import env_file_for
from celery_backend_lint.project.discovery import open_project
from tests.project.repositories import run_git, write

TASKS = 'from celery import Celery\n\napp = Celery("shop", broker="amqp://", backend="rpc://")\n'
SHELLS = [shell for shell in ("dash", "bash", "sh") if shutil.which(shell)]
SIGNS = "aB1:/@.?&=#$%{}()'\"\\ ~!*;|<>`^[],+-_é\u00a0日\t\n\u2028"


def model_of(root: Path, files: dict[str, str | bytes], *tracked: str) -> Model:
    write(root, {"tasks.py": TASKS, **files})
    run_git(root, "init", "-q")
    run_git(root, "add", "-f", "tasks.py", *tracked)
    model = read_model(open_project([], str(root)))
    assert model is not None
    return model


def composed(model: Model, *fixes: list[Edit]) -> dict[str, str]:
    """What the files are after several fixes at once."""
    made = [Fix(f"fix {number}", Applicability.SAFE, tuple(edits)) for number, edits in enumerate(fixes)]
    taken, waiting = compatible(made)
    assert not waiting
    return {path: data.decode() for path, data in compose(model.project, taken).items()}


def by_dotenv(path: Path) -> dict[str, str | None]:
    return dict(dotenv_values(path))


def by_environ(path: Path, *, comments: bool) -> dict[str, str | None]:
    class Env(environ.Env):  # type: ignore[misc]
        ENVIRON: dict[str, str] = {}  # noqa: RUF012

    Env.ENVIRON = {}
    Env.read_env(str(path), parse_comments=comments)
    return {name: Env().str(name) for name in Env.ENVIRON}


def by_shell(path: Path, shell: str) -> dict[str, str | None]:
    tell = "import json, os; print(json.dumps(dict(os.environ)))"
    command = f'set -a; . ./{path.name}; exec "{sys.executable}" -c "{tell}"'
    done = subprocess.run(
        [shell, "-c", command], cwd=path.parent, env={"PYTHONUTF8": "1"}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    read: dict[str, str | None] = json.loads(done.stdout)
    return read


def by_every_reader(path: Path) -> dict[str, dict[str, str | None]]:
    return {
        "python-dotenv": by_dotenv(path),
        "django-environ": by_environ(path, comments=False),
        "django-environ with comments": by_environ(path, comments=True),
        "decouple": dict(decouple.RepositoryEnv(str(path)).data),
        **{shell: by_shell(path, shell) for shell in SHELLS},
    }


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.text(SIGNS, max_size=9), st.sampled_from(["", "'", '"'])), min_size=20, max_size=80))
@example([("it's", ""), ('say "x"', ""), ("a#b", '"'), ("a #b", ""), ("a\\b", ""), ("a$b", ""), ("", '"'), ("é", "")])
def test_every_reader_reads_what_was_written(values: list[tuple[str, str]]) -> None:
    wanted: dict[str, str | None] = {}
    lines = []
    for number, (value, quote) in enumerate(values):
        try:
            lines.append(f"V_{number}={written(value, quote)}\n")
        except CannotFixError:
            continue
        wanted[f"V_{number}"] = value
    with TemporaryDirectory() as folder:
        path = Path(folder) / ".env"
        path.write_text("".join(lines), encoding="utf-8")
        for reader, read in by_every_reader(path).items():
            assert {name: read.get(name) for name in wanted} == wanted, reader


@pytest.mark.parametrize(
    ("value", "quote", "expected"),
    [
        ("", "", ""),
        ("redis://:a%40b@h:6379/0", "", "redis://:a%40b@h:6379/0"),
        ("redis://h/0?a=1&b=2", "", "'redis://h/0?a=1&b=2'"),
        ("two words", "", "'two words'"),
        ("it's", "", '"it\'s"'),
        ("pa#ss", "", "'pa#ss'"),
        ("pa$ss", "", "'pa$ss'"),
        ("plain", '"', '"plain"'),
        ("plain", "'", "'plain'"),
        ("pa$ss", '"', "'pa$ss'"),
        ("it's", "'", '"it\'s"'),
        ("", '"', '""'),
    ],
)
def test_spelling(value: str, quote: str, expected: str) -> None:
    assert written(value, quote) == expected


@pytest.mark.parametrize(
    "value",
    ["s3cr\net", "s3cr\ret", "s3cr\0et", "${s3cret}", "$s3cret", "it's s3cr$t", "it's#s3cret", "s3cret\\", "s3c\\\\r",
     '"s3cret"', "s3cr\u2028et", "s3cr'\"et"],
)  # fmt: skip
def test_what_readers_differ_about_is_refused_without_telling_it(value: str) -> None:
    with pytest.raises(CannotFixError) as caught:
        written(value)
    assert "s3c" not in str(caught.value)


def test_an_env_file_is_created_for_its_owner_alone(tmp_path: Path) -> None:
    model = model_of(tmp_path, {})
    edits = add_to_env_file(model, ".env", "REDIS_PASSWORD", "s3cr$t")
    assert all(edit.private for edit in edits)
    assert composed(model, edits) == {".env": "# Celery\nREDIS_PASSWORD='s3cr$t'\n"}


def test_two_variables_of_one_pass_stand_under_one_heading(tmp_path: Path) -> None:
    for before in ("", "DEBUG=1", "DEBUG=1\n", "DEBUG=1\n\n"):
        root = tmp_path / f"{len(before)}"
        root.mkdir()
        model = model_of(root, {".env": before} if before else {})
        made = composed(
            model,
            add_to_env_file(model, ".env", "BROKER_URL", "amqp://h"),
            add_to_env_file(model, ".env", "RESULTS_URL", "rpc://"),
        )
        apart = "\n\n" if before else ""
        end = "" if before == "DEBUG=1" else "\n"
        assert made == {".env": f"{before.rstrip()}{apart}# Celery\nBROKER_URL=amqp://h\nRESULTS_URL=rpc://{end}"}


@pytest.mark.parametrize(
    ("before", "after"),
    [("# Celery\n", "# Celery\nPLACE=x\n"), ("# Celery\nA=1\n\nB=2\n", "# Celery\nA=1\nPLACE=x\n\nB=2\n")],
)
def test_a_heading_that_is_there_is_not_written_again(before: str, after: str, tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env.example": before, ".gitignore": ".env\n"})
    assert composed(model, add_to_example(model, "tasks.py", "PLACE", "x")) == {".env.example": after}


def test_the_same_variable_of_two_fixes_is_put_there_once(tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env": "REDIS_HOST=h\n"})
    edits = add_to_env_file(model, ".env", "REDIS_URL", "redis://h")
    assert composed(model, edits, edits) == {".env": "REDIS_HOST=h\nREDIS_URL=redis://h\n"}
    other = add_to_env_file(model, ".env", "REDIS_URL", "redis://other")
    taken, waiting = compatible(Fix("", Applicability.SAFE, tuple(one)) for one in (edits, other))
    assert (len(taken), len(waiting)) == (1, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("REDIS_HOST=h\n\nDEBUG=1\n", "REDIS_HOST=h\nREDIS_URL=redis://h\n\nDEBUG=1\n"),
        ("DEBUG=1\n# REDIS_URL=redis://\nA=1\n", "DEBUG=1\n# REDIS_URL=redis://\nREDIS_URL=redis://h\nA=1\n"),
        ("A=1\nREDIS_KEY='a\nb'\nB=1\n", "A=1\nREDIS_KEY='a\nb'\nREDIS_URL='redis://h'\nB=1\n"),
        ("BROKER_URL=amqp://\nDEBUG=1\n", "BROKER_URL=amqp://\nREDIS_URL=redis://h\nDEBUG=1\n"),
        ("export A=1\n", "export A=1\n\n# Celery\nexport REDIS_URL=redis://h\n"),
        ("A = x\nB = y\n", "A = x\nB = y\n\n# Celery\nREDIS_URL = redis://h\n"),
        ("A = x\nB=y\n", "A = x\nB=y\n\n# Celery\nREDIS_URL=redis://h\n"),
        ("A='x'\nB='y'\nC=1\n", "A='x'\nB='y'\nC=1\n\n# Celery\nREDIS_URL='redis://h'\n"),
        ("A='x'\nB=y\n", "A='x'\nB=y\n\n# Celery\nREDIS_URL=redis://h\n"),
        ("REDIS_HOST=h", "REDIS_HOST=h\nREDIS_URL=redis://h"),
        ("# only a comment\n", "# only a comment\n\n# Celery\nREDIS_URL=redis://h\n"),
    ],
)  # fmt: skip
def test_where_and_how_it_is_written(before: str, after: str, tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env": before})
    assert composed(model, add_to_env_file(model, ".env", "REDIS_URL", "redis://h")) == {".env": after}
    (tmp_path / ".env").write_text(after)
    assert by_dotenv(tmp_path / ".env")["REDIS_URL"] == "redis://h"


def test_line_endings_and_byte_order_mark_stay(tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env": b"\xef\xbb\xbfREDIS_HOST=h\r\nA=1\r\n"})
    edits = add_to_env_file(model, ".env", "REDIS_URL", "redis://h")
    made = compose(model.project, [Fix("", Applicability.SAFE, tuple(edits))])
    assert made == {".env": b"\xef\xbb\xbfREDIS_HOST=h\r\nREDIS_URL=redis://h\r\nA=1\r\n"}


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env": "A='one'\nB=1\nB=2\nC\n"})
    assert add_to_env_file(model, ".env", "A", "one") == []
    for name, value in (("A", "two"), ("B", "2"), ("C", "1")):
        with pytest.raises(CannotFixError, match=rf"`\.env` sets `{name}` already, to another value"):
            add_to_env_file(model, ".env", name, value)


def test_nothing_is_put_into_a_file_that_git_tracks(tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env": "A=1\n"}, ".env")
    with pytest.raises(CannotFixError, match=r"`\.env` is tracked by git"):
        add_to_env_file(model, ".env", "B", "1")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('A=1\nB="x\nC=1\n', "line 2 of `.env` opens a quote that nothing closes"),
        ("A=1\n= 2\n", "line 2 of `.env` is neither"),
        (b"A=\xff\n", "`.env` is not UTF-8"),
        (b"A=\0\n", "`.env` is binary"),
    ],
)
def test_a_file_that_its_parser_refuses_is_left_alone(content: str | bytes, why: str, tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env": content, ".env.example": content})
    for edits in (add_to_env_file, add_to_example):
        with pytest.raises(CannotFixError) as caught:
            edits(model, ".env" if edits is add_to_env_file else "tasks.py", "X", "1")
        assert why.replace(".env", ".env" if edits is add_to_env_file else ".env.example") in str(caught.value)


@pytest.mark.parametrize("name", ["MY-VAR", "MY.VAR", "1ST", "", "MY VAR", "ÜBER"])
def test_a_name_that_some_reader_refuses(name: str, tmp_path: Path) -> None:
    with pytest.raises(CannotFixError, match="is no name"):
        add_to_env_file(model_of(tmp_path, {}), ".env", name, "1")


def test_an_example_that_names_it_is_left_alone(tmp_path: Path) -> None:
    model = model_of(tmp_path, {".env.example": "A=1\n#  B=\nexport C=1\n"})
    assert [add_to_example(model, "tasks.py", name, "x") for name in "ABC"] == [[], [], []]
    assert composed(model, add_to_example(model, "tasks.py", "D", "x", comment=True)) == {
        ".env.example": "A=1\n#  B=\nexport C=1\n\n# Celery\n# D=x\n"
    }


def test_of_several_examples_the_one_that_names_its_kin(tmp_path: Path) -> None:
    examples = {".env.example": "DEBUG=1\n", "env.example": "CELERY_BROKER_URL=amqp://\n"}
    model = model_of(tmp_path, {**examples, ".gitignore": ".env\n"})
    assert composed(model, add_to_example(model, "tasks.py", "CELERY_RESULT_BACKEND", "rpc://")) == {
        "env.example": "CELERY_BROKER_URL=amqp://\nCELERY_RESULT_BACKEND=rpc://\n"
    }


def test_an_example_that_is_created_reaches_every_clone(tmp_path: Path) -> None:
    model = model_of(tmp_path, {".gitignore": ".env*\n"})
    made = composed(model, add_to_example(model, "tasks.py", "A", "x"))
    assert made == {".env.example": "# Celery\nA=x\n", ".gitignore": ".env*\n!.env.example\n"}


def test_the_env_file_of_an_app(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "api/tasks.py": TASKS,
        "api/requirements.txt": "celery\n",
        "api/conf/.env": "A=1\n",
    }
    model = model_of(tmp_path, files)
    assert env_file_for(model, "tasks.py") == ".env"
    assert env_file_for(model, "api/tasks.py") == "api/.env"
    (tmp_path / ".env").write_text("A=1\n")
    model = read_model(open_project([], str(tmp_path))) or model
    assert env_file_for(model, "api/tasks.py") == ".env", "what is there and read from below counts"
    assert os.path.basename(env_file_for(model, "tasks.py")) == ".env"
