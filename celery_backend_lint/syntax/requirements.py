"""Requirements: one requirement (PEP 508), and pip's file format of them, with exact positions.

The line handling is pip's own (``pip/_internal/req/req_file.py``, pip 25): continuation lines, comments, options,
``-r`` and ``-c``. The common shapes of a requirement are read by a pattern; what it does not match is left to
``packaging``, whose import costs more than the rest of a clean run.
"""

from __future__ import annotations

import re

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@record
class RequirementText:
    """One requirement as written: ``specifier`` without spaces, ``marker`` and ``url`` empty when there is none."""

    name: str
    extras: tuple[str, ...] = ()
    specifier: str = ""
    marker: str = ""
    url: str = ""


@record
class Line:
    """One logical line of a requirements file.

    ``kind`` is ``requirement``, ``editable``, ``include`` (``-r``), ``constraint`` (``-c``), ``option`` or
    ``invalid``; ``text`` is the requirement, or what the option names, or for an invalid line why pip refuses it.
    ``start`` and ``end`` are byte offsets of the requirement (of the whole line for options).
    """

    kind: str
    text: str
    start: int
    end: int


_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_HEAD = re.compile(rf"[ \t]*({_NAME})(?![\w.-])[ \t]*(?:\[([A-Za-z0-9._, \t-]*)\])?[ \t]*", re.ASCII)
_CLAUSE = re.compile(
    r"(?:([<>]=?)|[=!]=|(~=))[ \t]*[0-9]+(\.[0-9]+)*"
    r"(?:(\.\*)|(?:(?:a|b|rc)[0-9]+)?(?:\.post[0-9]+)?(?:\.dev[0-9]+)?(\+[a-z0-9]+(?:\.[a-z0-9]+)*)?)"
)
_VARIABLE = (
    r"(?:python_version|python_full_version|os_name|sys_platform|platform_release|platform_system|platform_version"
    r"|platform_machine|platform_python_implementation|implementation_name|implementation_version|extra)"
)
_STRING = r"""(?:'[^'\n]*'|"[^"\n]*")"""
_OPERATOR = r"(?:===|==|~=|!=|<=|>=|<|>|\bnot[ \t]+in\b|\bin\b)"


def parse_requirement(text: str) -> RequirementText | None:
    """Read one requirement of PEP 508, ``name[extra] >=1,<2 ; marker`` or ``name @ url``; None when it is not one.

    Whoever is named before ``@`` in a URL's host is left out of ``url``: it may be a credential.
    """
    head = _HEAD.match(text)
    if head is None:
        return _parse_by_packaging(text)
    name, bracket = head.groups()
    extras = _read_extras(bracket)
    rest, url, specifier, marker = text[head.end() :], "", "", ""
    if rest.startswith("@"):
        url, _, rest = rest[1:].lstrip(" \t").partition(" ")
        rest = rest.strip(" \t")
        if not url or ";" in url or "\t" in url or (rest and not rest.startswith(";")):
            return _parse_by_packaging(text)
        marker = rest[1:]
    else:
        rest, semicolon, marker = rest.partition(";")
        rest = rest.rstrip(" \t")
        if rest.startswith("(") and rest.endswith(")"):
            rest = rest[1:-1].strip(" \t")
        clauses = _read_clauses(rest) if rest else ""
        if clauses is None:
            return _parse_by_packaging(text)
        specifier = clauses
        rest = semicolon
    marker = marker.strip(" \t")
    if extras is None or (rest and not _is_marker(marker)):
        return _parse_by_packaging(text)
    return RequirementText(name, extras, specifier, marker, without_user(url) if url else "")


def _read_extras(bracket: str | None) -> tuple[str, ...] | None:
    if bracket is None or not bracket.strip(" \t"):
        return ()
    extras = tuple(part.strip(" \t") for part in bracket.split(","))
    return extras if all(re.fullmatch(_NAME, extra, re.ASCII) for extra in extras) else None


