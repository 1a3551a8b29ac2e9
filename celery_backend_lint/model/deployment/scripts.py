"""Shell scripts: what they export, what they set for one command, what they start.

A variable that is only assigned is the script's own; it is a process's once it is exported (``export A``, ``set -a``),
or where it stands before a command.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.commands import celery_commands
from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Command, Service, Variable
from celery_backend_lint.model.deployment.shell_words import statements
from celery_backend_lint.model.deployment.substitution import fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from celery_backend_lint.location import Location
    from celery_backend_lint.model.deployment.shell_words import Word
    from celery_backend_lint.project.source import SourceFile

_ASSIGNMENT = r"[A-Za-z_][A-Za-z0-9_]*="
_DEFAULT = r"(?s)\$\{([A-Za-z_][A-Za-z0-9_]*):?=(.*)\}$"
_BEFORE = frozenset(
    {"then", "do", "else", "if", "elif", "while", "until", "!", "time", "exec", "command", "env", "sudo"}
)
_EXPORTS = frozenset({"export", "declare", "typeset"})


class Shell:
    """What a shell has seen of assignments so far, and the variables and commands that come of it."""

    __slots__ = ("_all", "_at", "_own", "_utf8", "commands", "form", "variables")

    def __init__(self, utf8: bytes, at: Callable[[int, int], Location], form: str) -> None:
        """Take the bytes that offsets are of, and what makes locations of two of them."""
        self._utf8 = utf8
        self._at = at
        self.form = form
        self._own: dict[str, Variable] = {}
        self._all = False
        self.variables: list[Variable] = []
        self.commands: list[Command] = []

    def run(self, words: Sequence[Word]) -> None:
        """Take one statement."""
        index = 0
        while index < len(words) and words[index].text in _BEFORE:
            index += 1
        assigned: list[Variable] = []
        while index < len(words) and re.match(_ASSIGNMENT, words[index].text):
            assigned.append(self._variable(words[index]))
            index += 1
        program = words[index].text if index < len(words) else ""
        rest = words[index + 1 :]
        if not program:
            for one in assigned:
                self._own[one.name] = one
                if self._all:
                    self.variables.append(one)
            return
        self.variables.extend(assigned)
        if program in _EXPORTS and (program == "export" or any(re.match(r"-\w*x", word.text) for word in rest)):
            self._export(rest)
        elif program == "set":
            options = [word.text for word in rest]
            self._all = "-a" in options or "allexport" in options if "+a" not in options else False
        elif program == ":":
            for word in rest:
                default = re.match(_DEFAULT, word.text)
                if default:
                    self._own[default[1]] = self._made(default[1], default[2], word, word.start, word.end)
        else:
            self.commands.extend(celery_commands(words, lambda word: self._at(word.start, word.end), self.form))

    def _export(self, words: Sequence[Word]) -> None:
        for word in words:
            if re.match(_ASSIGNMENT, word.text):
                made = self._variable(word)
                self._own[made.name] = made
                self.variables.append(made)
            elif word.text in self._own:
                self.variables.append(self._own[word.text])

    def _variable(self, word: Word) -> Variable:
        name, _, text = word.text.partition("=")
        raw = self._utf8[word.start : word.end]
        first, last = word.start + raw.find(b"=") + 1, word.end
        if (
            last - first >= 2
            and self._utf8[first : first + 1] in (b'"', b"'")
            and self._utf8[last - 1 : last] == self._utf8[first : first + 1]
        ):
            first, last = first + 1, last - 1
        return self._made(name, text, word, first, last)

    def _made(self, name: str, text: str, word: Word, first: int, last: int) -> Variable:
        quoted_single = self._utf8[first - 1 : first] == b"'"
        at = self._at(word.start, word.start + len(name.encode()))
        written = self._utf8[first:last].decode("utf-8", "replace")
        place = self._at(first, last) if first < last else at
        if quoted_single:
            return Variable(name, text, written, place, at, self.form)
        filled = fill(text, self._value_of, escape="\\$")
        # ``export A="${A:-x}"``: x while nobody sets it
        return Variable(name, filled.text, written, place, at, self.form, filled.unknown)

    def _value_of(self, name: str) -> str | None:
        known = self._own.get(name)
        return known.value if known is not None else None


def read_script(source: SourceFile, form: str = "script") -> tuple[Service, ...]:
    """One service: what the script exports and starts."""
    places = Places(source)
    shell = Shell(source.utf8, places.at, form)
    for words in statements(source.utf8):
        shell.run(words)
    if not shell.variables and not shell.commands:
        return ()
    return (places.whole_file(form, shell.variables, (), shell.commands),)


def lines_of(utf8: bytes) -> Iterator[tuple[int, int]]:
    r"""The ranges of the lines of a text, continued lines (``\`` at the end) as one, without their line ends."""
    for found in re.finditer(rb"(?:[^\\\r\n]|\\(?:\r?\n|[^\r\n])?|\r(?!\n))+", utf8):
        yield found.span()
