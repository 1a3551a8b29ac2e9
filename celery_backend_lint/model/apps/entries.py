"""Which module a worker starts with, where an app's own module does not do everything that is done to the app.

``celery -A worker.celery`` imports ``worker``, which makes a web application, which configures the app of a third
module: what holds in a worker is what that chain does. It is taken where it is the only one that the project names.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.apps.places import Places, definition_around
from celery_backend_lint.model.apps.steps import steps_of
from celery_backend_lint.model.apps.walk import Walk
from celery_backend_lint.model.deployment.commands import module_files
from celery_backend_lint.model.deployment.reading import names_app
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.model.apps.step import Step
    from celery_backend_lint.model.deployment.reading import Deployment, RunningCommand

MOST_CALLERS = 6
"""With more modules that may start it, nothing says which one does."""

_IN_CODE = rb"\bcelery[\"',\s]+(?:-A|--app)[\"',=\s]+(\w+(?:\.\w+)*(?::\w+)?)\b[^\n]*\bworker\b"
"""A command of Celery's in a text or a list of Python code."""

MOST_FILES = 60
"""Names that more files call than this are not a factory's."""

AT_ONCE = 8
"""Names that are looked for at once."""


class Entries:
    """The modules that a project's processes start with, and what each of them does to the apps."""

    def __init__(self, places: Places, deployment: Deployment) -> None:
        self._near = places
        self._deployment = deployment
        self._walks: dict[tuple[bool, str], Walk] = {}
        self._wide: Places | None = None
        self._named: list[str] | None = None
        self._by_name: dict[str, list[str]] = {}

    def steps(self, creation: Creation) -> tuple[list[Step], str]:
        """What happens to an app in a worker, and the module that the worker starts with, ``""`` for the app's own.

        That is, where the app's own module leaves something open, the only one of those that ``-A`` names and that
        lead to the app; where none is named, the only one that calls the functions which configure it.
        """
        own = creation.file.path
        walk = self._walk(own)
        is_made = creation.location in walk.made
        steps = steps_of(self._near, walk, creation)
        if is_made and all(step.certain for step in steps):
            return steps, ""
        entry = self._entry(creation)
        if entry in ("", own):
            return steps, ""
        started = Walk(self._places, alone=True)
        started.module(entry)
        around = definition_around(creation.node)
        if around is not None and (creation.file.path, around.start_byte) in started.repeated:
            started = self._walk(entry, wide=True)
        found = steps_of(self._places, started, creation)
        return (found, entry) if not is_made or _open(found) < _open(steps) else (steps, "")

    @property
    def _places(self) -> Places:
        """The places of all files that may lead to an app, those that do not speak of Celery too."""
        if self._wide is None:
            self._wide = self._near
            ev = self._near.ev
            for _ in range(2):
                more = self._calling(self._wide.leading)
                if not more or len(more) > MOST_FILES or more <= set(self._wide.files):
                    break
                self._wide = Places(ev, list(self._near.creations.values()), tuple(sorted(more)))
        return self._wide

    def _calling(self, names: Iterable[str]) -> set[str]:
        """The files that call functions of these names; where they are too many, not all of them.

        Short names are the common ones: where these are called everywhere the others need no search.
        """
        needles = sorted((f"{name}(".encode() for name in names), key=lambda needle: (len(needle), needle))
        found: set[str] = set()
        while needles and len(found) <= MOST_FILES:
            found.update(self._near.ev.modules.project.python_files_mentioning(needles[:AT_ONCE]))
            needles = needles[AT_ONCE:]
        return found

    def _walk(self, path: str, *, wide: bool = False) -> Walk:
        """What importing the module at a path does."""
        if (wide, path) not in self._walks:
            self._walks[wide, path] = Walk(self._places if wide else self._near)
            self._walks[wide, path].module(path)
        return self._walks[wide, path]

    def _entry(self, creation: Creation) -> str:
        named = [path for path in self._modules_named() if creation.location in self._walk(path, wide=True).made]
        if named:
            return named[0] if len(named) == 1 else ""
        callers = self._callers(self._walk(creation.file.path))
        if len(callers) > MOST_CALLERS:
            return ""
        found = [path for path in callers if creation.location in self._walk(path, wide=True).made]
        return found[0] if len(found) == 1 else ""

    def _callers(self, own: Walk) -> list[str]:
        """The modules that call, where they are imported, a function that does something to an app."""
        return [
            path
            for path, points in sorted(self._places.points.items())
            if path not in own.started
            and not is_test_path(path)
            and any(point.kind == "call" and point.within < 0 for point in points)
        ]

    def _modules_named(self) -> list[str]:
        """The files that the workers' commands name with ``-A``, those of beat where there is no worker's."""
        if self._named is None:
            commands = [one for one in self._deployment.commands if not is_test_path(one.service.path)]
            workers = [one for one in commands if one.command.what in ("worker", "multi")]
            found = dict.fromkeys(self._file_of(one.command.app, one) for one in workers or commands)
            if not commands:
                found = dict.fromkeys(self._file_of(app, None) for app in self._named_in_code())
            self._named = [path for path in found if path]
        return self._named

    def _named_in_code(self) -> Iterator[str]:
        """What Python code starts itself: ``os.system("celery -A app.tasks worker")``."""
        project = self._near.ev.modules.project
        for path in project.python_files_mentioning([b"-A", b"--app"]):
            source = project.source(path)
            if source is not None and not is_test_path(path):
                for match in re.finditer(_IN_CODE, source.data):
                    yield match[1].decode()

    def _file_of(self, app: str, running: RunningCommand | None) -> str:
        """The project's file that ``-A`` means; ``""`` where it is not there, or there are several.

        One that lies on the way of the service's own folder comes first; a script may be in another folder.
        """
        if not self._by_name:
            for path in self._near.ev.modules.project.paths():
                self._by_name.setdefault(path.rpartition("/")[2], []).append(path)
        for name in module_files(app):
            alike = self._by_name.get(name.rpartition("/")[2], ())
            found = [path for path in alike if path == name or path.endswith(f"/{name}")]
            near = [path for path in found if running is not None and names_app(running, path)]
            if found:
                return next(iter(near or found)) if len(near or found) == 1 else ""
        return ""


def _open(steps: list[Step]) -> int:
    """How many of the things done to an app are not known to be done."""
    return sum(not step.certain for step in steps)
