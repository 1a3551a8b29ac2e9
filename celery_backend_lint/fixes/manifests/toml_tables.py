"""Tables of requirements, one a key: Poetry's own, Pipfile's, Pixi's."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests import sequences
from celery_backend_lint.fixes.manifests.pep508 import EXTRAS, written_like
from celery_backend_lint.fixes.manifests.slots import SUBJECT, block_starts, put_line
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText
    from celery_backend_lint.syntax.toml import TomlNode


@record
class _Found:
    """A requirement's entry: its table, its key, and its value (one of several, where the key has a list)."""

    table: TomlNode
    key: str
    value: TomlNode


def _find(source: SourceFile, root: TomlNode, requirement: Requirement) -> _Found:
    span = requirement.location.span
    start = source.offset(span.line, span.column)
    waiting = [root]
    while waiting:
        table = waiting.pop()
        for key, value in table.items():
            if normalized(key) == requirement.name:
                several = value.elements() if isinstance(value.value, list) else []
                found = next((one for one in several if one.start == start), None)
                if found is not None or (value.key_start == start and not several):
                    if any(table is one for one in _of_conda(root)):
                        raise CannotFixError(f"celery is a package of conda in `{source.path}`, which has other names")
                    return _Found(table, key, found or value)
            waiting.append(value)
    raise CannotFixError(f"line {span.line} of `{source.path}` is written in a way that is not changed")


def _of_conda(root: TomlNode) -> list[TomlNode | None]:
    """The tables of Pixi that name conda's packages."""
    pixi = root.get("tool", "pixi")
    if pixi is None:
        return []
    features = pixi.get("feature")
    return [one.get("dependencies") for one in (pixi, *(value for _, value in (features.items() if features else [])))]


def add(source: SourceFile, root: TomlNode, anchor: Requirement, new: RequirementText) -> Edit:
    """Put a key for a requirement into the table of ``anchor``. Raises CannotFixError where no line shows how."""
    found = _find(source, root, anchor)
    optional = found.value.get("optional")
    if optional is not None and optional.value is True:
        raise CannotFixError(f"{anchor.name} is optional in `{source.path}`, and its extras name what belongs to it")
    lines = [(name, value) for name, value in found.table.items() if _is_line(source, value)]
    plain = [(name, value) for name, value in lines if name.lower() != "python"] or lines
    if not plain:
        raise CannotFixError(f"the requirements in `{source.path}` have a table each, so no line shows where one goes")
    names = [name for name, _ in plain]
    at = names.index(found.key) if found.key in names else len(names) - 1
    ranges = [(value.key_start, value.end) for _, value in plain]
    data = source.utf8
    like = plain[at][1]
    line = _keyed(data, like, new.name, _value(data, like, new))
    return put_line(source, ranges, names, block_starts(source, ranges), at, new.name, line)


def into_empty(source: SourceFile, table: TomlNode, new: RequirementText) -> Edit:
    """Put the first requirement into a table that has a header: behind Python's line, or below the header."""
    return _below(source, table, f"{new.name} = {_value(source.utf8, None, new)}")


def new_array(source: SourceFile, table: TomlNode, key: str, new: RequirementText) -> Edit:
    """Give a table with a header of its own an array of requirements, with one in it."""
    return _below(source, table, f'{key} = ["{written_like(new, "")}"]')


def _below(source: SourceFile, table: TomlNode, line: str) -> Edit:
    """Put a line behind the last line of a table, or below its header."""
    data = source.utf8
    last = max((value.end for _, value in table.items() if _is_line(source, value)), default=table.end)
    end = data.find(b"\n", last) + 1
    if not end:
        return replace(source, len(data), len(data), f"\n{line}", SUBJECT)
    return replace(source, end, end, f"{line}\n", SUBJECT)


