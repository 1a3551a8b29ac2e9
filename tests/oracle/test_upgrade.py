"""``config --compare`` against real Celery: what it says of two releases is what loading with both shows."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError
from celery_backend_lint.model import facts
from celery_backend_lint.model.upgrade import ACCEPTED, ALIVE, DEAD, DEFAULT, REFUSED, VALUE, Upgrade, compare
from celery_backend_lint.verify.comparison import claim, normal, same
from celery_backend_lint.verify.tags import untagged
from tests.cases import Case, read_case
from tests.evaluate.agreement import write
from tests.oracle.compare import environments, load_apps, read
from tests.oracle.environments import newest_celery
from tests.oracle.generators.celery_objects import make_project
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from celery_backend_lint.model.app import App
    from tests.oracle.compare import Loaded
    from tests.oracle.generators.project import GeneratedProject

HERE = Path(__file__).parent
STYLES = [read_case(path) for path in sorted((HERE / "styles").glob("*.txt"))]
CAMPAIGN = "CBL_ORACLE_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("CBL_ORACLE_EXAMPLES", "40"))
EVERY = os.environ.get("CBL_ORACLE_EVERY") == "1"
"""Compare each style between all of the pairs, for campaigns; else between one of them in turn."""

PAIRS = (("5.6.3", "newest"), ("5.3.6", "newest"), ("newest", "5.5.3"))
OF_SETTINGS = (VALUE, ALIVE, DEAD, DEFAULT)
FOLLOWS = {"broker_read_url": "broker_url", "broker_write_url": "broker_url"}


class Release(NamedTuple):
    """A release and a process that has imported it."""

    version: str
    process: CeleryProcess


@pytest.fixture(scope="session")
def release_of(oracle: Callable[[str], CeleryProcess]) -> Callable[[str], Release]:
    return lambda name: Release(newest_celery() if name == "newest" else name, oracle(name))


class Found(NamedTuple):
    """What came of one project: what is wrong with the comparison, and how many changes Celery confirmed."""

    wrong: list[str]
    confirmed: int


def check(
    root: Path, before: Release, after: Release, paths: tuple[str, ...] = (), tried: list[dict[str, str]] | None = None
) -> Found:
    """Load a project with both releases and hold what `compare` says against what differs."""
    then, now = read(root, before.version), read(root, after.version)
    if then is None or now is None:
        return Found([], 0)
    upgrade = compare(then, before.version, after.version)
    if tried is None:
        both = [environments(model, app) for model in (then, now) for app in model.apps]
        tried = [
            {k: v for each in both for k, v in each[0].items()},
            {k: v for each in both for k, v in each[-1].items()},
        ]
        tried = tried[:1] if tried[0] == tried[1] else tried
    first = list(load_apps(root, then, before.process, paths, tried))
    second = list(load_apps(root, now, after.process, paths, tried))
    wrong: list[str] = []
    confirmed = 0
    for number, app in enumerate(upgrade.apps):
        several = slice(number * len(tried), (number + 1) * len(tried))
        pairs = [
            (one, other) for one, other in zip(first[several], second[several], strict=True) if one.told and other.told
        ]
        assert all(one.app.location == other.app.location == app.before.location for one, other in pairs)
        found = judge(upgrade, number, pairs)
        wrong += [f"{app.before.path}:{app.before.location.line}: {text}" for text in found.wrong]
        confirmed += found.confirmed
    return Found(wrong, confirmed)


def judge(upgrade: Upgrade, number: int, pairs: list[tuple[Loaded, Loaded]]) -> Found:
    """Hold what is said of one app against what both releases had, in each environment."""
    app = upgrade.apps[number]
    refusals = {change.kind for change in app.changes if change.name and change.kind in (REFUSED, ACCEPTED)}
    claimed = {change.name for change in app.changes if change.kind in OF_SETTINGS}
    unread = bool(app.before.unread or app.after.unread)
    wrong: list[str] = []
    seen: set[str] = set()
    loadable = False
    for one, other in pairs:
        fails, failed = bool(other.told["error"]), bool(one.told["error"])
        if fails or failed:
            kind = REFUSED if fails else ACCEPTED
            if fails != failed and kind not in refusals and not unread:
                wrong.append(f"one release refuses the configuration ({one.told['error'] or other.told['error']})")
            continue
        loadable = True
        differing = dict(differences(app.before, app.after, one, other))
        seen |= set(differing)
        for name in set(differing) - claimed:
            excused = (
                name in dict(app.open) or unread or FOLLOWS.get(name) in differing or not is_claimed(one, other, name)
            )
            if not excused:
                wrong.append(f"{name} is {differing[name]} with {one.environment}, which is not said")
        for name in claimed & set(differing):
            for side, real in zip((one, other), differing[name], strict=True):
                with contextlib.suppress(UndeterminedError, WouldRaiseError):
                    told = claim(side.app, name, side.environment)
                    if not same(told, real):
                        wrong.append(f"{name} is {real!r}, it is said to be {told!r}")
    if loadable:
        wrong += [f"{name} is said to change and does not" for name in claimed - seen if known_in_both(app, name)]
    return Found(wrong, len(claimed & seen))


def differences(before: App, after: App, one: Loaded, other: Loaded) -> Iterator[tuple[str, tuple[object, object]]]:
    """The settings that Celery had otherwise, but for what only another default of Celery makes of what is not set."""
    then, now = real_settings(one), real_settings(other)
    for name in sorted({*then, *now}):
        is_set = name in before.settings or name in after.settings
        if not is_set and not (name in then and name in now and name in read_by_the_backend(before, after)):
            continue
        if name in then and name in now and not same(then[name], now[name]):
            yield name, (then[name], now[name])


def real_settings(loaded: Loaded) -> dict[str, Any]:
    assert loaded.told is not None
    found = {name: normal(untagged(value)) for name, value in loaded.told["settings"].items()}
    found.update({name: normal(untagged(value)) for name, value in loaded.told["effective"].items()})
    return found


def read_by_the_backend(before: App, after: App) -> set[str]:
    found: set[str] = set()
    for app in (before, after):
        backend = facts.backend(app.result_backend.kind, app.declared.version)
        found |= backend.settings if backend is not None and backend.alias != "disabled" else set()
    return found


def is_claimed(one: Loaded, other: Loaded, name: str) -> bool:
    """Whether the reading says for both releases what a setting is."""
    try:
        claim(one.app, name, one.environment), claim(other.app, name, other.environment)
    except (UndeterminedError, WouldRaiseError):
        return False
    return True


def known_in_both(app: Any, name: str) -> bool:
    """Whether the environments that were tried settle a setting: it hangs on nothing, and both releases list it."""
    from celery_backend_lint.evaluate.values import Choice, Environment, Operation, Text

    if (
        facts.setting(name, app.before.declared.version) is None
        or facts.setting(name, app.after.declared.version) is None
    ):
        return False
    settings_of = [one.settings[name] for one in (app.before, app.after) if name in one.settings]
    return all(
        setting.certain and not isinstance(setting.value, (Choice, Environment, Operation, Text))
        for setting in settings_of
    )


@pytest.mark.parametrize(
    ("case", "pair"),
    [
        pytest.param(case, pair, id=f"{case.path.stem}-{'-'.join(pair)}")
        for number, case in enumerate(STYLES)
        for pair in (PAIRS if EVERY else PAIRS[number % len(PAIRS) :][:1])
    ],
)
def test_style(case: Case, pair: tuple[str, str], release_of: Callable[[str], Release], tmp_path: Path) -> None:
    before, after = map(release_of, pair)
    if not {before.version, after.version} <= set(case.head.get("celery", [before.version, after.version])):
        return
    assert check(case.write(tmp_path), before, after, tuple(case.head.get("sys_path", []))).wrong == []


@pytest.mark.parametrize("pair", PAIRS[:2], ids="-".join)
def test_generated_projects(pair: tuple[str, str], release_of: Callable[[str], Release]) -> None:
    before, after = map(release_of, pair)
    confirmed = 0

    @st.composite
    def projects(draw: st.DrawFn) -> GeneratedProject:
        return make_project(lambda low, high: draw(st.integers(low, high)))

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=not CAMPAIGN, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(projects())
    def agree(project: GeneratedProject) -> None:
        nonlocal confirmed
        note("\n".join(f"-- {path} --\n{text}" for path, text in project.files.items() if text))
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            write(root, project.files)
            found = check(root, before, after, (), project.environments)
        assert found.wrong == []
        confirmed += found.confirmed

    agree()
    assert confirmed, "some of them change"
