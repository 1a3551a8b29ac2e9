"""Runs Python and asks the evaluator about the same text: what it claims to know must be what Python has."""

from __future__ import annotations

import datetime
import importlib
import os
import sys
import tempfile
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from celery_backend_lint.evaluate.evaluator import Evaluator
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.project.discovery import open_project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_backend_lint.evaluate.values import Value

PLAIN = (str, bytes, int, float, complex, bool, type(None), list, tuple, set, frozenset, dict, datetime.timedelta)
MAIN = "main_of_test"


class Agreement(NamedTuple):
    """What came of it: names whose value the evaluator knew, names it left open, and each wrong claim."""

    known: dict[str, object]
    unknown: dict[str, str]
    wrong: list[str]


def write(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def run(root: Path, module: str, environment: Mapping[str, str], paths: tuple[str, ...] = (".",)) -> dict[str, Any]:
    """The names of a module after importing it here; the process is left as it was. Raises what importing raises."""
    before = set(sys.modules)
    path = list(sys.path)
    sys.path[:0] = [str(root / entry) for entry in paths]
    importlib.invalidate_caches()
    try:
        with mock.patch.dict(os.environ, environment, clear=True), mock.patch.object(sys, "dont_write_bytecode", True):
            return dict(vars(importlib.import_module(module)))
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "") or root).startswith(str(root)):
                del sys.modules[name]


def evaluate(root: Path, path: str) -> tuple[Evaluator, dict[str, Value | None]]:
    """The values of a module's names at its end."""
    ev = Evaluator(open_project([str(root)], str(root)))
    file = ev.modules.file(path)
    assert file is not None
    names = list(file.scope.bindings)
    return ev, {name: ev.read(file.scope, name, None) for name in names}


def compare(
    files: Mapping[str, str], environment: Mapping[str, str], path: str = f"{MAIN}.py", roots: tuple[str, ...] = (".",)
) -> Agreement:
    """Compare each plain name of the module at ``path``; nothing is compared when importing it raises."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write(root, files)
        _, values = evaluate(root, path)
        dotted = path.removesuffix(".py").removeprefix("src/").replace("/", ".")
        real = run(root, dotted, environment, roots)
    known: dict[str, object] = {}
    unknown: dict[str, str] = {}
    wrong = []
    for name, held in real.items():
        if isinstance(held, types.ModuleType) or not isinstance(held, PLAIN) or name.startswith("__"):
            continue
        value = values.get(name)
        if value is None:
            if name in values:
                wrong.append(f"{name} is {held!r}, the evaluator says that it is not set")
            continue
        try:
            claimed = resolve(value, environment)
        except UndeterminedError as error:
            unknown[name] = str(error)
            continue
        except WouldRaiseError as error:
            claimed = error
        if not same(claimed, held):
            wrong.append(f"{name} is {held!r}, the evaluator says {claimed!r}")
        known[name] = claimed
    return Agreement(known, unknown, wrong)


def same(claimed: object, real: object) -> bool:
    """Equal, and of the same types all the way down."""
    if type(claimed) is not type(real):
        return False
    if isinstance(claimed, (list, tuple)) and isinstance(real, (list, tuple)):
        return len(claimed) == len(real) and all(same(one, other) for one, other in zip(claimed, real, strict=True))
    if isinstance(claimed, dict) and isinstance(real, dict):
        return list(claimed) == list(real) and all(same(value, real[key]) for key, value in claimed.items())
    return claimed == real


def assert_agrees(source: str, environment: Mapping[str, str] | None = None, **others: str) -> Agreement:
    """Run ``source`` and fail on every name whose claimed value is not the real one.

    ``others`` are more modules, by name; ``pkg__mod`` stands for ``pkg/mod.py``. Returns what was known and what not.
    """
    files = {f"{MAIN}.py": source}
    files.update(
        {name.replace("__", "/") + ".py" if name != "__init__" else name: text for name, text in others.items()}
    )
    found = compare(files, environment or {})
    assert found.wrong == []
    return found


def assert_knows(source: str, environment: Mapping[str, str] | None = None, **others: str) -> Agreement:
    """Like `assert_agrees`, and nothing may stay unknown."""
    found = assert_agrees(source, environment, **others)
    assert found.unknown == {}
    return found


def assert_unknown(
    source: str, *names: str, environment: Mapping[str, str] | None = None, **others: str
) -> dict[str, str]:
    """Like `assert_agrees`; the names must stay unknown. Returns why each is."""
    found = assert_agrees(source, environment, **others)
    assert set(names) <= set(found.unknown), (found.known, found.unknown)
    return found.unknown