def _is_line(source: SourceFile, value: TomlNode) -> bool:
    """Whether an entry is ``key = value`` at the start of a line, no table of its own and no dotted key."""
    between = source.utf8[value.key_end : value.start]
    before = source.utf8[source.utf8.rfind(b"\n", 0, value.key_start) + 1 : value.key_start]
    quote = rb"[\"']?"
    return re.fullmatch(quote + rb"[ \t]*=[ \t]*", between) is not None and not before.strip(b" \t\"'")


def _keyed(data: bytes, like: TomlNode, name: str, value: str) -> str:
    """``name = value`` with the spaces, and in a table that is aligned the column, of another line."""
    inset = data[data.rfind(b"\n", 0, like.key_start) + 1 : like.key_start].decode()
    inset = inset if not inset.strip() else ""
    before, _, behind = data[like.key_end : like.start].decode().partition("=")
    width = like.key_end - like.key_start + len(before) - 1 if len(before) > 1 else 0
    return f"{inset}{name.ljust(width)}{before[:1]}={behind}{value}"


def _value(data: bytes, like: TomlNode | None, new: RequirementText) -> str:
    quote = '"'
    if like is not None and like.text is not None:
        quote = data[like.start : like.start + 1].decode()
    version = f"{quote}{new.specifier or '*'}{quote}"
    if not new.extras:
        return version
    extras = ", ".join(f"{quote}{extra}{quote}" for extra in new.extras)
    return _braced(data, f"extras = [{extras}], version = {version}")


def _braced(data: bytes, inner: str) -> str:
    """An inline table, with spaces inside its braces where the file's others have them."""
    return f"{{ {inner} }}" if b"= { " in data or b"={ " in data else f"{{{inner}}}"


def add_extra(source: SourceFile, root: TomlNode, requirement: Requirement, extra: str) -> Edit | None:
    """Ask for an extra more; None where it is asked for. Raises CannotFixError where the entry is of no plain form."""
    if extra in requirement.extras:
        return None
    data, value = source.utf8, _find(source, root, requirement).value
    if value.text is not None:
        quote = data[value.start : value.start + 1].decode()
        version = data[value.start : value.end].decode()
        inner = f"extras = [{quote}{extra}{quote}], version = {version}"
        return replace(source, value.start, value.end, _braced(data, inner), EXTRAS)
    extras, version_node = value.get("extras"), value.get("version")
    if extras is not None:
        items = extras.elements()
        if not items:
            return replace(source, extras.start, extras.end, f'["{extra}"]', EXTRAS)
        quote = data[items[0].start : items[0].start + 1].decode()
        return sequences.insert(
            source,
            [(one.start, one.end) for one in items],
            [one.text or "" for one in items],
            len(items) - 1,
            extra,
            f"{quote}{extra}{quote}",
            EXTRAS,
        )
    if version_node is None:
        raise CannotFixError(f"line {requirement.location.line} of `{source.path}` names no version of celery")
    quote = data[version_node.start : version_node.start + 1].decode()
    text = f"extras = [{quote}{extra}{quote}]"
    if data[value.start : value.start + 1] == b"{":
        return replace(source, version_node.key_start, version_node.key_start, f"{text}, ", EXTRAS)
    line = data.rfind(b"\n", 0, version_node.key_start) + 1
    return replace(source, line, line, f"{text}\n", EXTRAS)


def change_specifier(source: SourceFile, root: TomlNode, requirement: Requirement, specifier: str) -> Edit:
    """Ask for other versions; where the old ones were a caret range and the new ones are one, that is kept."""
    value = _find(source, root, requirement).value
    version = value if value.text is not None else value.get("version")
    if version is None or version.text is None:
        raise CannotFixError(f"line {requirement.location.line} of `{source.path}` names no version")
    quote = source.utf8[version.start : version.start + 1].decode()
    text = f"{quote}{_with_caret(specifier) if version.text.startswith('^') else specifier}{quote}"
    return replace(source, version.start, version.end, text, requirement.name)


def _with_caret(specifier: str) -> str:
    from celery_backend_lint.model.manifests.poetry import specifier_of

    caret = f"^{specifier.removeprefix('>=').partition(',')[0]}"
    return caret if specifier_of(caret) == specifier else specifier
