"""supervisor's configuration: ``environment=A="x",B="y"`` and ``command=`` of each ``[program:…]``.

Values are split as ``supervisor.datatypes.dict_of_key_value_pairs`` does (4.2); ``%(ENV_X)s`` and its like stay
unknown, ``%%`` is a per cent sign.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.commands import celery_commands
from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Command, Service, Variable
from celery_backend_lint.model.deployment.shell_words import statements
from celery_backend_lint.syntax.ini import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.ini import IniValue

_PAIR = re.compile(rb"([A-Za-z_]\w*)[ \t]*=[ \t]*(?:\"([^\"]*)\"|'([^']*)'|([^,\s\"']*))[ \t]*(?:,|(?=\s|$))")


def read_supervisor(source: SourceFile) -> tuple[Service, ...]:
    """A service for each program; what ``[supervisord]`` sets is given to all of them."""
    places = Places(source)
    sections = parse(source.utf8).sections
    common = tuple(_variables(places, sections.get("supervisord", {}).get("environment")))
    found = []
    for name, section in sections.items():
        kind, colon, program = name.partition(":")
        if not colon or kind.strip() != "program":
            continue
        own = tuple(_variables(places, section.get("environment")))
        names = {one.name for one in own}
        commands: list[Command] = []
        command = section.get("command")
        lines = command.lines if command is not None else ()
        words = [
            word for line in lines for one in statements(source.utf8, line.start, line.end) for word in one
        ]  # a command goes on in the lines below it
        commands.extend(celery_commands(words, places.word, "supervisor"))
        at = places.at(command.key_start, command.key_end) if command is not None else places.at(0, 0)
        found.append(
            Service(
                program.strip(),
                source.path,
                at,
                source.path.rpartition("/")[0],
                "supervisor",
                (*(one for one in common if one.name not in names), *own),
                (),
                tuple(commands),
            )
        )
    return tuple(found)


def _variables(places: Places, value: IniValue | None) -> Iterator[Variable]:
    for line in value.lines if value is not None else ():
        for pair in _PAIR.finditer(places.utf8, line.start, line.end):
            group = pair.lastindex or 1
            raw = pair[group].decode("utf-8", "replace")
            known = re.search(r"(?<!%)%\(", raw) is None and "{{" not in raw
            at = places.at(*pair.span(1))
            place = places.at(*pair.span(group)) if raw else at
            yield Variable(pair[1].decode(), raw.replace("%%", "%") if known else None, raw, place, at, "supervisor")
