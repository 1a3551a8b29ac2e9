"""Tasks and results of a project, read when a rule asks, and only from files whose bytes speak of them."""

from __future__ import annotations

import re

from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.results.reads import Chord
    from celery_backend_lint.model.results.records import Read, Task
    from celery_backend_lint.model.results.things import Things

SENDS = (b".delay(", b".apply_async(", b"AsyncResult", b"send_task(")
"""Bytes without which no file makes a result of one task; searching a large project for one takes 10 ms."""

_FLOWS = (b"group(", b"chain(", b"chord", b"GroupResult", b"ResultSet")
_CELERY = (b"elery",)
_TASKS = rb"(?m)^[ \t]*@[\w.]*task|[Tt]ask\w*\s*\)\s*:|\.task\("
"""Decorators and bases in whose names tasks are; tasks that are made by other names are not found."""

_OWN = rb"(?m)^(?:def[ \t]+(\w*task\w*)[ \t]*\((?![ \t]*self\b)|(\w*task)[ \t]*=[ \t]*(?:functools\.)?partial\()"
"""Functions and partials that may be task decorators of the project's own, by their names; see also ``_TASKS``."""

_APPS = rb"(?m)^(\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:[\w.]*[.])?\w*[Cc]elery\w*[ \t]*\("
"""Names that a module gives an app, or what a function gives that is named for one."""

_CALLS = rb"elery\w*[ \t]*\("
"""What stands in ``_APPS``, which begins with a word and so is tried at every one of them."""

MOST_NEEDLES = 8
_WAITS = rb"\.\s*(?:get|wait|join|join_native|collect|get_leaf)\s*\("
_MAKES = (*SENDS, *_FLOWS, b".apply(")


class ResultFacts:
    """What a project does with results. Nothing is read before it is asked; test code is left out."""

    __slots__ = ("_apps", "_chords", "_ev", "_reads", "_task_files", "_tasks", "_things")

    def __init__(self, ev: Evaluator, apps: tuple[App, ...]) -> None:
        self._ev = ev
        self._apps = apps
        self._things: Things | None = None
        self._reads: dict[str, tuple[Read, ...]] = {}
        self._chords: tuple[Chord, ...] | None = None
        self._tasks: dict[str, tuple[Task, ...]] = {}
        self._task_files: tuple[str, ...] | None = None

    @property
    def things(self) -> Things:
        """Answers what expressions are."""
        if self._things is None:
            from celery_backend_lint.model.results.things import Things

            self._things = Things(self._ev)
        return self._things

    def apps_of(self, owner: Location | None) -> tuple[App, ...]:
        """The apps that something may belong to whose owner is given; what is said of it must be true of each.

        Empty where that is not known, and for the apps of test code. What belongs to the current app may be of any
        app of the project: most have one.
        """
        from celery_backend_lint.model.results.records import CURRENT

        ours = tuple(app for app in self._apps if not app.in_tests)
        if owner is None:
            return ()
        return ours if owner == CURRENT else tuple(app for app in ours if app.location == owner)

    def files(self) -> tuple[str, ...]:
        """The files that may make a result, by their bytes; without test code."""
        project = self._ev.modules.project
        sending = set(project.python_files_mentioning(SENDS))
        flowing = {path for path in project.python_files_mentioning(_CELERY) if project.mentions(path, _FLOWS)}
        return tuple(path for path in sorted(sending | flowing) if not is_test_path(path))

    def reads(self) -> tuple[Read, ...]:
        """Every read of a result, by path and place."""
        return tuple(read for path in self.files() for read in self.reads_in(path))

    def reads_in(self, path: str) -> tuple[Read, ...]:
        """The reads of results in one file."""
        known = self._reads.get(path)
        if known is None:
            from celery_backend_lint.model.results.reads import reads_in

            file = self._ev.modules.file(path)
            known = self._reads[path] = tuple(reads_in(self.things, file)) if file is not None else ()
        return known

    def chords(self) -> tuple[Chord, ...]:
        """Every place that makes a flow which starts a chord, by path and place."""
        if self._chords is None:
            from celery_backend_lint.model.results.reads import chords_in

            project = self._ev.modules.project
            files = [
                self._ev.modules.file(path)
                for path in project.python_files_mentioning(_CELERY)
                if not is_test_path(path) and project.mentions(path, _FLOWS)
            ]
            self._chords = tuple(one for file in files if file is not None for one in chords_in(self.things, file))
        return self._chords

    def task_files(self) -> tuple[str, ...]:
        """The files that may define tasks, by their bytes: those that name Celery, or a decorator of the project's own
        that stands in such a file; without test code.
        """
        if self._task_files is None:
            project = self._ev.modules.project
            found = dict.fromkeys(project.python_files_mentioning(_CELERY))
            texts = [
                source.data for path in found if not is_test_path(path) and (source := project.source(path)) is not None
            ]
            needles = {
                match[1] or match[2]
                for text in texts
                if b"task(" in text or b"task," in text
                for match in re.finditer(_OWN, text)
            }
            # Modules that import the app from another one need not name Celery.
            needles |= {
                b"@%b.task" % match[1]
                for text in texts
                if re.search(_CALLS, text)
                for match in re.finditer(_APPS, text)
            }
            if needles:
                found |= dict.fromkeys(project.python_files_mentioning(sorted(needles)[:MOST_NEEDLES]))
            self._task_files = tuple(
                path
                for path in sorted(found)
                if not is_test_path(path)
                and (source := project.source(path)) is not None
                and b"ask" in source.data
                and re.search(_TASKS, source.data) is not None
            )
        return self._task_files

    def waiting_files(self) -> tuple[str, ...]:
        """Those of the files with tasks that may also make a result and wait for one, by their bytes."""
        project = self._ev.modules.project
        return tuple(
            path
            for path in self.task_files()
            if (source := project.source(path)) is not None
            and any(needle in source.data for needle in _MAKES)
            and re.search(_WAITS, source.data) is not None
        )

    def tasks_in(self, path: str) -> tuple[Task, ...]:
        """The tasks that a file defines."""
        known = self._tasks.get(path)
        if known is None:
            from celery_backend_lint.model.results.definitions import tasks_in

            file = self._ev.modules.file(path)
            known = self._tasks[path] = tuple(tasks_in(self.things, file)) if file is not None else ()
        return known
