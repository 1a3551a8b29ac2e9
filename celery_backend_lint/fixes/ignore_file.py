"""Lines of ``.gitignore`` files: one that keeps an env file out of git, one that lets an example in.

What a changed list does is asked of git itself before it is proposed: the last match wins, a folder that is ignored
whole lets nothing in, other lists above and below have a say.
"""

from __future__ import annotations

import os
import re

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.text_edits import append_lines, insert_lines, readable, replace
from celery_backend_lint.model.ignore_lines import anchored, escaped, is_utf16, pattern_for
from celery_backend_lint.model.secrets import is_secret
from celery_backend_lint.project import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_backend_lint.model import Model
    from celery_backend_lint.project.source import SourceFile

LIST = ".gitignore"
EXAMPLE = ".env.example"

HEADING = "# Environment variables"

MOST_NAMES = 1000
"""Files of a folder of which is asked whether they stay ignored."""

ENV_PATTERN = r"!?(?:/|\*\*/|[\w./-]*/)?\*?\.?(?:flask)?env(?:[._*-][^/\s]*)?"
"""Patterns of env files, beside which a new one stands: ``.env.local``, ``!.env.example``, ``*.env``."""

COMMENT_BEHIND = r"(?P<pattern>!?[^\s#]+)[ \t]+(?P<comment>#.*)"
"""A pattern that git reads the comment behind it as a part of."""


def ignore(model: Model, path: str) -> list[Edit]:
    """Have git ignore the env file at ``path`` (there or not), and not its example ``.env.example``.

    Empty where git ignores it already, and outside of git. The line goes to the nearest ``.gitignore`` above, one that
    was meant to do it is repaired; where there is none, it is created at the top of the repository (of what is
    checked, where that is less). Raises CannotFixError where git tracks the file, so that nothing is moved there,
    where git cannot read the list (UTF-16), or where no line would do.
    """
    if model.project.tracked(path):
        raise CannotFixError(f"`{path}` is tracked by git, so nothing is moved there")
    top = _top(model, path)
    if top is None or path in model.project.ignored([path]):
        return []
    place = _nearest(model, path, top)
    if is_utf16(model.project, place):
        raise CannotFixError(f"`{place}` is UTF-16, in which git finds no pattern: save it as UTF-8 first")
    folder = path.rpartition("/")[0]
    line = pattern_for(model.project, place, path)
    lines = [line]
    if line == ".env" and not _hides_secrets(model, f"{folder}/{EXAMPLE}" if folder else EXAMPLE):
        lines.append(f"!{EXAMPLE}")
    shown = _shown_examples(model, folder)
    for edits in _ways_to_add(model, place, lines):
        ignored = _ignored_then(model, edits, [path, *shown])
        if path in ignored and not ignored.intersection(shown):
            return edits
    raise CannotFixError(f"no line of `{place}` would have git ignore `{path}`: other patterns decide about it")


def keep(model: Model, path: str) -> list[Edit]:
    """Have git take the example at ``path`` (there or not), which its rules ignore; what else they ignore stays so.

    Empty where they do not, and outside of git. Raises CannotFixError where the example holds a secret, where the
    pattern stands in a list outside of what is checked, or where no line would do.
    """
    pattern = model.project.ignore_patterns([path]).get(path)
    if pattern is None or not pattern.ignores:
        return []
    if _hides_secrets(model, path):
        raise CannotFixError(f"`{path}` holds a real value, which git would take: replace that first")
    if pattern.file.rpartition("/")[2] != LIST or model.project.source(pattern.file) is None:
        raise CannotFixError(f"`{path}` is ignored by `{pattern.file}`, which is no list of this project")
    source = readable(model.project, pattern.file)
    beside = {one.path for one in model.env_files.files} | set(_beside(model, path))
    hidden = [one for one in model.project.ignored(beside - {path}) if not model.project.tracked(one)]
    for edits in _ways_to_keep(model, source, pattern.line, path):
        ignored = _ignored_then(model, edits, [path, *hidden])
        if path not in ignored and all(one in ignored or _is_harmless(model, one) for one in hidden):
            return edits
    raise CannotFixError(f"no line of `{pattern.file}` lets `{path}` in and keeps the rest out")


def _beside(model: Model, path: str) -> Iterator[str]:
    """What lies in the folders that a path leads through, below the root: there git may come to look."""
    for folder in _folders(path.rpartition("/")[0]):
        try:
            names = os.listdir(os.path.join(model.project.root, folder))
        except OSError:  # not there yet
            return
        yield from (f"{folder}/{name}" for name in names[:MOST_NAMES])


