"""Dockerfiles: ENV in both forms, ARG, and what CMD and ENTRYPOINT start, by stage.

The forms are those of Docker's "Dockerfile reference"; the escape directive is taken as the default.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.commands import celery_commands
from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Service, Variable
from celery_backend_lint.model.deployment.shell_words import Word, statements
from celery_backend_lint.model.deployment.substitution import fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.project.source import SourceFile

_INSTRUCTION = re.compile(
    rb"(?im)^[ \t]*(?P<word>FROM|ENV|ARG|CMD|ENTRYPOINT)[ \t]+"
    rb"(?P<rest>(?:[^\\\n]|\\(?!\r?\n).|\\\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*)*)"
)
_COMMENT = re.compile(rb"(?m)(?<=\n)[ \t]*#[^\n]*(?:\n|$)")
_QUOTED = re.compile(rb"\"((?:[^\"\\]|\\.)*)\"")


def read_dockerfile(source: SourceFile) -> tuple[Service, ...]:
    """One service: the image that the file builds, with the variables of all its stages."""
    places = Places(source)
    image = ""
    arguments: dict[str, str] = {}
    variables: list[Variable] = []
    lines: dict[str, list[list[Word]]] = {}
    for found in _INSTRUCTION.finditer(source.utf8):
        word = found["word"].upper()
        start, end = found.span("rest")
        if word == b"FROM":
            image = found["rest"].decode("utf-8", "replace").split(" ")[0]
            lines = {}
        elif word in (b"ENV", b"ARG"):
            for name, value, at, value_at in _pairs(places.utf8, start, end):
                raw = places.utf8[value_at[0] : value_at[1]].decode("utf-8", "replace") if value_at else ""
                filled = fill(value or "", arguments.get, escape="\\$")
                if value is not None and filled.value_known:
                    arguments[name] = filled.text or ""
                if word == b"ENV" and value is not None:
                    location = places.at(*value_at) if value_at and value_at[0] < value_at[1] else places.at(*at)
                    variables.append(
                        Variable(name, filled.text, raw, location, places.at(*at), "dockerfile", filled.unknown)
                    )
        else:
            lines[word.decode()] = list(_command_lines(places.utf8, start, end))
            if word == b"ENTRYPOINT":
                lines.pop("CMD", None)
    entry, command = lines.get("ENTRYPOINT", []), lines.get("CMD", [])
    if len(entry) == 1 and len(command) == 1 and entry[0] and entry[0][-1].text not in ("-c", "-lc"):
        whole = [[*entry[0], *command[0]]]
    else:
        whole = [*entry, *command]
    commands = [one for line in whole for one in celery_commands(line, places.word, "dockerfile")]
    return (places.whole_file("dockerfile", variables, (), commands, image, built=True),)


def _pairs(
    utf8: bytes, start: int, end: int
) -> Iterator[tuple[str, str | None, tuple[int, int], tuple[int, int] | None]]:
    """The names and values of ``ENV a=b c="d"``, ``ENV a b`` and ``ARG a``: each with the bytes of both."""
    text = _blanked(utf8, start, end)
    words = [word for statement in statements(text, start, end) for word in statement]
    if not words:
        return
    if b"=" not in text[words[0].start : words[0].end]:  # ``ENV name all the rest``
        name = words[0].text
        rest_start = words[1].start if len(words) > 1 else words[0].end
        rest_end = start + len(text[start:end].rstrip())
        value = re.sub(rb"\\\r?\n", b"", text[rest_start:rest_end]).decode("utf-8", "replace").strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value, rest_start, rest_end = value[1:-1], rest_start + 1, rest_end - 1
        yield name, value if len(words) > 1 else None, (words[0].start, words[0].end), (rest_start, rest_end)
        return
    for word in words:
        raw = text[word.start : word.end]
        name, equals, value = word.text.partition("=")
        if not equals:
            yield name, None, (word.start, word.end), None
            continue
        at = word.start + raw.index(b"=")
        first, last = at + 1, word.end
        if (
            last - first >= 2
            and text[first : first + 1] in (b'"', b"'")
            and text[last - 1 : last] == text[first : first + 1]
        ):
            first, last = first + 1, last - 1
        yield name, value, (word.start, at), (first, last)


def _blanked(utf8: bytes, start: int, end: int) -> bytes:
    """The file with the comments between continued lines blanked, every byte in its place."""
    if _COMMENT.search(utf8, start, end) is None:
        return utf8
    inner = _COMMENT.sub(lambda found: b" " * len(found[0]), utf8[start:end])
    return utf8[:start] + inner + utf8[end:]


def _command_lines(utf8: bytes, start: int, end: int) -> Iterator[list[Word]]:
    rest = utf8[start:end].strip()
    if rest.startswith(b"[") and rest.endswith(b"]"):
        words = []
        for found in _QUOTED.finditer(utf8, start, end):
            text = re.sub(rb"\\\r?\n", b"", found[1]).replace(b'\\"', b'"').decode("utf-8", "replace")
            words.append(Word(text, found.start(1), found.end(1), literal=True))
        yield words
    else:
        yield from statements(_blanked(utf8, start, end), start, end)
