"""What ``--fix`` makes of projects: the expected tree, and what holds for every fix of every rule.

The properties are checked over every project that a rule reports something of, and over the fix cases: the finding is
gone or it is said why not, nothing new is found, a second run changes nothing, what is changed parses, and real Celery
loads the fixed project with what the static reading says of it.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from celery_backend_lint.cli import main
from celery_backend_lint.fixes.soundness import broken
from celery_backend_lint.verify.tags import untagged
from tests.cases import Case, fix_cases, rule_cases
from tests.oracle.compare import contradictions_of, load_apps, read
from tests.oracle.environments import newest_celery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.oracle.server import CeleryProcess

FIX = fix_cases()
LOUD = [case for case in rule_cases() if case.head.get("expect")]


class Run(NamedTuple):
    """One run of the command."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    def run(root: Path, *arguments: str) -> Run:
        monkeypatch.chdir(root)
        capsys.readouterr()
        status = main(["--isolated", *arguments, "."])
        return Run(status, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def newest(oracle: Callable[[str], CeleryProcess]) -> CeleryProcess:
    return oracle("newest")


def tree(root: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder, but for git's own."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(files)}


def findings(run: Callable[..., Run], root: Path, *arguments: str) -> list[dict[str, Any]]:
    done = run(root, "--min-severity", "advice", "--output-format", "json", *arguments)
    assert done.status in (0, 1), done.err
    found: list[dict[str, Any]] = json.loads(done.out)["findings"]
    return found


@pytest.mark.parametrize("case", FIX, ids=lambda case: f"{case.path.parent.name}/{case.path.stem}")
def test_fix_case(case: Case, tmp_path: Path, run: Callable[..., Run], newest: CeleryProcess) -> None:
    root = case.build(tmp_path.resolve())
    before = tree(root)
    args = [*case.head.get("args", []), *case.head.get("fix_args", [])]
    done = run(root, "--fix", "--select", case.code, "--min-severity", "advice", *args)
    assert done.status in (0, 1), done.err
    assert "taken back" not in done.err
    expected = {**before, **{path: case.encoded(path, text) for path, text in case.after.items()}}
    assert tree(root) == expected
    if "refused" in case.head:
        assert case.head["refused"] in " ".join(done.out.split())
        assert not case.after, "what is refused changes nothing"
    else:
        assert case.after
        loads_as_read(case, root, newest, case.head.get("conf", {}))
    for secret in case.head.get("secret", []):
        assert secret not in done.out + done.err


@pytest.mark.no_cover  # test_fix_case traces the same fixes, and tracing doubles the time
@pytest.mark.parametrize("case", [*LOUD, *FIX], ids=lambda case: f"{case.path.parent.name}/{case.path.stem}")
def test_what_holds_for_every_fix(case: Case, tmp_path: Path, run: Callable[..., Run], newest: CeleryProcess) -> None:
    root = case.build(tmp_path.resolve() / "unsafe")
    found = findings(run, root, *case.head.get("args", []), "--unsafe-fixes")
    holds(case, root, found, run, newest, unsafe=True)
    # Where no fix is unsafe the option changes nothing; what is safe in the fix cases is applied with the rest.
    if case in LOUD and any(one["fix"] is not None and one["fix"]["applicability"] == "unsafe" for one in found):
        root = case.build(tmp_path.resolve() / "safe")
        found = findings(run, root, *case.head.get("args", []))
        holds(case, root, found, run, newest, unsafe=False)


def holds(
    case: Case, root: Path, found: list[dict[str, Any]], run: Callable[..., Run], newest: CeleryProcess, *, unsafe: bool
) -> None:
    how = [*case.head.get("args", []), *(["--unsafe-fixes"] if unsafe else [])]
    before = tree(root)
    fixable = [one for one in found if one["fix"] is not None and (unsafe or one["fix"]["applicability"] == "safe")]
    diff = run(root, "--diff", "--min-severity", "advice", *how)
    assert tree(root) == before, "--diff writes nothing"
    done = run(root, "--fix", "--min-severity", "advice", "--output-format", "json", *how)
    assert done.status in (0, 1), done.err
    assert "taken back" not in done.err
    after, left = tree(root), json.loads(done.out)
    assert (diff.status == 1) == (after != before), "--diff tells of it"
    assert before.keys() <= after.keys(), "no file is lost"
    for path, data in after.items():
        assert broken(path, before.get(path), data) == ""
    gone = Counter((one["code"], one["path"], one["message"]) for one in fixable)
    still = Counter((one["code"], one["path"], one["message"]) for one in left["findings"])
    assert not gone & still, "what can be fixed is fixed"
    places = {(one["code"], one["path"]) for one in found}
    brought = case.head.get("brings", [])
    new = [one for one in left["findings"] if (one["code"], one["path"]) not in places and one["code"] not in brought]
    assert new == [], "nothing new is found"
    for secret in case.head.get("secret", []):
        assert secret not in diff.out + diff.err + done.out + done.err
    if after == before:
        assert left["findings"] == found, "where nothing is written all is reported"
        return
    again = findings(run, root, "--fix", *how)
    assert again == left["findings"], "what is reported is what is on the disk then"
    assert tree(root) == after, "a second run changes nothing"
    loads_as_read(case, root, newest, {})


def loads_as_read(case: Case, root: Path, celery: CeleryProcess, wanted: dict[str, str]) -> None:
    """Real Celery loads a fixed project with what is read of it, and with the settings that the case says."""
    version = newest_celery()
    model = read(root, version)
    given = [case.head["environment"]] if "environment" in case.head else None
    apps = list(load_apps(root, model, celery, given=given)) if model is not None else []
    for loaded in apps:
        assert contradictions_of(loaded) == []
        if wanted:
            assert loaded.told is not None, loaded.problem
            settings = {**loaded.told["settings"], **loaded.told["effective"]}
            assert {name: repr(untagged(settings[name])) for name in wanted} == wanted
    assert apps or not wanted