def _ways_to_add(model: Model, place: str, lines: Sequence[str]) -> Iterator[list[Edit]]:
    """The ways to put lines into a list, the best first."""
    source = model.project.source(place)
    if source is None:
        text = f"{HEADING}\n"
        yield [append_lines(model.project, place, text, HEADING), *_appended(model, place, lines)]
        return
    source = readable(model.project, place)
    present = source.text.splitlines()
    repaired = _repaired(source, present, lines)
    if repaired:
        yield repaired
    missing = [line for line in lines if line not in present]
    against = [number for number, text in enumerate(present, 1) if text.rstrip() == f"!{lines[0]}"]
    if against:
        first = [_line_removed(source, number) for number in against]
        if missing:
            first[-1] = _line_replaced(source, against[-1], "\n".join(missing))
        yield first
    kin = [number for number, text in enumerate(present, 1) if re.fullmatch(ENV_PATTERN, text.rstrip())]
    if kin:
        yield _below(model, source, kin[-1], missing)
    if _has_sections(present):
        heading = f"{HEADING}\n" if not present[-1].strip() else f"\n{HEADING}\n"
        yield [append_lines(model.project, place, heading, HEADING), *_appended(model, place, missing)]
    yield _appended(model, place, missing)
    yield _appended(model, place, lines)  # what is there is overruled further down, by a wider pattern


def _repaired(source: SourceFile, present: Sequence[str], lines: Sequence[str]) -> list[Edit]:
    """The edits that make lines work which a comment behind them, or a blank before them, keeps from it."""
    edits: list[Edit] = []
    found: dict[str, int] = {}
    for number, text in enumerate(present, 1):
        behind = re.fullmatch(COMMENT_BEHIND, text.strip())
        meant = behind["pattern"] if behind else text.strip()
        if meant in lines and meant not in found and text.rstrip() != meant:
            found[meant] = number
            made = f"{behind['comment']}\n{meant}" if behind else meant
            edits.append(_line_replaced(source, number, made))
    missing = [line for line in lines if line not in found and line not in present]
    if edits and missing:
        last = edits[-1]
        text = "".join(f"\n{line}" for line in missing)
        edits[-1] = Edit(last.location, last.content + text, last.subject)
    return edits


def _ways_to_keep(model: Model, source: SourceFile, number: int, path: str) -> Iterator[list[Edit]]:
    """The ways to take an example out of what line ``number`` of a list ignores, the best first."""
    base = source.path[: -len(LIST)]
    inside = path.removeprefix(base)
    folder, _, name = inside.rpartition("/")
    present = source.text.splitlines()
    negation = f"!{anchored(inside)}"
    bare = f"!{escaped(name)}"
    outer = next((above for above in _folders(folder) if base + above in model.project.ignored([base + above])), None)
    if outer is None:
        for line in (bare, negation):
            yield _moved(model, source, number, line, present)
            yield _appended(model, source.path, [line])
        return
    kept = [] if {negation, f"!/{escaped(inside)}"}.intersection(present[number:]) else [negation]
    opened = [line for above in _folders(folder) if above.startswith(outer) for line in _opened(above)]
    pattern = present[number - 1].rstrip()
    if pattern.strip("/") == escaped(outer) and pattern.endswith("/"):
        stars = "" if "/" in pattern[:-1] else "**/"
        text = "\n".join([f"{stars}{pattern}*", *opened[2:], *kept])
        yield [_line_replaced(source, number, text)]
    yield _below(model, source, number, [*opened, negation])
    yield _appended(model, source.path, [*opened, negation])


def _opened(folder: str) -> tuple[str, str]:
    """The lines that ignore what lies in a folder instead of the folder as a whole."""
    return f"!/{escaped(folder)}/", f"{anchored(folder)}/*"


def _moved(model: Model, source: SourceFile, number: int, line: str, present: Sequence[str]) -> list[Edit]:
    """Put a negation below the line that it is to overrule; one that stands too early, or does nothing, goes."""
    edits: list[Edit] = []
    comments: list[str] = []
    below = number
    for at, text in enumerate(present, 1):
        behind = re.fullmatch(COMMENT_BEHIND, text.strip())
        meant = behind["pattern"] if behind else text.strip()
        if meant not in (line, line.replace("!/", "!")):
            continue
        if behind and at > number:
            return [_line_replaced(source, at, f"{behind['comment']}\n{line}")]
        if text.strip() != text.rstrip() and at > number:
            return [_line_replaced(source, at, line)]
        if behind:
            comments.append(behind["comment"])
        edits.append(_line_removed(source, at))
    return [*edits, *_below(model, source, below, [*comments, line])]


