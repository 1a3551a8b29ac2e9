"""The summary that ``configure`` ends with, as text and as JSON."""

from __future__ import annotations

from celery_backend_lint import __version__
from celery_backend_lint.record import record
from celery_backend_lint.report.json import dump
from celery_backend_lint.report.style import BOLD
from celery_backend_lint.report.text import sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.fixes.configuration.other_apps import AlsoChanged
    from celery_backend_lint.report.style import Style

NAMES = {
    ("redis", "single"): "Redis",
    ("redis", "sentinel"): "Redis with Sentinel",
    ("redis", "tls"): "Redis with TLS",
}


@record
class Configured:
    """What was configured. ``celery`` is how the command is started for the app; ``created`` are those of ``changed``
    that were not there. ``packages`` are requirements as the manifest has them, ``variables`` pairs of a name and an
    example, ``fixed`` the rules' fixes that were applied on the way.

    ``other_apps`` are apps that settings changed for as well. ``undone`` is what could not be written, and why;
    ``notes`` what the fixes leave to do; ``probe`` the command that runs the health check, ``""`` for none.
    ``required`` says that Celery does not start without the variables.
    """

    choices: Choices
    celery: str
    app_path: str
    changed: tuple[str, ...]
    created: tuple[str, ...]
    packages: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    undone: tuple[str, ...]
    notes: tuple[str, ...]
    probe: str = ""
    required: bool = True
    fixed: tuple[str, ...] = ()
    other_apps: tuple[AlsoChanged, ...] = ()

    @property
    def app(self) -> str:
        """What ``celery -A`` takes."""
        return self.celery.rpartition(" ")[2]

    @property
    def backend(self) -> str:
        """The backend for people."""
        if self.choices.backend == "database":
            return {"postgresql": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite"}[self.choices.dialect]
        return NAMES.get((self.choices.backend, self.choices.availability), "RPC")

    @property
    def reminders(self) -> tuple[str, ...]:
        """What the configuration rests on and cannot see to itself."""
        choices = self.choices
        found = [*self.notes]
        if choices.backend == "redis":
            if choices.persistent:
                found.append("Redis keeps results over a restart only with `appendonly yes` in its own configuration")
            found.append(
                "give Redis `maxmemory-policy noeviction`: with any other it drops results when memory is full"
            )
        if choices.availability == "sentinel" and choices.backend == "redis":
            found.append("`master_name` is `mymaster`: write the name that your sentinels know")
        if choices.backend == "database":
            found.append("beat must run, once: its nightly `celery.backend_cleanup` deletes results that are expired")
            found += [
                f"`{path}` is new: start the worker and beat in the same way wherever the project runs"
                for path in self.created
                if path.rpartition("/")[2] == "Procfile"
            ]
        if choices.backend == "rpc":
            found.append("only the process that sent a task can read its result, and a chord does not work with RPC")
        if self.variables and self.required:
            found.append("the variables are read when Celery starts: it does not start while one is missing")
        return tuple(found)

    @property
    def next_steps(self) -> tuple[str, ...]:
        """What to do now, in order."""
        found = []
        if self.packages:
            found.append("install: pip install " + " ".join(f"'{one}'" for one in self.packages))
        if self.variables:
            found.append("set " + " and ".join(name for name, _ in self.variables))
        found.append(f"start a worker: {self.celery} worker")
        if self.choices.backend == "database":
            found.append(f"start beat: {self.celery} beat")
        if self.probe:
            found.append(f"probe: {self.probe}")
        found.append("see what Celery reads: celery-backend-lint config")
        return tuple(found)


def render(told: Configured, prefix: str, style: Style, *, dry_run: bool) -> Iterator[str]:
    """The summary for people, without line endings."""
    verb = "Would configure" if dry_run else "Configured"
    if not told.changed:
        verb = "Already configured:"
    yield style.paint(f"{verb} {told.backend} as the result backend of {told.app} ({prefix}{told.app_path}).", BOLD)
    sections: tuple[tuple[str, Sequence[str]], ...] = (
        ("Changed files", [f"{prefix}{path}" for path in told.changed]),
        ("Fixed as well", [f"{prefix}{one}" for one in told.fixed]),
        ("Changed for other apps too", [_also(one, prefix) for one in told.other_apps]),
        ("Packages to install", told.packages),
        ("Variables to set", [f"{name}, such as {value}" for name, value in told.variables]),
        ("Not done", told.undone),
        ("Reminders", told.reminders),
        ("Next steps", told.next_steps),
    )
    for title, lines in sections:
        if lines:
            yield f"{style.paint(title, BOLD)}:"
            for line in lines:
                yield f"  {sentence(line) if title != 'Variables to set' else line}"


def _also(one: AlsoChanged, prefix: str) -> str:
    return f"{one.name or '(no name)'} ({prefix}{one.path} line {one.line}): {', '.join(one.settings)}"


def render_json(told: Configured, diff: str | None, *, dry_run: bool) -> str:
    """The summary for programs: a contract to which things are only added (docs/configure.md). ``diff`` where asked."""
    choices = told.choices
    return dump(
        {
            "version": __version__,
            "backend": {name: getattr(choices, name) for name in choices.__match_args__ if name != "decided"},
            "app": {"name": told.app, "path": told.app_path},
            "written": bool(told.changed) and not dry_run,
            "changed": list(told.changed),
            **({"diff": diff} if diff is not None else {}),
            "other_apps": [
                {"name": one.name, "path": one.path, "line": one.line, "settings": list(one.settings)}
                for one in told.other_apps
            ],
            "fixed": [sentence(one) for one in told.fixed],
            "packages": list(told.packages),
            "variables": [{"name": name, "example": value} for name, value in told.variables],
            "not_done": [sentence(one) for one in told.undone],
            "reminders": [sentence(one) for one in told.reminders],
            "next_steps": [sentence(one) for one in told.next_steps],
        }
    )
