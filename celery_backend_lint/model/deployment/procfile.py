"""Procfiles (Heroku, honcho, foreman): one process type a line, its command as a shell runs it."""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Service
from celery_backend_lint.model.deployment.scripts import Shell
from celery_backend_lint.model.deployment.shell_words import statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.source import SourceFile

_LINE = re.compile(rb"(?m)^(?P<name>[A-Za-z0-9_-]+)[ \t]*:[ \t]*(?P<command>[^\r\n]*)")


def read_procfile(source: SourceFile) -> tuple[Service, ...]:
    """The process types. Comments and lines of another form are passed over."""
    places = Places(source)
    found = []
    for line in _LINE.finditer(source.utf8):
        shell = Shell(source.utf8, places.at, "procfile")
        for words in statements(source.utf8, *line.span("command")):
            shell.run(words)
        found.append(
            Service(
                line["name"].decode(),
                source.path,
                places.at(*line.span("name")),
                source.path.rpartition("/")[0],
                "procfile",
                tuple(shell.variables),
                (),
                tuple(shell.commands),
                built=True,
            )
        )
    return tuple(found)
