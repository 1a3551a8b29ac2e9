"""Something that runs beat, for results that nothing else cleans up: in the Procfile or the compose file there is."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.imported_modules import packages_above
from celery_backend_lint.evaluate.values import Instance
from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.text_edits import append_lines, insert_lines
from celery_backend_lint.location import START, Location
from celery_backend_lint.model.apps.creations import dotted_name
from celery_backend_lint.model.processes import beat_command
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.reading import RunningCommand
    from celery_backend_lint.project.discovery import Project

SERVICE = r"(?m)^(?P<indent>[ ]+)[\w-]+:[ ]*\n(?P<body>(?:(?P=indent)[ ]+[^\n]*\n|[ ]*\n)+)"
"""A service of a compose file with its lines."""

COMMAND = (
    r"(?m)^(?P<key>[ ]+command:[ ]*)(?:"
    r"(?P<before>[^\n\[\"'|>&]*\bcelery\b[^\n\[\"'|>&]*?)\bworker\b[^\n\"'|>&]*"
    r"|(?P<listed>\[[^\n\]&]*?)(?P<quote>[\"'])worker(?P=quote)[^\n\]]*\][ ]*)$"
)
"""A command on one line that starts a worker and nothing else: as text, or as a list."""

NOT_TWICE = r"(?:container_name|ports|hostname|deploy|scale|replicas|healthcheck|profiles|extends|<<)\s*:"
"""What a second service cannot share, or what is said of workers alone: beat must run once."""


def celery_command(model: Model, app: App) -> str:
    """How ``celery`` is started for an app, with ``-A``: as the project starts it, else by the module that has it.

    Django's ``proj/celery.py`` is found in the package. A module below a folder is started from there.
    """
    own = app.entry or app.path
    for running in (*model.deployment.commands_for(own), *_of_packages(model, app)):
        if running.command.app and not running.command.app.startswith(("$", "{")):
            return f"celery -A {running.command.app}"
    name = dotted_name(model.evaluator, own)
    stem = own.removesuffix(".py").removesuffix("/__init__")
    folder = stem[: len(stem) - len(name)].rstrip("/")
    if name == "celery" and folder:  # by itself that is the library
        folder, _, name = folder.rpartition("/")
    return f"celery{f' --workdir {folder}' if folder else ''} -A {name.removesuffix('.celery')}"


def _of_packages(model: Model, app: App) -> Iterator[RunningCommand]:
    """The commands whose ``-A`` names a package around an app's module that has the app under any name of its own:
    Celery takes the first that is one (celery.app.utils.find_app).
    """
    having = [one for one in packages_above(model.evaluator, app.path) if _has(model, one, app)]
    for running in model.deployment.commands if having else ():
        folder = running.command.app.replace(".", "/")
        if folder and any(f"/{one}".endswith(f"/{folder}/__init__.py") for one in having):
            yield running


def _has(model: Model, path: str, app: App) -> bool:
    """Whether a module imports an app, by whatever name."""
    file = model.evaluator.modules.file(path)
    for name, bindings in file.scope.bindings.items() if file is not None else ():
        if any(one.kind == "from" for one in bindings):
            value = model.evaluator.read(file.scope, name, None) if file is not None else None
            if isinstance(value, Instance) and value.origin == app.location:
                return True
    return False


def run_beat(model: Model, app: App) -> list[Edit]:
    """Have something in the repository run beat, which sends the clean-up task every night.

    Empty where something does already. A Procfile gets a line; else a compose file whose worker is a service gets a
    service beside it; else a Procfile is created. Raises CannotFixError where a worker is started in another way.
    """
    project, celery = model.project, celery_command(model, app)
    if beat_command(project, model.deployment) is not None:
        return []
    procfile = next((path for path in project.paths() if path == "Procfile" or path.endswith("/Procfile")), None)
    if procfile is not None and not is_test_path(procfile):
        return [append_lines(project, procfile, f"beat: {celery} beat\n", "beat")]
    for path in project.paths():
        name = path.rpartition("/")[2]
        if name.startswith(("docker-compose", "compose")) and name.endswith((".yml", ".yaml")):
            edit = _beside_worker(project, path)
            if edit is not None:
                return [edit]
    workers = [one.command.location for one in model.deployment.commands if one.command.what == "worker"]
    workers = [one for one in workers if not is_test_path(one.path)]
    if workers:
        raise CannotFixError(
            f"nothing runs beat: start `{celery} beat` once, as `{workers[0].path}` line {workers[0].line} starts "
            "a worker"
        )
    text = f"worker: {celery} worker\nbeat: {celery} beat\n"
    return [Edit(Location("Procfile", START), text, "beat")]


def _beside_worker(project: Project, path: str) -> Edit | None:
    """A copy of the worker's service that runs beat instead; None where a second one like it could not run."""
    source = project.source(path)
    text = source.text if source is not None and source.problem is None else ""
    if source is None or "\r" in text or not text.endswith("\n"):
        return None
    for service in re.finditer(SERVICE, text):
        body, indent = service["body"].rstrip("\n") + "\n", service["indent"]
        command = re.search(COMMAND, body)
        if command is None or "celery" not in command[0] or re.search(rf"(?m)^{indent}\s+{NOT_TWICE}|: &", body):
            continue
        if re.search(rf"(?m)^{indent}beat:", text):
            raise CannotFixError(f"`{path}` has a service `beat` that does not run beat")
        if command["listed"] is not None:
            beat = f"{command['key']}{command['listed']}{command['quote']}beat{command['quote']}]"
        else:
            beat = f"{command['key']}{command['before']}beat"
        copied = body[: command.start()] + beat + body[command.end() :]
        end = service.start("body") + len(body)
        return insert_lines(source, text.count("\n", 0, end) + 1, f"\n{indent}beat:\n{copied}", "beat")
    return None
