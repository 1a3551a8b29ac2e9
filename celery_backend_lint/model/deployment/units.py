"""systemd units: ``Environment=``, ``EnvironmentFile=``, what ``Exec…=`` starts (systemd.exec(5))."""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.commands import celery_commands
from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Command, EnvFileUse, Service, Variable
from celery_backend_lint.model.deployment.scripts import lines_of
from celery_backend_lint.model.deployment.shell_words import statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.project.source import SourceFile

_SETTING = re.compile(rb"[ \t]*(Environment|EnvironmentFile|Exec\w+)[ \t]*=[ \t]*")
_ITEM = re.compile(rb"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([^\s\"']\S*)", re.DOTALL)


def read_unit(source: SourceFile) -> tuple[Service, ...]:
    """One service: the unit. ``%i`` and the like stay unknown."""
    places = Places(source)
    utf8 = source.utf8
    variables: list[Variable] = []
    env_files: list[EnvFileUse] = []
    commands: list[Command] = []
    for start, end in lines_of(utf8):
        setting = _SETTING.match(utf8, start, end)
        if setting is None:
            continue
        if setting[1] == b"Environment":
            variables.extend(_variables(places, setting.end(), end))
        elif setting[1] == b"EnvironmentFile":
            env_files.extend(_env_files(places, setting.end(), end))
        else:
            first = setting.end() + len(utf8[setting.end() : end]) - len(utf8[setting.end() : end].lstrip(b"-@:+!"))
            for words in statements(utf8, first, end):
                commands.extend(celery_commands(words, places.word, "systemd"))
    return (places.whole_file("systemd", variables, env_files, commands),)


def _variables(places: Places, start: int, end: int) -> Iterator[Variable]:
    for item in _ITEM.finditer(places.utf8, start, end):
        group = item.lastindex or 0
        name, equals, value = item[group].partition(b"=")
        if not equals or not re.fullmatch(rb"[A-Za-z_]\w*", name):
            continue
        first, last = item.span(group)
        at: Location = places.at(first, first + len(name))
        raw = value.decode("utf-8", "replace")
        known = re.search(r"(?<!%)%[A-Za-z]", raw) is None
        place = places.at(first + len(name) + 1, last) if value else at
        yield Variable(name.decode(), raw.replace("%%", "%") if known else None, raw, place, at, "systemd")


def _env_files(places: Places, start: int, end: int) -> Iterator[EnvFileUse]:
    """An absolute path is on another machine: only the name of the file is known, beside the unit it is none."""
    text = places.utf8[start:end].decode("utf-8", "replace").strip()
    required = not text.startswith("-")
    named = text.lstrip("-")
    if named and not named.startswith("/") and "%" not in named:
        yield EnvFileUse(named, required, places.at(start, end))