def _line_replaced(source: SourceFile, number: int, text: str) -> Edit:
    start = source.offset(number, 1)
    return replace(source, start, start + len(source.line(number).encode()), text, f"line {number}")


def _line_removed(source: SourceFile, number: int) -> Edit:
    start = source.offset(number, 1)
    end = source.utf8.find(b"\n", start) + 1
    return replace(source, start, end or len(source.utf8), "")


def _below(model: Model, source: SourceFile, number: int, lines: Sequence[str]) -> list[Edit]:
    """Put lines below line ``number``."""
    if number >= len(source.text.splitlines()):
        return _appended(model, source.path, lines)
    return [insert_lines(source, number + 1, f"{line}\n", line) for line in lines]


def _appended(model: Model, place: str, lines: Sequence[str]) -> list[Edit]:
    return [append_lines(model.project, place, f"{line}\n", line) for line in lines]


def _has_sections(lines: Sequence[str]) -> bool:
    """Whether a list is divided by comments that follow blank lines."""
    starts = [
        line for before, line in zip(("", *lines), lines, strict=False) if line.startswith("#") and not before.strip()
    ]
    return len(starts) > 1


def _nearest(model: Model, path: str, top: str) -> str:
    """The list that a line for ``path`` goes to: the nearest above, in the same repository."""
    found = model.env_files.nearest_gitignore(path)
    at = f"{top}/{LIST}" if top else LIST
    return found if found is not None and (not top or found.startswith(top + "/")) else at


def _top(model: Model, path: str) -> str | None:
    """The top folder of the repository of ``path``, the root where that lies above it; None outside of git."""
    root = model.project.root
    if not model.project.is_git:
        return None
    top = git.top_of(os.path.dirname(os.path.join(root, path)))
    if top is None:
        return None
    relative = os.path.relpath(top, root).replace(os.sep, "/")
    return "" if relative == "." or relative.startswith("..") else relative


def _shown_examples(model: Model, folder: str) -> list[str]:
    """The examples that git does not ignore, and the one that may come to be in ``folder``."""
    paths = [example.path for example in model.env_files.examples]
    paths.append(f"{folder}/{EXAMPLE}" if folder else EXAMPLE)
    hidden = model.project.ignored(paths)
    return [path for path in paths if path not in hidden]


def _hides_secrets(model: Model, path: str) -> bool:
    """Whether an example that git has not taken yet holds a secret."""
    example = next((one for one in model.env_files.examples if one.path == path), None)
    if example is None or example.tracked:
        return False
    values = example.values()
    return any(entry.value and is_secret(entry.key, entry.value, values) for entry in example.entries)


def _is_harmless(model: Model, path: str) -> bool:
    """Whether git may take a file that it ignored: another example, without secrets."""
    return any(one.path == path for one in model.env_files.examples) and not _hides_secrets(model, path)


def _ignored_then(model: Model, edits: Sequence[Edit], paths: Sequence[str]) -> frozenset[str]:
    """Those of ``paths`` that git ignores once ``edits`` are made. Raises CannotFixError where git does not say."""
    from celery_backend_lint.findings.finding import Applicability
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.composition import compose
    from celery_backend_lint.project.ignore_overlay import ignore_patterns

    project = model.project
    lists = {path: project.source(path) for path in project.paths() if path.rpartition("/")[2] == LIST}
    contents: dict[str, bytes | None] = {path: source.data for path, source in lists.items() if source is not None}
    contents.update(compose(project, [Fix("", Applicability.SAFE, tuple(edits))]))
    top = _top(model, paths[0]) or ""
    inside = [path for path in paths if not top or path.startswith(top + "/")]
    prefix = f"{top}/" if top else ""
    try:
        found = ignore_patterns(
            os.path.join(project.root, top).rstrip(os.sep),
            [path.removeprefix(prefix) for path in inside],
            {os.path.join(project.root, path): content for path, content in contents.items()},
        )
    except git.GitError as error:
        raise CannotFixError(f"git does not say what it would ignore: {error}") from None
    return frozenset(prefix + path for path, pattern in found.items() if pattern.ignores)


def _folders(folder: str) -> Iterator[str]:
    """A folder and those above it, outermost first."""
    parts = folder.split("/") if folder else []
    for count in range(1, len(parts) + 1):
        yield "/".join(parts[:count])
