"""``configure`` from every state to every backend: what is written is whole, right, no more than that, and there once.

A state is a file in ``states/``; ``known_states.py`` says what its head has.
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from celery_backend_lint.fixes.configuration.choices import Choices
from celery_backend_lint.fixes.configuration.wanted_settings import wanted_settings
from celery_backend_lint.fixes.soundness import broken
from celery_backend_lint.model import read_model
from celery_backend_lint.project.discovery import open_project
from celery_backend_lint.verify.tags import untagged
from tests.configure.known_states import build, states, tree
from tests.oracle.compare import contradictions_of, environments, load_apps, read
from tests.oracle.environments import newest_celery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from celery_backend_lint.model.app import App
    from tests.cases import Case
    from tests.configure.conftest import Run
    from tests.oracle.server import CeleryProcess

BACKENDS = ("redis", "database", "rpc")
URLS = {"redis": "redis://cache.example:6379/1", "database": "db+postgresql+psycopg2://u:p@db.example/results"}
STATES = states()
CHANGED = [case for case in STATES if "refused" not in case.head]
MAY_GO = (
    r"(?i)result|redis|database|backend|celery|broker|retry_policy|keyprefix|dsn|^\s*[\])}]|^app = |config_from_object"
    r"|^.+conf\.update\("
)
"""What lines are about that may be taken out, or written anew."""

OWN_NAME = rb"[\"'](?:RESULTS|RESULTS_URI|BACKEND|CELERY_RESULT_BACKEND)[\"']"
"""A project's own name for the variable is forgotten while RPC needs none."""

TURNS = ("redis", "database", "rpc", "redis", "rpc", "database", "redis")
"""Every change from one backend to another."""


def ids(case: Case) -> str:
    return case.path.stem


def findings(run: Callable[..., Run], root: Path) -> list[dict[str, Any]]:
    done = run(root, "check", "--isolated", "--min-severity", "advice", "--output-format", "json")
    assert done.status in (0, 1), done.err
    found: list[dict[str, Any]] = json.loads(done.out)["findings"]
    return found


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CHANGED, ids=ids)
def test_a_state_becomes_a_whole_configuration(
    case: Case,
    backend: str,
    tmp_path: Path,
    run: Callable[..., Run],
    configure: Callable[..., Run],
    newest: CeleryProcess,
) -> None:
    root = build(case, tmp_path / "shop")
    before, args = tree(root), case.head.get("args", [])
    had = settings_of(root, case)
    shown = run(root, "configure", backend, "--no-input", "--isolated", "--diff", *args)
    assert tree(root) == before, "--diff writes nothing"
    done = configure(root, backend, *args)
    assert done.status == 0, done.err
    assert done.err == ""
    after, told = tree(root), done.told
    assert told["changed"] == sorted(path for path in after if after[path] != before.get(path))
    assert (shown.status == 1) == bool(told["changed"])
    for path, data in after.items():
        assert broken(path, before.get(path), data) == ""
        if case.head.get("crlf") and path in before:
            assert data.count(b"\r\n") == data.count(b"\n"), path
    assert lost_lines(before, after) == []
    other = case.head.get("other", "?")
    assert [path for path in after if path.startswith(other) and after[path] != before.get(path)] == []
    text = " ".join(json.dumps(told, ensure_ascii=False).split())
    for part in [*case.head.get("told", []), *case.head.get("tells", {}).get(backend, [])]:
        assert part in text
    left = findings(run, root)
    if not case.head.get("overridden"):
        assert [one for one in left if f"{one['code']} at {one['path']}:{one['line']}" not in text] == []
    again = configure(root, backend, *args)
    assert tree(root) == after, "a second run changes nothing"
    assert again.told["changed"] == []
    assert (again.told["app"], again.told["packages"]) == (told["app"], told["packages"])
    for secret in case.head.get("secret", []):
        assert secret not in shown.out + shown.err + done.out + done.err
    loads_as_meant(case, root, backend, told, had, newest)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", [case for case in STATES if "refused" in case.head], ids=ids)
def test_what_cannot_be_configured_is_left_alone(
    case: Case, backend: str, tmp_path: Path, configure: Callable[..., Run]
) -> None:
    root = build(case, tmp_path / "shop")
    before = tree(root)
    done = configure(root, backend, *case.head.get("args", []))
    assert done.status == 2
    assert done.out == ""
    assert case.head["refused"] in done.err
    assert tree(root) == before