def _read_clauses(text: str) -> str | None:
    """Comparisons without their spaces; None where one is not of the plain kind."""
    clauses = []
    for part in text.split(","):
        clause = part.strip(" \t")
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            return None
        ordered, compatible, second, star, local = found.groups()
        if ((star or local) and (ordered or compatible)) or (compatible and not second):
            return None
        clauses.append(clause.replace(" ", "").replace("\t", "") if " " in clause or "\t" in clause else clause)
    return ",".join(clauses)


def _is_marker(marker: str) -> bool:
    """Whether a marker has one of the plain forms: comparisons joined by ``and`` and ``or``, parentheses balanced."""
    atom = rf"(?:{_VARIABLE}[ \t]*{_OPERATOR}[ \t]*{_STRING}|{_STRING}[ \t]*{_OPERATOR}[ \t]*{_VARIABLE}\b)"
    term = rf"(?:\([ \t]*)*{atom}(?:[ \t]*\))*"
    if "\\" in marker:
        return False
    plain = re.fullmatch(rf"{term}(?:[ \t]*(?<![A-Za-z_])(?:and|or)(?![A-Za-z_])[ \t]*{term})*", marker)
    return plain is not None and (("(" not in marker and ")" not in marker) or _balanced(marker))


def leading_name(text: str) -> RequirementText | None:
    """The name and extras that a requirement begins with, for one that is otherwise not readable; None without."""
    found = re.match(rf"[ \t]*({_NAME})(?:[ \t]*\[([A-Za-z0-9._, \t-]*)\])?", text, re.ASCII)
    if found is None:
        return None
    extras = tuple(part.strip(" \t") for part in (found[2] or "").split(",") if part.strip(" \t"))
    return RequirementText(found[1], extras)


def without_user(url: str) -> str:
    """A URL without user and password, which may be a token; its query is left out for the same reason."""
    if "@" in url:
        url = re.sub(r"(?<=//)[^/@\s]*@", "", url)
    return url.split("?", 1)[0] if "?" in url else url


def _balanced(marker: str) -> bool:
    depth = 0
    for character in re.sub(_STRING, "", marker):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _parse_by_packaging(text: str) -> RequirementText | None:
    if not text.lstrip(" \t")[:1].isalnum():
        return None
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        read = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None
    return RequirementText(
        read.name,
        tuple(sorted(read.extras)),
        str(read.specifier),
        str(read.marker) if read.marker else "",
        without_user(read.url or ""),
    )


_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_ITEM_OPTIONS = ("--hash", "--config-settings", "--config-setting", "--global-option", "--install-option")
_VALUE_OPTIONS = (
    "--index-url",
    "--extra-index-url",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--trusted-host",
    "--use-feature",
    "--pypi-url",
)
_FLAG_OPTIONS = (
    "--no-index",
    "--prefer-binary",
    "--require-hashes",
    "--pre",
    "--always-unzip",
    "--process-dependency-links",
    "--no-use-wheel",
    "--use-wheel",
    "--allow-all-external",
    "--all-releases",
    "--only-final",
)
_OPTIONS = (*_ITEM_OPTIONS, *_VALUE_OPTIONS, *_FLAG_OPTIONS, "--allow-external", "--allow-unverified")
_TARGETS = {"-r": "include", "--requirement": "include", "-c": "constraint", "--constraint": "constraint"}
_EDITABLE = ("-e", "--editable")


def read_lines(utf8: bytes) -> Iterator[Line]:
    """Read a requirements file's logical lines, in order, with byte positions; empty ones and comments are left out.

    ``utf8`` is the file's text as UTF-8 without BOM. Nothing is raised: a line that pip refuses is ``invalid``.
    """
    held: list[tuple[str, int]] = []
    offset = 0
    for raw in utf8.splitlines(keepends=True):
        start = offset
        offset += len(raw)
        begins = raw.lstrip()[:7]
        if held and begins == b"--hash=":  # most lines of a compiled file; they say nothing here
            if not raw.rstrip(b"\r\n").endswith(b"\\"):
                yield from _read_logical(held)
                held = []
            continue
        if not begins or (begins[:1] == b"#" and not held):
            if held:
                yield from _read_logical(held)
                held = []
            continue
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        comment = _COMMENT.match(text)
        if text.endswith("\\") and not comment:
            held.append((text.rstrip("\\"), start))
        elif held:
            held.append((" " + text if comment else text, start))
            yield from _read_logical(held)
            held = []
        elif text and not comment:
            yield from _read_logical([(text, start)])
    if held:
        yield from _read_logical(held)


