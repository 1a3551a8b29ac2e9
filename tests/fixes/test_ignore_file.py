"""Lines of ignore lists: what real git then ignores and takes, and that nothing else changes for it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.composition import compose
from celery_backend_lint.fixes.ignore_file import ignore, keep
from celery_backend_lint.model import Model, read_model
from celery_backend_lint.project.discovery import open_project
from tests.project.repositories import run_git, write

TASKS = 'from celery import Celery\n\napp = Celery("shop", broker="amqp://", backend="rpc://")\n'


@pytest.fixture(autouse=True)
def no_lists_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def repository(root: Path, files: dict[str, str | bytes], *tracked: str) -> Path:
    write(root, {"tasks.py": TASKS, **files})
    run_git(root, "init", "-q")
    run_git(root, "add", "-f", "tasks.py", *tracked)
    return root


def model_of(root: Path) -> Model:
    model = read_model(open_project([], str(root)))
    assert model is not None
    return model


def apply(root: Path, model: Model, edits: list[Edit]) -> None:
    made = compose(model.project, [Fix("", Applicability.SAFE, tuple(edits))])
    for path, data in made.items():
        (root / path).write_bytes(data)


def taken(root: Path) -> set[str]:
    """What ``git add -A`` would take, of what git does not track yet."""
    return set(run_git(root, "ls-files", "-z", "--others", "--exclude-standard").split("\0")) - {""}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "# Environment variables\n.env\n!.env.example\n"),
        ("", ".env\n!.env.example\n"),
        ("*.pyc", "*.pyc\n.env\n!.env.example"),
        ("*.pyc\r\n", "*.pyc\r\n.env\r\n!.env.example\r\n"),
        ("# A\n*.pyc\n\n# B\n.idea/\n", "# A\n*.pyc\n\n# B\n.idea/\n\n# Environment variables\n.env\n!.env.example\n"),
        ("# A\n.env.local\n\n# B\n.idea/\n", "# A\n.env.local\n.env\n!.env.example\n\n# B\n.idea/\n"),
        ("!.env.example\n*.pyc\n", "!.env.example\n.env\n*.pyc\n"),
        (".env  # mine\n*.pyc\n", "# mine\n.env\n!.env.example\n*.pyc\n"),
        ("  .env\n*.pyc\n", ".env\n!.env.example\n*.pyc\n"),
        (".env\n!.env\n", ".env\n!.env.example\n"),
        ("*\n!*\n", "*\n!*\n.env\n!.env.example\n"),
        (".env\n!.e*\n", ".env\n!.e*\n.env\n!.env.example\n"),
    ],
)
def test_a_line_for_the_env_file(before: str | None, after: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {".env": "A=1\n", ".env.example": "A=\n", "other.txt": ""}
    if before is not None:
        files[".gitignore"] = before.encode()
    root = repository(tmp_path, files)
    others = taken(root) - {".env", ".gitignore"}
    apply(root, model := model_of(root), ignore(model, ".env"))
    assert (root / ".gitignore").read_bytes().decode() == after
    assert taken(root) - {".gitignore"} == others
    assert ignore(model_of(root), ".env") == [], "once is enough"


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        (".env*\n*.pyc\n", ".env.example", ".env*\n!.env.example\n*.pyc\n"),
        ("!.env.example\n.env*\n", ".env.example", ".env*\n!.env.example\n"),
        ("!.env.example # all\n.env*\n", ".env.example", ".env*\n# all\n!.env.example\n"),
        (".env*\n!.env.example # all\n", ".env.example", ".env*\n# all\n!.env.example\n"),
        (".env*\n  !.env.example\n", ".env.example", ".env*\n!.env.example\n"),
        (".env*\r\n", "web/.env.example", ".env*\r\n!.env.example\r\n"),
        ("env.d/\n", "env.d/common.dist", "**/env.d/*\n!env.d/common.dist\n"),
        ("/.envs/\n", ".envs/.env.example", "/.envs/*\n!.envs/.env.example\n"),
        (".envs\n", ".envs/.env.example", ".envs\n!/.envs/\n/.envs/*\n!.envs/.env.example\n"),
        (".envs/\n", ".envs/.a/.env.example", "**/.envs/*\n!/.envs/.a/\n.envs/.a/*\n!.envs/.a/.env.example\n"),
        ("*\n!tasks.py\n", ".env.example", "*\n!.env.example\n!tasks.py\n"),
    ],
)
def test_a_line_for_the_example(before: str, path: str, after: str, tmp_path: Path) -> None:
    folder = path.rpartition("/")[0]
    files: dict[str, str | bytes] = {
        ".gitignore": before.encode(),
        path: "A=\n",
        ".env": "A=1\n",
        f"{folder}/.env.prod" if folder else ".env.prod": "A=1\n",
        "env.d/secret": "A=1\n",
    }
    root = repository(tmp_path, files)
    others = taken(root)
    apply(root, model := model_of(root), keep(model, path))
    assert (root / ".gitignore").read_bytes().decode() == after
    assert taken(root) - others == {path}
    assert keep(model_of(root), path) == [], "once is enough"


PATTERNS = [
    "*.pyc", "", "# x", ".env", ".env*", "!.env", "!.env.example", ".env # x", " .env", ".e*", "!.e*", "/.env", "*",
    "!*", ".env/", "**/.env", "api/", "api", "!api/", "api/*", ".env.example", "*.example", "!.env* # y", "/*", "!/api",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(PATTERNS), max_size=6),
    st.lists(st.sampled_from(PATTERNS), max_size=3),
    st.sampled_from([".env", "api/.env", "api/worker.env"]),
)
@example([".env # x", ".e*", "!.e*"], [], ".env")
@example(["api/", "!api/"], ["!.env"], "api/.env")
def test_git_does_what_was_meant_whatever_else_the_lists_say(outer: list[str], inner: list[str], path: str) -> None:
    with TemporaryDirectory() as folder:
        files: dict[str, str | bytes] = {
            ".gitignore": "".join(f"{line}\n" for line in outer), "api/.gitignore": "\n".join(inner), "a.env": "",
            ".env": "A=1\n", ".env.example": "A=\n", "api/.env": "A=1\n", "api/.env.example": "A=\n",
            "api/worker.env": "",
        }  # fmt: skip
        root = repository(Path(folder).resolve(), files, "api/.gitignore", ".gitignore")
        before = taken(root)
        try:
            apply(root, model := model_of(root), ignore(model, path))
        except CannotFixError:
            pytest.fail("a line at the end of the nearest list always does it")
        after = taken(root)
        assert path not in after
        assert before - after <= {path, ".env", "api/.env"}, "nothing else is lost"
        assert after - before <= {".env.example", "api/.env.example"}
        hidden = {".env.example", "api/.env.example"} - after
        for one in hidden:
            try:
                apply(root, model := model_of(root), keep(model, one))
            except CannotFixError:
                continue
            assert one in taken(root)
            assert taken(root) - after <= {".env.example", "api/.env.example"}
            assert after <= taken(root)


def test_a_tracked_file_stops_the_fix(tmp_path: Path) -> None:
    root = repository(tmp_path, {".env": "A=1\n"}, ".env")
    with pytest.raises(CannotFixError, match=r"`\.env` is tracked by git"):
        ignore(model_of(root), ".env")
    (root / ".env").unlink()
    with pytest.raises(CannotFixError, match="is tracked"):
        ignore(model_of(root), ".env")


def test_outside_of_git_there_is_nothing_to_do(tmp_path: Path) -> None:
    write(tmp_path, {"tasks.py": TASKS, ".env": "A=1\n", ".gitignore": "*.pyc\n"})
    model = model_of(tmp_path)
    assert ignore(model, ".env") == []
    assert keep(model, ".env.example") == []


def test_the_root_may_be_a_part_of_a_repository(tmp_path: Path) -> None:
    root = repository(tmp_path, {"api/tasks.py": TASKS, ".gitignore": "*.pyc\n"}, "api/tasks.py")
    model = model_of(root / "api")
    apply(root / "api", model, ignore(model, ".env"))
    assert (root / "api/.gitignore").read_text() == "# Environment variables\n.env\n!.env.example\n"
    assert (root / ".gitignore").read_text() == "*.pyc\n", "nothing outside of what is checked is written"


def test_a_list_above_the_root_is_not_changed(tmp_path: Path) -> None:
    root = repository(
        tmp_path, {"api/tasks.py": TASKS, ".gitignore": ".env*\n", "api/.env.example": ""}, "api/tasks.py"
    )
    with pytest.raises(CannotFixError, match="is no list of this project"):
        keep(model_of(root / "api"), ".env.example")


def test_the_users_own_list_is_not_changed(tmp_path: Path) -> None:
    root = repository(tmp_path, {".env.example": ""})
    (root / ".git/info/exclude").write_text(".env.*\n")
    with pytest.raises(CannotFixError, match="is no list of this project"):
        keep(model_of(root), ".env.example")


def test_a_linked_work_tree(tmp_path: Path) -> None:
    root = repository(tmp_path / "main", {})
    run_git(root, "commit", "-q", "-m", "all")
    run_git(root, "worktree", "add", "-q", "../linked")
    linked = (tmp_path / "linked").resolve()
    apply(linked, model := model_of(linked), ignore(model, ".env"))
    write(linked, {".env": "A=1\n", ".env.example": "A=\n"})
    assert taken(linked) == {".gitignore", ".env.example"}


def test_an_example_with_a_secret_is_not_let_in(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {".gitignore": ".env.*\n", ".env.example": "REDIS_PASSWORD=x8KzQm2LpV9rTn4W\n"}
    root = repository(tmp_path, files)
    with pytest.raises(CannotFixError) as caught:
        keep(model_of(root), ".env.example")
    assert "x8K" not in str(caught.value)
    apply(root, model := model_of(root), ignore(model, ".env"))
    assert (root / ".gitignore").read_text() == ".env.*\n.env\n"


@pytest.mark.parametrize("name", ["#1.env", "a*b.env", "a[1].env", "!x.env", "two words.env", "a\\b.env", "end.env "])
def test_names_that_mean_more_as_patterns(name: str, tmp_path: Path) -> None:
    root = repository(tmp_path, {name: "A=1\n", "acb.env": "", "a1.env": "", "x.env": ""})
    apply(root, model := model_of(root), ignore(model, name))
    assert taken(root) == {".gitignore", "acb.env", "a1.env", "x.env"}


def test_another_file_of_the_name_stays_in_git(tmp_path: Path) -> None:
    root = repository(tmp_path, {"api/.env.prod": "A=1\n", "docs/.env.prod": ""})
    apply(root, model := model_of(root), ignore(model, "api/.env.prod"))
    assert taken(root) == {".gitignore", "docs/.env.prod"}