@pytest.mark.no_cover  # the states above trace the same code, and tracing doubles the time
@pytest.mark.parametrize("case", CHANGED, ids=ids)
def test_nothing_of_a_backend_is_left_after_the_next(
    case: Case, tmp_path: Path, run: Callable[..., Run], configure: Callable[..., Run]
) -> None:
    root = build(case, tmp_path / "shop")
    decided = case.head.get("overridden") or case.head.get("kept")
    first: dict[str, dict[str, list[bytes]]] = {}
    for backend in TURNS:
        done = configure(root, backend, *case.head.get("args", []))
        assert done.status == 0, done.err
        text = json.dumps(done.told, ensure_ascii=False)
        if not decided:
            for one in findings(run, root):
                assert f"{one['code']} at {one['path']}:{one['line']}" in text
        app = app_of(root, case)
        assert {name for name in app.settings if is_foreign(name, backend)} == set()
        assert decided or app.result_backend.kind == backend
        for path, data in tree(root).items():
            if path.endswith(".env.example") and b"RESULT" in data:
                values = re.findall(rb"(?m)^[A-Z_]*RESULT\w*=(.*)$", data)
                assert all(Choices(backend).fits(value.decode()) for value in values) or backend == "rpc", data
        code = {
            path: sorted(re.sub(OWN_NAME, b'"VARIABLE"', data).splitlines())
            for path, data in tree(root).items()
            if path.endswith(".py")
        }
        if backend in first:
            assert decided or code == first[backend], "the same backend is configured alike again"
        elif first or backend != TURNS[0]:  # the first turn is from what the project had
            first[backend] = code


def is_foreign(name: str, backend: str) -> bool:
    """Whether a setting has no meaning with a backend."""
    owners = {"redis_": "redis", "database_": "database", "result_persistent": "rpc", "result_exchange": "rpc"}
    return any(name.startswith(start) and owner != backend for start, owner in owners.items()) or (
        name.startswith("result_backend_") and backend == "rpc"
    )


def lost_lines(before: dict[str, bytes], after: dict[str, bytes]) -> list[bytes]:
    """The lines that are gone and are about something else."""
    lost = []
    for path, data in before.items():
        old, new = data.splitlines(keepends=True), after[path].splitlines(keepends=True)
        lines = difflib.ndiff([one.decode() for one in old], [one.decode() for one in new])
        gone = [line.encode() for line in lines if line.startswith("- ") and not re.search(MAY_GO, line[2:])]
        is_os = [line.split() == [b"-", b"import", b"os"] for line in gone]
        if any(is_os) and not re.search(
            rb"\bos\b", after[path]
        ):  # the last read went, and its import with a blank line
            at = is_os.index(True)
            del gone[at : at + 1 + gone[at + 1 : at + 2].count(b"- " + gone[at][gone[at].index(b"os") + 2 :])]
        lost += gone
    return lost


def app_of(root: Path, case: Case) -> App:
    """The app that is configured."""
    model = read(root, newest_celery())
    assert model is not None
    wanted = case.head.get("args", ["", ""])[1]
    found: list[App] = [app for app in model.checked_apps if wanted in ("", app.path)]
    assert len(found) == 1
    return found[0]


def settings_of(root: Path, case: Case) -> set[str]:
    """The settings that the app has."""
    model = read(root, newest_celery())
    return set(app_of(root, case).settings) if model is not None and model.checked_apps else set()


def loads_as_meant(
    case: Case, root: Path, backend: str, told: dict[str, Any], had: set[str], celery: CeleryProcess
) -> None:
    """Real Celery has the backend and every setting that was put in, and what is read of the project is what it has."""
    model = read(root, newest_celery())
    assert model is not None
    app = app_of(root, case)
    given = {"SECRET_KEY": "any", **environments(model, app)[0]}
    names = [one["name"] for one in told["variables"] if "BROKER" not in one["name"]]
    for name in names:
        given[name] = URLS[backend]
    for one in model.env_files.files:  # what pydantic requires beside it is in no setting
        given.update({key: value for key, value in one.values().items() if key not in given and "BROKER" in key})
    found = [
        one for one in load_apps(root, model, celery, given=[given], entry=case.head.get("entry"))
        if one.app.path == app.path
    ]  # fmt: skip
    assert len(found) == 1
    loaded = found[0]
    assert loaded.told is not None, loaded.problem
    assert contradictions_of(loaded) == []
    real = {**loaded.told["settings"], **loaded.told["effective"]}
    url = "rpc://" if backend == "rpc" else URLS[backend]
    overridden = case.head.get("overridden") and backend == "rpc"
    if backend != "rpc" and not names:  # the project makes it of its own variables
        url = untagged(real["result_backend"])
        assert url.startswith(f"{backend}://")
    assert overridden or untagged(real["result_backend"]) == url
    declared = read_model(open_project([str(root)], str(root)), None)
    assert declared is not None
    version = next(one.declared.version for one in declared.apps if one.path == app.path)
    for wanted in wanted_settings(Choices(backend), version):
        if wanted.name not in had:
            assert untagged(real[wanted.name]) == wanted.value, wanted.name
