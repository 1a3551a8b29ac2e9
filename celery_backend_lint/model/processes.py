"""What runs beat, what cleans results up and what runs the default app: evidence in code, deployment files, scripts and
task runners.

Commands of celery are read from the formats that ``model.deployment`` knows. The rest is read by patterns on bytes:
such files come in dozens of formats, and any sign counts, for a project that runs beat in a way that is not seen here
must not be told that it does not. Comments are no evidence, nor is test code.
"""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.location import Location
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from celery_backend_lint.model.deployment.reading import Deployment
    from celery_backend_lint.model.manifests.selection import Manifests
    from celery_backend_lint.project.discovery import Project

BEAT_PACKAGES = (
    "django-celery-beat",
    "celery-redbeat",
    "celery-sqlalchemy-scheduler",
    "sqlalchemy-celery-beat",
    "celerybeat-mongo",
    "rdbbeat",
)
"""Distributions that are installed for nothing but beat. Celery's clean-up is one of what their schedulers send, as
its own scheduler does (rdbbeat 0.2.1: ``DatabaseScheduler.install_default_entries``)."""

_BEAT = rb"(?i)celery[-_. ]?beat(?!-schedule|\.pid|\.db)|redbeat|(?<![a-z])(?<!heart[-_ .])beat(?![a-z])"
_EMBEDDED = rb"(?:celery|\.py\b)[^\n]*\bworker\b[^\n]*?[\s\"',]-[A-Za-z]*B[A-Za-z]*(?![\w-])"
"""``celery worker -B`` or ``python tasks.py worker -B``, also among other one-letter options; Celery takes it before
and after the word."""
_PYTHON_NEEDLES = (b"beat", b"BEAT", b"Beat", b"periodic_task", b"PeriodicTask", b'"-B"', b"'-B'", b" -B")
_PYTHON = (
    rb"beat_schedule|BEAT_SCHEDULE|CELERYBEAT|add_periodic_task|\bperiodic_task\b|django_celery_beat|djcelery"
    rb"|redbeat|\brdbbeat\b|\.Beat\(|celery\.(?:bin|apps)\.beat|celery(?:[^\n#]*[\s\"'])?(?:beat|--beat)\b|[\"'](?:beat|--beat|-B)[\"']"
    rb"|\bbeat\s*=\s*True|celery[^\n]*\bworker\b[^\n]*\s-\w*B\b|beat_scheduler|BEAT_SCHEDULER|PeriodicTask\b"
)
_PYTHON_STARTS = (
    rb"\.Beat\(|celery\.(?:bin|apps)\.beat|celery(?:[^\n#]*[\s\"'])?(?:beat|--beat)\b(?!_)|[\"'](?:beat|--beat|-B)[\"']"
    rb"|\bbeat\s*=\s*True|celery[^\n]*\bworker\b[^\n]*\s-\w*B\b"
)
_CLEANUP_NEEDLES = (
    b"backend_cleanup",
    b"delete_expired",
    b".cleanup(",
    b"taskmeta",
    b"TaskResult",
    b"expireAfterSeconds",
    b"taskresult",
)
_CLEANUP = (
    rb"backend_cleanup|delete_expired\(|backend\.cleanup\(|TaskResult\.objects[^\n]*\.delete\("
    rb"|(?i:(?:delete\s+from|truncate(?:\s+table)?)\s+[\w.\"`]*(?:celery_taskmeta|taskresult))"
)
_CLEANUP_OF_MONGODB = rb"expireAfterSeconds"
"""An index by which MongoDB deletes documents itself."""
_SCHEDULED_CLEANUP = rb"[\"']celery\.backend_cleanup[\"']"
_POINTS_AT_RESULTS = rb"(?:ForeignKey|OneToOneField)\(\s*(?:to\s*=\s*)?[\"']?(?:[\w]+\.)*((?:Task|Group)Result)\b"

_WORKER = (
    rb"\bcelery\b[^\n]*\s(?:-A|--app)[^\n]*\bworker\b|\bcelery\s+worker\s+-|\.py\s+celery(?:d|\s+worker)\b"
    rb"|\.worker_main\(|\.Worker\(|celery\.(?:bin|apps)\.worker\b"
)
"""What starts a worker, in code and in instructions."""
_WORKER_STARTED = rb"(?i)\bcelery\b[^\n]*\bworker\b|celery[-_]?workers?\b|celeryd\b"
"""What does so in files that start processes, by any sign of it."""

_FOR_DEVELOPERS = frozenset({"workflow", "gitlab", "tox", "makefile", "script", "tasks"})

