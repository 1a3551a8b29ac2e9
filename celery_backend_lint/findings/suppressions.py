"""Comments that silence findings, and the ones that silence nothing (CBL002).

Known are ``# cbl: ignore[CBL301]`` and ``# cbl: ignore-file[CBL301]`` (codes or names, by comma), ``# noqa: CBL301``
and, for credentials, detect-secrets' ``# pragma: allowlist secret`` (1.5, ``detect_secrets/filters/allowlist.py``).
"""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.location import Location
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.rules.catalogue import CatalogueEntry

MARKERS = (b"cbl:", b"CBL", b"allowlist", b"whitelist")
"""A file without any of these bytes holds no suppression."""

OWN_MARKERS = (b"cbl:", b"CBL")
"""A file without any of these bytes holds no suppression that CBL002 could report."""

CREDENTIAL_CODES = frozenset({"CBL301", "CBL302", "CBL307", "CBL903", "CBL905"})
"""The rules that detect-secrets' own markers speak to."""

UNUSED = "CBL002"

BASELINE = ".secrets.baseline"
"""Where detect-secrets keeps what a project knows of, at the project's root."""

_GRAMMARS = {".py": "python", ".pyi": "python", ".toml": "toml", "Pipfile": "toml", ".yml": "yaml", ".yaml": "yaml"}
# Compiled when a file holds a marker, which few do.
_START = rb"#[^\S\r\n]*(?:(cbl:)|([nN][oO][qQ][aA][^\S\r\n]*:)|(pragma:))"
_IGNORE = r"\s*(ignore(?:-file)?)\s*\[([^\]]*)\]"
_CODE = r"[A-Z]+[0-9]+"
_ALLOW = r"\s?(?:allow|white)list[ -](nextline[ -])?secret\b"


@record
class Suppression:
    """One comment. ``kind`` is ``ignore``, ``ignore-file``, ``noqa``, ``allowlist``, or ``malformed`` (a misspelt one).

    ``names`` are codes or names as written; ``lines`` are those it speaks for (a whole file needs none).
    """

    kind: str
    names: tuple[str, ...]
    location: Location
    lines: tuple[int, ...] = ()


@record
class Suppressed:
    """The findings that are left, how many were silenced, and what CBL002 has to say (not yet selected or sorted)."""

    findings: tuple[Finding, ...]
    silenced: int
    unused: tuple[Finding, ...]


def suppress(
    findings: Iterable[Finding],
    sources: Iterable[SourceFile],
    entries: Sequence[CatalogueEntry],
    active: frozenset[str],
    baseline: SourceFile | None = None,
) -> Suppressed:
    """Take out what comments in ``sources`` silence, and the credentials that detect-secrets' ``baseline`` knows.

    ``active`` are the codes that ran: no other is called unused.
    """
    sources = tuple(sources)
    by_name = {source.path: source for source in sources}
    codes = {name: entry.code for entry in entries for name in (entry.code, entry.name)}
    by_path: dict[str, list[tuple[Suppression, frozenset[str]]]] = {}
    for source in sources:
        found = [(each, frozenset(codes.get(name, "") for name in each.names)) for each in suppressions_in(source)]
        if found:
            by_path[source.path] = found
    used: set[tuple[Suppression, str]] = set()

    def silenced(finding: Finding) -> bool:
        hit = False
        for suppression, its_codes in by_path.get(finding.location.path, ()):
            if finding.code in its_codes and _speaks_for(suppression, finding):
                used.add((suppression, finding.code))
                hit = True
        return hit

    everything = list(findings)
    left = [finding for finding in everything if not silenced(finding)]
    if baseline is not None and any(finding.code in CREDENTIAL_CODES for finding in left):
        left = _without_known_secrets(left, by_name, baseline)
    complaints = [
        complaint
        for found in by_path.values()
        for suppression, _ in found
        for complaint in _complaints(suppression, by_name[suppression.location.path], codes, active, used)
    ]
    unused = [complaint for complaint in complaints if not silenced(complaint)]
    count = len(everything) - len(left) + len(complaints) - len(unused)
    return Suppressed(tuple(left), count, tuple(unused))


def _without_known_secrets(
    findings: list[Finding], sources: dict[str, SourceFile], baseline: SourceFile
) -> list[Finding]:
    from celery_backend_lint.findings.secrets_baseline import is_known, known_hashes

    hashes = known_hashes(baseline)

    def known(finding: Finding) -> bool:
        path = finding.location.path
        return finding.code in CREDENTIAL_CODES and path in hashes and is_known(finding, sources[path], hashes[path])

    return [finding for finding in findings if not known(finding)]


