"""Makefiles and justfiles: what they export, and what their recipes start.

A recipe line of make is a shell's, ``$$`` its dollar sign and ``$(NAME)`` make's own variable; just writes
``{{name}}`` for its own.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import EnvFileUse, Service, Variable
from celery_backend_lint.model.deployment.scripts import Shell, lines_of
from celery_backend_lint.model.deployment.shell_words import statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.source import SourceFile

_EXPORT = re.compile(
    rb"[ \t]*(?:[^\s:=#]+[ \t]*:[ \t]*)?export[ \t]+(?P<name>[A-Za-z_]\w*)[ \t]*"
    rb"(?P<how>[:?+!]{0,3}=)[ \t]*(?P<value>[^\r\n#]*)"
)
_ASSIGNED = re.compile(rb"(?P<name>[A-Za-z_]\w*)[ \t]*(?P<how>[:?+!]{0,3}=)[ \t]*(?P<value>[^\r\n#]*)")
_INCLUDE = re.compile(rb"-?s?include[ \t]+(?P<path>[^\s#$]*\.?env[^\s#$]*)")
_REFERENCE = re.compile(r"\$\$|\$[({](\w+)[)}]")


def read_makefile(source: SourceFile) -> tuple[Service, ...]:
    """One service: the file, with what it exports (after a bare ``export``: all), and what recipes start."""
    places = Places(source)
    utf8 = source.utf8
    exports_all = re.search(rb"(?m)^export[ \t]*(?:#.*)?\r?$", utf8) is not None
    known: dict[str, str] = {}
    shell = Shell(utf8, places.at, "makefile")
    variables: list[Variable] = []
    env_files: list[EnvFileUse] = []
    for start, end in lines_of(utf8):
        if utf8[start : start + 1] == b"\t":
            first = start + len(utf8[start:end]) - len(utf8[start:end].lstrip(b"\t @-+"))
            for words in statements(utf8, first, end):
                shell.run(words)
            continue
        included = _INCLUDE.match(utf8, start, end)
        if included:
            named = included["path"].decode("utf-8", "replace")
            env_files.append(
                EnvFileUse(_beside(source.path, named), required=False, location=places.at(*included.span("path")))
            )
            continue
        exported = _EXPORT.match(utf8, start, end)
        found = exported or _ASSIGNED.match(utf8, start, end)
        if not found:
            continue
        name, raw = found["name"].decode(), found["value"].decode("utf-8", "replace").rstrip()
        text, unknown = _filled(raw, known)
        if text is not None and not unknown and not (found["how"] == b"?=" and name in known):
            known[name] = text
        if exported or exports_all:
            at = places.at(*found.span("name"))
            first = found.start("value")
            place = places.at(first, first + len(raw.encode())) if raw else at
            variables.append(Variable(name, text, raw, place, at, "makefile", unknown))
    return (places.whole_file("makefile", (*variables, *shell.variables), env_files, shell.commands),)


def _filled(raw: str, known: dict[str, str]) -> tuple[str | None, tuple[str, ...]]:
    unknown: list[str] = []

    def put(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        if found[1] not in known:
            unknown.append(found[1])
        return known.get(found[1], f"{{{found[1]}}}")

    text = _REFERENCE.sub(put, raw)
    return (None, ()) if re.search(r"\$\(\w+[ ,]", text) else (text, tuple(unknown))


_JUST = re.compile(
    rb"(?P<export>export[ \t]+)(?P<name>[A-Za-z_][\w-]*)[ \t]*:=[ \t]*"
    rb"(?:'(?P<single>[^'\r\n]*)'|\"(?P<double>[^\"\r\n]*)\"|(?P<other>[^\r\n]*))"
)


def read_justfile(source: SourceFile) -> tuple[Service, ...]:
    """One service: the file, with what it exports and its recipes' commands; ``dotenv-load`` names ``.env``."""
    places = Places(source)
    utf8 = source.utf8
    shell = Shell(utf8, places.at, "makefile")
    variables: list[Variable] = []
    env_files: list[EnvFileUse] = []
    for start, end in lines_of(utf8):
        line = utf8[start:end]
        if line[:1] in (b" ", b"\t"):
            first = start + len(line) - len(line.lstrip(b" \t@-"))
            for words in statements(utf8, first, end):
                shell.run(words)
        elif re.match(rb"set[ \t]+dotenv-load(?![ \t]*:=[ \t]*false)", line):
            env_files.append(EnvFileUse(_beside(source.path, ".env"), required=False, location=places.at(start, end)))
        elif found := _JUST.match(utf8, start, end):
            group = next(one for one in ("single", "double", "other") if found[one] is not None)
            raw = found[group].decode("utf-8", "replace")
            at = places.at(*found.span("name"))
            text = None if group == "other" else raw
            place = places.at(*found.span(group)) if raw else at
            variables.append(Variable(found["name"].decode(), text, raw, place, at, "makefile"))
    return (places.whole_file("makefile", (*variables, *shell.variables), env_files, shell.commands),)


def _beside(path: str, named: str) -> str:
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{named.removeprefix('./')}"