_STARTING = (
    ".yml .yaml .sh .bash .zsh .fish .service .timer .conf .ini .cfg .toml .mk .just .nix .tf .hcl .nomad .j2 .jinja"
    " .jinja2 .tpl .tmpl .template .erb .ps1 .bat .cmd .run .dockerfile .kdl .jsonnet .libsonnet .pp .upstart"
)
_ENDINGS = tuple(_STARTING.split())
_NAMES = r"(?i)(?:.*[._-])?(?:docker|container|proc|make|just|task|jenkins|vagrant|tilt|caddy|brew)file(?:[._-].*)?"
_JSON = (
    r"(?i)(?:package|app|zappa_settings|procfile|dokku|fly|ecs.*|.*task[-_]?def.*|.*container[-_]?def.*|tasks|launch"
    r"|devcontainer)\.json"
)
_FILE_OF_BEAT = (
    r"(?i)(?:.*[-_.])?(?:celery[-_.]?)?beat(?:[-_.](?!py$|md$|rst$|html$|js$|ts$|css$|png$|svg$|jpg$|wav$|mp3$).*)?"
)
_MODULE_OF_BEAT = r"(?i)(?:.*celery[-_]?beat.*|(?:run|start)?[-_]?beat)\.py"

_STARTS = (
    rb"(?m)^[ \t]*(?:-[ \t]+)?(?:(?i:command|entrypoint|cmd|run|exec|execstart|script|worker|beat)[ \t]*[:=]?[ \t]*)*"
    rb"(?:\w+ run )?(?:[\w./-]*/)?(?:python3? -m )?celery[ \t]([^\n;&|#]*)"
)
"""A command line of Celery's, from its beginning: no label such as ``name: celery worker``."""


@record
class Sign:
    """Something that runs beat, schedules for it, or cleans up, and where it stands."""

    what: str
    location: Location


def beat_sign(project: Project, manifests: Manifests, deployment: Deployment) -> Sign | None:
    """The first sign that beat runs: a schedule, a package of beat's, a command in any file that starts processes."""
    for name in BEAT_PACKAGES:
        for requirement in manifests.declares(name):
            return Sign(f"{name} is declared", requirement.location)
    return _in_code(project, _PYTHON, "code for beat") or beat_command(project, deployment)


def beat_start(project: Project, deployment: Deployment) -> Sign | None:
    """The first thing that starts beat, in code or elsewhere; a schedule or a package alone is none."""
    return _in_code(project, _PYTHON_STARTS, "code that starts beat") or beat_command(project, deployment)


def _in_code(project: Project, pattern: bytes, what: str) -> Sign | None:
    """The first place in code outside of tests that a pattern finds."""
    for path in project.python_files_mentioning(_PYTHON_NEEDLES):
        found = _search(project, path, pattern) if not is_test_path(path) else None
        if found is not None:
            return Sign(what, found)
    return None


_TOLD = rb"(?m)(?:celery|\.py)[ \t][^\n]*?(?:[ \t]beat\b|--beat\b|\bworker\b[^\n]*[ \t]-[A-Za-z]*B\b)"


def beat_instruction(project: Project) -> Sign | None:
    """The first command that starts beat in a README or other text for people: whoever runs the project is told."""
    for path in project.paths():
        if path.lower().endswith((".md", ".rst", ".txt", ".adoc")) and project.mentions(path, (b"beat", b" -B")):
            found = _search(project, path, _TOLD)
            if found is not None:
                return Sign("an instruction to start beat", found)
    return None


def beat_command(project: Project, deployment: Deployment) -> Sign | None:
    """The first command that starts beat, or file that is there for it or looks as if it did."""
    for running in deployment.commands:
        if running.command.beat and not is_test_path(running.service.path):
            return Sign("a command that starts beat", running.command.location)
    for path in _deployment_files(project):
        base = posixpath.basename(path)
        if re.fullmatch(_FILE_OF_BEAT, base) and "heartbeat" not in base.lower():
            return Sign("a script of beat's", Location(path))
        source = project.source(path)
        data = source.data if source is not None else b""
        if not (b"beat" in data or b"Beat" in data or b"BEAT" in data or (b"B" in data and b"worker" in data)):
            continue
        found = _search(project, path, _BEAT) or _search(project, path, _EMBEDDED, joined=True)
        if found is not None:
            return Sign("a command that starts beat", found)
    for path in project.paths():
        if path.endswith(".py") and re.fullmatch(_MODULE_OF_BEAT, posixpath.basename(path)) and not is_test_path(path):
            return Sign("a script of beat's", Location(path))
    return None


def runs_worker(project: Project, deployment: Deployment) -> bool:
    """Whether anything in the repository starts a worker, or tells people how to: commands, code, texts."""
    if any(
        one.command.what in ("worker", "multi") and not is_test_path(one.service.path) for one in deployment.commands
    ):
        return True
    for path in _deployment_files(project):
        if re.search(_WORKER_STARTED, path.encode()) is not None or (
            project.mentions(path, (b"celery", b"Celery", b"CELERY"))
            and (_search(project, path, _WORKER_STARTED) or _search(project, path, _WORKER, joined=True))
        ):
            return True
    texts = (path for path in project.paths() if path.lower().endswith((".md", ".rst", ".txt", ".adoc")))
    for path in (*project.python_files_mentioning([b"orker", b"celeryd"]), *texts):
        spoken = not is_test_path(path) and project.mentions(path, (b"orker", b"celeryd"))
        if spoken and _search(project, path, _WORKER) is not None:
            return True
    return False