def suppressions_in(source: SourceFile) -> Iterator[Suppression]:
    """Every suppression comment of a file, in order. A file that cannot be read has none."""
    if not any(marker in source.data or marker in source.utf8 for marker in MARKERS):
        return
    text = source.utf8
    is_comment = None
    for found in re.finditer(_START, text):
        if is_comment is None:
            is_comment = _comment_test(source)
        if not is_comment(found.start()):
            continue
        end = _end_of_directive(text, found.end())
        rest = text[found.end() : end].decode("utf-8", "replace").rstrip()
        location = Location(source.path, source.span(found.start(), found.end() + len(rest.encode())))
        if found[1]:
            yield _ignore(source, rest, location)
        elif found[2]:
            codes = tuple(code for code in _leading_codes(rest) if code.startswith("CBL"))
            if codes:
                yield Suppression("noqa", codes, location, (location.line,))
        else:
            allowed = re.match(_ALLOW, rest)
            if allowed:
                line = location.line + 1 if allowed[1] else location.line
                yield Suppression("allowlist", tuple(sorted(CREDENTIAL_CODES)), location, (line,))


def _ignore(source: SourceFile, rest: str, location: Location) -> Suppression:
    found = re.match(_IGNORE, rest)
    if not found:
        return Suppression("malformed", (), location)
    names = tuple(name.strip() for name in found[2].split(",") if name.strip())
    line = location.line
    lines = [line]
    if _is_comment_line(source, line):
        while _is_comment_line(source, line):
            line += 1
        lines.append(line)
    return Suppression(found[1], names, location, tuple(lines))


def _is_comment_line(source: SourceFile, line: int) -> bool:
    return source.line(line).lstrip().startswith("#")


def _end_of_directive(text: bytes, start: int) -> int:
    """Where the line or, before that, the next ``#`` begins."""
    ends = [at for at in (text.find(b"\n", start), text.find(b"#", start)) if at >= 0]
    return min(ends, default=len(text))


def _leading_codes(rest: str) -> Iterator[str]:
    """The codes after ``noqa:``, by comma or space, up to the first word that is none."""
    for word in rest.replace(",", " ").split():
        if not re.fullmatch(_CODE, word):
            return
        yield word


def _comment_test(source: SourceFile) -> Callable[[int], bool]:
    """A test whether the ``#`` at a byte offset begins or stands in a comment, by the file's own grammar."""
    name = source.path.rpartition("/")[2]
    grammar = _GRAMMARS.get(name) or _GRAMMARS.get("." + name.rpartition(".")[2])
    if grammar is None:
        return lambda offset: _is_lexical_comment(source.utf8, offset, trailing=name != ".gitignore")
    from celery_backend_lint.syntax.grammars import parser

    tree = parser(grammar).parse(source.utf8)

    def is_comment(offset: int) -> bool:
        node = tree.root_node.descendant_for_byte_range(offset, offset + 1)
        return node is not None and node.type == "comment"

    return is_comment


def _is_lexical_comment(text: bytes, offset: int, *, trailing: bool) -> bool:
    """Whether a ``#`` starts a comment where lines are all there is; .gitignore has none behind a pattern."""
    before = text[text.rfind(b"\n", 0, offset) + 1 : offset]
    return not before.strip() or before.lstrip().startswith(b"#") or (trailing and before[-1:].isspace())


def _speaks_for(suppression: Suppression, finding: Finding) -> bool:
    if suppression.kind == "ignore-file":
        return True
    span = finding.location.span
    return span.line in suppression.lines or (suppression.lines[:1] == (span.end_line,))


def _complaints(
    suppression: Suppression,
    source: SourceFile,
    codes: dict[str, str],
    active: frozenset[str],
    used: set[tuple[Suppression, str]],
) -> Iterator[Finding]:
    """What is wrong with a comment: at most one finding."""
    if suppression.kind == "allowlist":
        return
    unknown = [name for name in suppression.names if name not in codes]
    idle = [
        name
        for name in suppression.names
        if codes.get(name) in active and codes[name] != UNUSED and (suppression, codes[name]) not in used
    ]
    parts = []
    if idle:
        parts.append(f"{' and '.join(idle)} {'is' if len(idle) == 1 else 'are'} not reported here")
    if unknown:
        parts.append(f"no rule is called {' or '.join(unknown)}")
    if not suppression.names:
        parts.append("it names no rule")
    if not parts:
        return
    from celery_backend_lint.rules.cbl002_unused_suppression import RULE

    help_text = "remove it" if not unknown and suppression.names else "write it as `# cbl: ignore[CBL301]`"
    yield RULE.finding(
        suppression.location,
        f"this suppression does nothing: {'; '.join(parts)}",
        help=help_text,
        propose=partial(_remove, source, suppression, (*idle, *unknown)),
    )


def _remove(source: SourceFile, suppression: Suppression, names: tuple[str, ...]) -> Fix:
    from celery_backend_lint.fixes.suppression_comments import remove

    return remove(source, suppression.location, suppression.kind, names)
