"""The Python files that an app's configuration is read from, and what is wrong with those that Python cannot read."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import stars
from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.apps.creations import NEEDLES
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, first_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.project.source import SourceFile

# Compiled when a file cannot be read, which is seldom: 0.6 ms.
_CREATES = rb"(?m)^[^#\n]*\bCelery\s*\("
_TEMPLATE = rb"\{%|%\}|\{\{\s*\w[\w.]*\s*(?:\||\}\})|<%|\$\{|@@\w+@@"
_PYTHON_2 = (
    rb"(?m)^[ \t]*(?:print|exec)[ \t]+[\w\"'(%]|^[ \t]*print[ \t]*>>|^[ \t]*raise[ \t]+[\w.]+[ \t]*,"
    rb"|^[ \t]*except[^:\n]*,[^:\n]*:|<>|\b[uU][rR][\"']|\b0\d+\b|\b\d+[lL]\b|`"
)


@record
class BrokenFile:
    """A Python file that cannot be read: where first, and what is wrong, as the end of "the file …".

    ``parsed`` is True where its text is known, and no Python.
    """

    location: Location
    reason: str
    parsed: bool

    @property
    def consequence(self) -> str:
        """What follows for Celery and for this tool."""
        unknown = "what it sets is not known here"
        return f"Python cannot import it, and {unknown}" if self.parsed else unknown


def chain(model: Model, app: App) -> tuple[str, ...]:
    """The files that an app and its settings are read from: the app's, its configuration objects', star imports and the
    places of its assignments. Sorted.
    """
    paths = {app.path}
    seen: set[str] = set()
    for source in app.sources:
        if source.kind in ("module", "django", "class", "instance") and source.path not in seen:
            file = model.evaluator.modules.file(source.path)
            if file is not None:
                _follow(model, file.scope, seen)
    for setting in app.settings.values():
        for one in setting.assignments:
            paths.update((one.location.path, one.value.origin.path))
    return tuple(sorted(path for path in paths | seen if path.endswith(".py")))


def _follow(model: Model, scope: Scope, seen: set[str]) -> None:
    if scope.file.path in seen:
        return
    seen.add(scope.file.path)
    for star in scope.stars:
        target = stars.star_target(model.evaluator, scope, star)
        if target is not None:
            _follow(model, target, seen)


def broken_files(model: Model) -> Iterator[BrokenFile]:
    """The files of the apps' chains, and those that seem to create an app, that no Python takes. By path."""
    paths = {path for app in model.checked_apps for path in chain(model, app)}
    odd = {path for app in model.checked_apps for path in _with_odd_calls(model, app)}
    found = {app.path for app in model.apps}
    for path in model.project.python_files_mentioning(NEEDLES):
        source = model.project.source(path)
        if source is None or path in found or b"Celery" not in source.data or is_example_path(path):
            continue
        if not re.search(_CREATES, source.data):  # first, for parsing takes longest
            continue
        file = model.evaluator.modules.file(path) if source.problem is None else None
        if file is None or first_error(file.scope.node) is not None:
            paths.add(path)  # the app may stand in what is not read
    paths = {path for path in paths if not is_test_path(path)}
    for path in sorted(paths):
        source = model.project.source(path)
        broken = _broken(model, source, odd=path in odd) if source is not None else None
        if broken is not None:
            yield broken


def _with_odd_calls(model: Model, app: App) -> Iterator[str]:
    """The files where the app is made, or written to, by a call that Python's grammar takes and Python does not."""
    for location in (app.location, *(one.location for one in app.writes if one.place in ("constructor", "conf"))):
        node = node_at(model.evaluator, location)
        while node is not None and node.type in ("identifier", "keyword_argument", "argument_list"):
            node = node.parent
        names = [name for name, _ in arguments_of(node)] if node is not None and node.type == "call" else []
        named = [name for name in names if name not in ("", "*", "**")]
        if len(set(named)) < len(named) or (named and "" in names[names.index(named[0]) :]):
            yield location.path


def _broken(model: Model, source: SourceFile, *, odd: bool) -> BrokenFile | None:
    """What is wrong with a file. Only where something looks ``odd``, or does not parse, is Python asked to compile it:
    of a long file that takes longer than all else.
    """
    problem = source.problem
    if problem is not None:
        if problem.skipped and b"\0" not in source.data:
            return None  # too large: said at -v
        return BrokenFile(Location(source.path, Span(problem.line, 1, problem.line, 1)), problem.reason, parsed=False)
    file = model.evaluator.modules.file(source.path)
    if file is None or not (odd or file.scope.returns or first_error(file.scope.node) is not None):
        return None
    text = source.utf8
    if "{{" in source.path or re.search(_TEMPLATE, text) or re.search(_PYTHON_2, text):
        return None
    found = refused_by_python(source.text)
    if found is None:
        return None
    line, column = found
    where = Location(source.path, Span(line, column, line, column))
    return BrokenFile(where, f"is no valid Python (line {line})", parsed=True)


def refused_by_python(text: str) -> tuple[int, int] | None:
    """Where the Python that runs this stops at a syntax error, line and column from 1; None where it compiles.

    Nothing is run. An answer says nothing of other versions: see ``broken_files``.
    """
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<checked>", "exec", dont_inherit=True)
        except SyntaxError as error:
            return max(error.lineno or 1, 1), max(error.offset or 1, 1)
        except (ValueError, MemoryError, RecursionError):
            return None
    return None