def deploys_something(deployment: Deployment) -> bool:
    """Whether files in the repository say what runs in production or beside a developer: more than tests and tasks."""
    return any(one.form not in _FOR_DEVELOPERS and not is_test_path(one.path) for one in deployment.services)


def runs_default_app(project: Project, deployment: Deployment) -> bool:
    """Whether a deployment file starts a worker or beat without ``-A``: such a process has Celery's default app, whose
    loader imports celeryconfig (celery.bin.celery, celery.loaders.default; seen in 5.0 and 5.7).
    """
    for running in deployment.commands:
        command = running.command
        if command.default_app and command.what in ("worker", "beat") and not is_test_path(running.service.path):
            return True
    for path in _deployment_files(project):
        if not project.mentions(path, (b"celery",)) or deployment.knows(path):
            continue
        source = project.source(path)
        for found in re.finditer(_STARTS, _as_commands(source.utf8 if source is not None else b"")):
            words = found[1].split()
            named = any(word.startswith((b"-A", b"--app", b"$", b"{")) for word in words)
            if not named and (b"worker" in words or b"beat" in words):
                return True
    return False


def cleanup_sign(project: Project, kinds: Collection[str]) -> Sign | None:
    """The first place where the project deletes old results itself, in code, or a script or schedule outside of it.

    ``kinds`` are the backends that hold them.
    """
    pattern = _CLEANUP + (b"|" + _CLEANUP_OF_MONGODB if "mongodb" in kinds else b"")
    for path in project.python_files_mentioning(_CLEANUP_NEEDLES):
        if not is_test_path(path):
            found = _search(project, path, pattern)
            if found is not None:
                return Sign("results are deleted by the project itself", found)
    for path in (*_deployment_files(project), *(one for one in project.paths() if one.endswith(".sql"))):
        source = project.source(path)
        data = source.data if source is not None else b""
        if any(needle in data for needle in _CLEANUP_NEEDLES):
            found = _search(project, path, pattern)
            if found is not None:
                return Sign("results are deleted by the project itself", found)
    return None


def scheduled_cleanup(project: Project) -> Location | None:
    """Where the project schedules or sends ``celery.backend_cleanup`` itself, whatever ``result_expires`` is."""
    for path in project.python_files_mentioning([b"celery.backend_cleanup"]):
        if not is_test_path(path):
            found = _search(project, path, _SCHEDULED_CLEANUP)
            if found is not None:
                return found
    return None


def references_to_results(project: Project) -> tuple[Location, ...]:
    """The model fields that point at django-celery-results' TaskResult or GroupResult."""
    found = []
    for path in project.python_files_mentioning([b"TaskResult", b"GroupResult"]):
        if not is_test_path(path) and "/migrations/" not in f"/{path}":
            place = _search(project, path, _POINTS_AT_RESULTS)
            if place is not None:
                found.append(place)
    return tuple(found)


def _deployment_files(project: Project) -> Iterator[str]:
    """Files that may start processes: by ending, by name, or without any ending (``bin/start-celery``)."""
    for path in project.paths():
        base = posixpath.basename(path)
        if base.endswith(_ENDINGS):
            if not base.endswith(("-lock.yaml", ".lock.yml")) and not is_test_path(path):
                yield path
        elif "." not in base or re.fullmatch(_JSON if base.endswith(".json") else _NAMES, base):
            yield path


def _search(project: Project, path: str, pattern: bytes, *, joined: bool = False) -> Location | None:
    """The first place in a file that a pattern fits, outside of comments; ``joined`` looks over continued lines."""
    source = project.source(path)
    if source is None:
        return None
    utf8 = source.utf8
    if joined:
        found = re.search(pattern, _as_commands(utf8))
        return Location(path) if found is not None else None
    for found in re.finditer(pattern, utf8):
        start = utf8.rfind(b"\n", 0, found.start()) + 1
        before = utf8[start : found.start()]
        if not re.match(rb"\s*(?:#|//|;|--\s)", before) and b" #" not in before:
            return Location(path, source.span(found.start(), found.end()))
    return None


def _as_commands(utf8: bytes) -> bytes:
    """A file's text where a shell's continued lines, a YAML list and an exec form are one line."""
    text = re.sub(rb"\\\r?\n\s*|,?\s*\r?\n\s*-\s+", b" ", _without_comments(utf8))
    return re.sub(rb"[\"'\[\],]+", b" ", text)


def _without_comments(utf8: bytes) -> bytes:
    return re.sub(rb"(?m)^\s*(?:#|//|;).*$", b"", utf8)
