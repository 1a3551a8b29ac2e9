"""conda's environment.yml: an item more among the dependencies, or in their list for pip."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests import sequences
from celery_backend_lint.fixes.manifests.pep508 import written_like
from celery_backend_lint.fixes.manifests.slots import SUBJECT, block_starts, put_line
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.model.manifests.conda import PACKAGES
from celery_backend_lint.syntax.requirements import RequirementText, leading_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.yaml import YamlNode

NAMES = {
    "boto3": "boto3",
    "mysqlclient": "mysqlclient",
    "psycopg": "psycopg",
    "psycopg2": "psycopg2",
    "psycopg2-binary": "psycopg2",
    "pymongo": "pymongo",
    "pymysql": "pymysql",
    "redis": "redis-py",
    "sqlalchemy": "sqlalchemy",
}
"""What conda-forge calls a distribution. Others go to pip's list, where names are the index's own."""


def is_for_pip(source: SourceFile, requirement: Requirement) -> bool:
    """Whether a requirement of the file stands in its list for pip."""
    span = requirement.location.span
    return any(_index(items, source.offset(span.line, span.column)) is not None for items in _lists(source)[1])


def add(source: SourceFile, anchor: Requirement, new: RequirementText) -> tuple[Edit, RequirementText]:
    """Put a requirement into the list of ``anchor``, or into pip's where conda's name for it is not known.

    Returns the edit and what is written, by the index's name. Raises CannotFixError where there is no list for it.
    """
    span = anchor.location.span
    start = source.offset(span.line, span.column)
    dependencies, for_pip = _lists(source)
    for items in for_pip:
        at = _index(items, start)
        if at is not None:
            return _insert(source, items, at, new), new
    at = _index(dependencies, start)
    if at is not None and new.name in NAMES:
        name = NAMES[new.name]
        edit = _insert(source, dependencies, at, RequirementText(name, (), new.specifier))
        return edit, RequirementText(PACKAGES.get(name, name), (), new.specifier)
    filled = [items for items in for_pip if items]
    if not filled:
        raise CannotFixError(f"what conda calls {new.name} is not known here, and `{source.path}` has no list for pip")
    return _insert(source, filled[0], len(filled[0]) - 1, new), new


def _lists(source: SourceFile) -> tuple[list[YamlNode], list[list[YamlNode]]]:
    """The items of ``dependencies`` that are texts, and those of the lists for pip."""
    from celery_backend_lint.syntax.yaml import parse

    plain: list[YamlNode] = []
    for_pip: list[list[YamlNode]] = []
    for document in parse(source.utf8).documents:
        dependencies = document.get("dependencies")
        for item in dependencies.elements() if dependencies else []:
            nested = item.get("pip")
            if item.text is not None:
                plain.append(item)
            elif nested is not None:
                for_pip.append([one for one in nested.elements() if one.text is not None])
    return plain, for_pip


def _index(items: list[YamlNode], start: int) -> int | None:
    return next((index for index, one in enumerate(items) if one.start <= start < max(one.end, one.start + 1)), None)


def _insert(source: SourceFile, items: list[YamlNode], at: int, new: RequirementText) -> Edit:
    data = source.utf8
    raw = data[items[at].start : items[at].end].decode()
    quote = raw[0] if raw[:1] in ("'", '"') else ""
    text = f"{quote}{written_like(new, items[at].text or '')}{quote}"
    names = [_name(one) for one in items]
    prefixes = [data[data.rfind(b"\n", 0, one.start) + 1 : one.start].decode("utf-8", "replace") for one in items]
    if not re.fullmatch(r"[ \t]*-[ \t]+", prefixes[at]):
        if not quote and re.search(r"[,\[\]]", text):
            text = f'"{text}"'
        ranges = [(one.start, one.end) for one in items]
        return sequences.insert(source, ranges, names, at, new.name, text, SUBJECT)
    ranges = [(one.start, one.end) for one in items]
    starts = [
        start or prefixes[index] != prefixes[index - 1] for index, start in enumerate(block_starts(source, ranges))
    ]
    return put_line(source, ranges, names, starts, at, new.name, f"{prefixes[at]}{text}")


def _name(item: YamlNode) -> str:
    named = leading_name((item.text or "").rpartition("::")[2])
    return named.name if named is not None else "~"


def change_specifier(source: SourceFile, requirement: Requirement, specifier: str) -> Edit:
    """Ask for other versions. Raises CannotFixError where the item is of no plain form (a build, a channel)."""
    from celery_backend_lint.fixes.manifests import pep508

    if is_for_pip(source, requirement):
        return pep508.change_specifier(source, requirement, specifier)
    span = requirement.location.span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    raw = source.utf8[start:end].decode()
    found = re.fullmatch(r"(['\"]?[A-Za-z0-9._-]+)( ?)[<>=!~]=?[^'\"\[\] ]*(['\"]?)", raw)
    if found is None:
        raise CannotFixError(f"line {span.line} of `{source.path}` is written in a way that is not changed")
    return replace(source, start, end, f"{found[1]}{found[2]}{specifier}{found[3]}", requirement.name)
