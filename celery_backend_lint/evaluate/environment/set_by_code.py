"""Variables of the environment that the project's own code writes: what a read of one is then worth."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Alternative, Choice, Environment, Literal, Unknown
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

ENVIRON = b"environ"
"""Stands in each file that writes a variable."""

_NAMING = (b"environ as ", b"= os.environ\n", b"= environ\n")
NEEDLES = (
    b"environ.setdefault(", b"environ[", b"environ.update(", b"environ.clear(", b"environ.pop(",
    b"environ.__setitem__(", b"environ |=", *_NAMING,
)  # fmt: skip
"""Bytes of which a file that writes a variable holds one."""

_ALIAS = rb"\benviron[ \t]+as[ \t]+(\w+)|\b(\w+)[ \t]*=[ \t]*(?:os\.)?environ[ \t]*(?:\n|$)"
"""Another name for ``os.environ``."""

# What stands after ``os.environ`` or another name for it where that writes. A name that is not written out is any.
_DEFAULTED = rb"""\.setdefault\(\s*(?:["'](\w+)["'](?:\s*,\s*(["'])([^"'\\{\n]*)\2\s*\))?|(?=[^\s"')]))"""
_CHANGED = (
    rb"""\.(?:pop|__setitem__|__delitem__)\(\s*(?:["'](\w+)|(?=[^\s"')]))"""
    rb"""|\[\s*(?:["'](\w+)["']|(?!["'])(?:[^\[\]\n]|\[[^\[\]\n]*\])+)\s*\]\s*(?:=(?!=)|\+=)"""
)
_MANY = rb"(?:\.(?:update|clear)\(|[ \t]*\|=)([^)}]*)"
_GIVEN = rb"""["'](\w+)["']\s*:|(?<![\w"'])(\w+)\s*=(?!=)"""

READER = 1_200
"""How many bytes before ``environ.setdefault(key, value)`` a reader of an env file begins at most."""

_OWN_READER = rb"""["'/][\w.-]*\.env\b["'.](?s:.*)\.(?:split|partition)\(\s*(?:sep\s*=\s*)?["']=["']"""
"""An env file that is named, and its lines taken apart at the ``=``."""

ANY = b"*"
"""Stands for the variables of ``environ.update(mapping)`` in the file that says so."""


@record
class Write:
    """A write of one variable. ``text`` is what ``setdefault`` at the left margin gives it, None for anything else."""

    path: str
    line: int
    weak: bool
    text: str | None = None


def doubted(ev: Evaluator, read: Value, origin: Location) -> Value:
    """A read of the environment, doubted where the project itself writes the variable.

    With ``setdefault`` the variable's own text holds where it is set, else what the only one of them gives it; with any
    other write nothing is known. An env file that is read by hand, with the environment first, is as one that
    ``load_dotenv`` reads: no write. A write in another file counts where that file is imported or speaks of Celery:
    what a test or a script sets is not there when a worker runs.
    """
    if isinstance(read, Choice):
        return Choice(
            tuple(Alternative(doubted(ev, one.value, origin), one.condition) for one in read.alternatives), read.origin
        )
    if not isinstance(read, Environment):
        return read
    found = [*_writes_in(ev, origin.path).get(ANY, ())]
    for variable in read.variables:
        found += (one for one in _writes_of(ev, variable) if one.path == origin.path or _counts(ev, one.path))
    if not found:
        return read
    only = found[0]
    before = len(found) == 1 and only.path == origin.path and only.line < origin.line
    if before and only.text is not None and read.cast == "str":
        return Environment(read.variables, Literal(only.text, origin), read.cast, read.reader, origin)
    doubt = Unknown("the code sets the variable itself", origin)
    if not all(write.weak for write in found):
        return doubt
    return Environment(read.variables, doubt, read.cast, read.reader, origin)


def _writes_of(ev: Evaluator, variable: str) -> tuple[Write, ...]:
    """Every write of a variable by its name. Only what is asked for is looked for: most files read the environment."""
    known = ev.written_variables.get(variable)
    if known is None:
        name = variable.encode()
        paths = ev.modules.project.python_files_mentioning_all((name, ENVIRON))
        known = tuple(write for path in paths for write in _writes_in(ev, path).get(name, ()))
        ev.written_variables[variable] = known
    return known


def _writes_in(ev: Evaluator, path: str) -> dict[bytes, list[Write]]:
    """Every write of a variable in a file by a name that stands there, by that name."""
    known = ev.variable_writes.get(path)
    if known is not None:
        return known
    project = ev.modules.project
    found = ev.variable_writes[path] = {}
    listed = path.endswith(".py") and project.exists(path)
    source = project.source(path) if listed and project.mentions(path, NEEDLES) else None
    text = source.data if source is not None else b""
    for start, end in _holders(text):
        before = text[text.rfind(b"\n", 0, start) + 1 : start]
        if b"#" not in before:
            for name, weak, given in _written(text, end, before):
                if name == ANY and weak and re.search(_OWN_READER, text[max(start - READER, 0) : start]) is not None:
                    continue  # an env file read by hand, with the environment first: what load_dotenv does
                found.setdefault(name, []).append(Write(path, _line(text, start), weak, given))
    return found


def _holders(text: bytes) -> Iterator[tuple[int, int]]:
    """Where ``environ`` and its other names stand in a file."""
    names = [ENVIRON]
    if any(needle in text for needle in _NAMING):
        names += {one or other for one, other in re.findall(_ALIAS, text)} - {ENVIRON}
    for name in names:
        start = text.find(name)
        while start >= 0:
            end = start + len(name)
            around = text[max(start - 1, 0) : start] + text[end : end + 1]  # neighbours that would make a longer word
            if not any(byte == 95 or byte > 127 or chr(byte).isalnum() for byte in around):
                yield start, end
            start = text.find(name, end)


def _written(text: bytes, at: int, before: bytes) -> Iterator[tuple[bytes, bool, str | None]]:
    """The writes of what stands from ``at`` on, ``before`` being its line up to there: name, and as in `Write`."""
    line = text[at : at + 200].partition(b"\n")[0]
    if line.startswith(b".get(") or (line[:1] == b"[" and b"=" not in line and b"del" not in before and b"]" in line):
        return  # a read, as nearly all are
    others = b"" if before.endswith(b".") and not before.endswith(b"os.") else ANY  # a request has its own environ
    if (match := re.compile(_DEFAULTED).match(text, at)) is not None:
        plain = re.fullmatch(rb"(?:\w+\.)*", before) is not None and match[3] is not None
        yield match[1] or others, True, match[3].decode("utf-8", "replace") if plain else None
    elif (match := re.compile(_CHANGED).match(text, at)) is not None:
        yield match[1] or match[2] or others, False, None
    elif (match := re.compile(_MANY).match(text, at)) is not None:
        for name in {ANY, *(one or other for one, other in re.findall(_GIVEN, match[1]))}:
            yield name, False, None
    elif re.search(rb"\bdel[ \t]+(?:os\.)?$", before) is not None:
        match = re.compile(rb"""\[["'](\w+)["']\]""").match(text, at)
        yield match[1] if match is not None else others, False, None


def _line(text: bytes, offset: int) -> int:
    return text.count(b"\n", 0, offset) + 1


def _counts(ev: Evaluator, path: str) -> bool:
    """Whether what a file writes may be there while the configuration is read elsewhere."""
    if is_test_path(path):
        return False
    project = ev.modules.project
    if path.endswith("/__init__.py") or project.mentions(path, (b"elery",)):
        return True
    stem = path.rpartition("/")[2].removesuffix(".py").encode()
    importing = re.compile(rb"(?m)^[ \t]*(?:from|import)\b[^\n#]*(?<!\w)" + re.escape(stem) + rb"(?!\w)")
    sources = (
        project.source(one) for one in project.python_files_mentioning((stem,)) if one != path and not is_test_path(one)
    )
    return any(source is not None and importing.search(source.data) is not None for source in sources)
