"""INI as ``configparser`` reads setup.cfg, with exact positions.

``configparser`` gives no positions. The rules kept here are those of ``RawConfigParser()``, which is what setuptools
uses: ``=`` and ``:``, comments on lines of their own with ``#`` or ``;``, values that go on in indented lines.
"""

from __future__ import annotations

import re

from celery_backend_lint.record import record


@record
class IniLine:
    """One line of a value, without the space around it: byte offsets of its text."""

    text: str
    start: int
    end: int


@record
class IniValue:
    """A key's value, line by line (comments and empty lines left out), and where the key stands."""

    key: str
    lines: tuple[IniLine, ...]
    key_start: int
    key_end: int


@record
class IniProblem:
    """Why ``configparser`` refuses a file; ``line`` from 1."""

    message: str
    line: int


@record
class IniDocument:
    """The sections by name, keys in lower case as configparser has them; ``problem`` is the first line refused."""

    sections: dict[str, dict[str, IniValue]]
    problem: IniProblem | None = None


_SECTION = re.compile(r"\[(?P<name>.+)\]")
_OPTION = re.compile(r"(?P<key>.*?)\s*(?:(?P<delimiter>[=:])\s*(?P<value>.*))?$", re.DOTALL)


def parse(utf8: bytes) -> IniDocument:
    """Read an INI file. ``utf8`` is its text without BOM. Nothing is raised: what can be read is returned."""
    sections: dict[str, dict[str, IniValue]] = {}
    section: dict[str, IniValue] | None = None
    problem: IniProblem | None = None
    key: IniValue | None = None
    lines: list[IniLine] = []
    indent = 0
    offset = 0

    def close() -> None:
        if key is not None and section is not None:
            section[key.key] = IniValue(key.key, tuple(lines), key.key_start, key.key_end)

    for number, raw in enumerate(utf8.splitlines(keepends=True), 1):
        start = offset
        offset += len(raw)
        text = raw.decode("utf-8", "replace")
        bare = text.strip()
        if not bare or bare[0] in "#;":
            continue
        inset = len(text) - len(text.lstrip())
        at = start + len(text[:inset].encode())
        if key is not None and inset > indent:
            lines.append(IniLine(bare, at, at + len(bare.encode())))
            continue
        found = _SECTION.match(bare)
        if found:
            close()
            key, lines = None, []
            if found["name"] in sections and found["name"] != "DEFAULT":
                problem = problem or IniProblem(f"the section [{found['name']}] is there twice", number)
            section = sections.setdefault(found["name"], {})
            continue
        option = _OPTION.match(bare)
        if section is None:
            problem = problem or IniProblem("a line stands before the first [section]", number)
        elif option is None or not option["delimiter"] or not option["key"]:
            problem = problem or IniProblem("this line is neither a [section] nor a key = value", number)
        else:
            close()
            indent, lines = inset, []
            name = option["key"].rstrip().lower()
            if name in section:
                problem = problem or IniProblem(f"the key {name} is there twice in its section", number)
            key = IniValue(name, (), at, at + len(option["key"].rstrip().encode()))
            value = option["value"].strip()
            if value:
                begin = at + len(bare[: option.start("value")].encode())
                lines.append(IniLine(value, begin, begin + len(value.encode())))
    close()
    return IniDocument(sections, problem)
