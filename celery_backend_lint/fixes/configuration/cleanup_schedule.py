"""Something that runs beat, for results that nothing else cleans up: in the Procfile or the compose file there is."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.text_edits import append_lines, insert_lines
from celery_backend_lint.location import START, Location
from celery_backend_lint.model.processes import beat_command
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.discovery import Project

SERVICE = r"(?m)^(?P<indent>[ ]+)[\w-]+:[ ]*\n(?P<body>(?:(?P=indent)[ ]+[^\n]*\n|[ ]*\n)+)"
"""A service of a compose file with its lines."""

COMMAND = r"(?m)^(?P<key>[ ]+command:[ ]*)(?P<before>[^\n\[\"'|>&]*\bcelery\b[^\n\[\"'|>&]*?)\bworker\b[^\n\"'|>&]*$"
"""A command on one line that starts a worker and nothing else."""


def run_beat(project: Project, app: str) -> list[Edit]:
    """Have something in the repository run beat, which sends the clean-up task every night.

    ``app`` is what ``celery -A`` takes. Empty where something does already. A Procfile gets a line; else a compose file
    whose worker is a service gets a service beside it; else a Procfile is created.
    """
    if beat_command(project) is not None:
        return []
    procfile = next((path for path in project.paths() if path == "Procfile" or path.endswith("/Procfile")), None)
    if procfile is not None and not is_test_path(procfile):
        return [append_lines(project, procfile, f"beat: celery -A {app} beat\n", "beat")]
    for path in project.paths():
        name = path.rpartition("/")[2]
        if name.startswith(("docker-compose", "compose")) and name.endswith((".yml", ".yaml")):
            edit = _beside_worker(project, path)
            if edit is not None:
                return [edit]
    text = f"worker: celery -A {app} worker\nbeat: celery -A {app} beat\n"
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
        if command is None or re.search(rf"(?m)^{indent}\s+(?:container_name|ports|hostname)\s*:", body):
            continue
        if re.search(rf"(?m)^{indent}beat:", text):
            raise CannotFixError(f"`{path}` has a service `beat` that does not run beat")
        line = body[command.start() : body.index("\n", command.start())]
        beat = body.replace(line, f"{command['key']}{command['before']}beat")
        end = service.start("body") + len(body)
        return insert_lines(source, text.count("\n", 0, end) + 1, f"\n{indent}beat:\n{beat}", "beat")
    return None