def _read_logical(pieces: list[tuple[str, int]]) -> Iterator[Line]:
    joined = "".join(text for text, _ in pieces) if len(pieces) > 1 else pieces[0][0]
    text = _COMMENT.sub("", joined) if "#" in joined else joined
    bare = text.strip()
    if not bare:
        return
    start = len(text) - len(text.lstrip())
    if bare.startswith("-"):
        kind, value = _read_option(bare)
        yield Line(kind, value, _byte(pieces, start), _byte(pieces, start + len(bare), end=True))
        return
    requirement, options = _split_options(bare)
    begin, end = _byte(pieces, start), _byte(pieces, start + len(requirement), end=True)
    wrong = _wrong_item_option(options) if options else ""
    if wrong:
        yield Line("invalid", wrong, begin, end)
    else:
        yield Line("requirement", requirement, begin, end)


def _byte(pieces: list[tuple[str, int]], index: int, *, end: bool = False) -> int:
    """Where a character of the joined line stands in the file; for an end, the piece that holds what precedes it."""
    for text, start in pieces:
        if index < len(text) or (end and index == len(text)):
            return start + (index if text.isascii() else len(text[:index].encode()))
        index -= len(text)
    text, start = pieces[-1]
    return start + len(text.encode())


def _split_options(line: str) -> tuple[str, str]:
    """Split as pip does: the requirement ends at the first word that begins with a dash."""
    found = re.search(r" -", line)
    if found is None:
        return line, ""
    return line[: found.start()].rstrip(), line[found.start() :].strip()


def _wrong_item_option(options: str) -> str:
    for word in re.findall(r"(?:^|\s)(-\S+)", options):
        name = word.split("=", 1)[0]
        if not _known(name, _OPTIONS) and name not in ("-i", "-f", *_TARGETS, *_EDITABLE):
            return f"the option {name} is unknown to pip"
    return ""


def _known(name: str, options: tuple[str, ...]) -> bool:
    # optparse takes any abbreviation that is clear
    return name in options or (len(name) > 3 and any(option.startswith(name) for option in options))


def _read_option(line: str) -> tuple[str, str]:
    found = re.match(r"(--[A-Za-z-]+|-[A-Za-z])(?:\s*=\s*|\s+|(?<=^-[A-Za-z]))?(.*)", line, re.DOTALL)
    if found is None:
        return "invalid", "pip passes over this line: a requirement does not begin with a dash"
    name, value = found[1], found[2].strip()
    if name.startswith("--") and len(name) > 3 and name not in _TARGETS and name not in _EDITABLE:
        longer = [known for known in (*_TARGETS, *_EDITABLE) if known.startswith(name)]
        name = longer[0] if len(longer) == 1 and not _known(name, _FLAG_OPTIONS) else name
    if name in _TARGETS:
        value = _first_word(value)
        return (_TARGETS[name], value) if value else ("invalid", f"{name} names no file")
    if name in _EDITABLE:
        value = _first_word(value)
        return ("editable", value) if value else ("invalid", f"{name} names nothing")
    if name in ("-i", "-f", "-Z") or _known(name, _OPTIONS):
        return "option", name
    return "invalid", f"the option {name} is unknown to pip"


def _first_word(value: str) -> str:
    if value[:1] in ("'", '"'):
        closing = value.find(value[0], 1)
        return value[1:closing] if closing > 0 else value[1:]
    return value.split(None, 1)[0] if value else ""
