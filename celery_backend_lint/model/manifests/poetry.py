"""Poetry's dependency tables, and its version constraints as PEP 440."""

from __future__ import annotations

import re

from celery_backend_lint.model.manifests.declared import is_development, normalized
from celery_backend_lint.syntax.requirements import RequirementText, without_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Kind
    from celery_backend_lint.model.manifests.draft import Draft
    from celery_backend_lint.syntax.toml import TomlNode

_VERSION = (
    r"v?([0-9]+(?:\.[0-9]+)*)((?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|post|dev)[-_.]?[0-9]*)*(?:\+[A-Za-z0-9.]+)?)"
)
_PART = re.compile(rf"(\^|~=|~|===?|=|!=|<=|>=|<|>)?\s*{_VERSION}(\.\*)?(?![A-Za-z0-9.*+_-])\s*,?\s*", re.IGNORECASE)


def specifier_of(constraint: str) -> str | None:
    """A Poetry (or Pipfile, Pixi) constraint as PEP 440, ``||`` between alternatives; None when it cannot be read.

    By Poetry's documentation, "Dependency specification": ``^1.2.3`` is ``>=1.2.3,<2``, ``~1.2`` is ``>=1.2,<1.3``,
    a bare version is exact.
    """
    alternatives = []
    for alternative in re.split(r"\|\|?", constraint):
        clauses = _clauses(alternative.strip())
        if clauses is None:
            return None
        if not clauses:
            return ""
        alternatives.append(",".join(clauses))
    return "||".join(alternatives)


def _clauses(text: str) -> list[str] | None:
    if text in ("", "*"):
        return []
    clauses: list[str] = []
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            return None
        at = found.end()
        operator, release, suffix, star = found.groups()
        numbers = [int(part[-18:]) for part in release.split(".")]
        version = release + suffix
        if star:
            if operator in (None, "=", "==", "!="):
                clauses.append(f"{'!=' if operator == '!=' else '=='}{release}.*")
            else:
                clauses.append(
                    f"{operator}{release}" if operator not in ("^", "~") else _upwards(operator, version, numbers)
                )
        elif operator in ("^", "~") or (operator == "~=" and len(numbers) == 1):
            clauses.append(_upwards("^" if operator == "^" else "~", version, numbers))
        else:
            clauses.append(f"{'==' if operator in (None, '=') else operator}{version}")
    return clauses


def _upwards(operator: str, version: str, numbers: list[int]) -> str:
    if operator == "^":
        index = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    else:
        index = 1 if len(numbers) > 1 else 0
    bound = [*numbers[:index], numbers[index] + 1]
    return f">={version},<{'.'.join(str(number) for number in bound)}"


def read_poetry(draft: Draft, table: TomlNode) -> None:
    """Take in everything that ``[tool.poetry]`` declares."""
    name = table.get("name")
    if name is not None and name.text:
        draft.provides = draft.provides or normalized(name.text)
    extras: dict[str, str] = {}
    for extra, members in table.get("extras").items() if table.get("extras") else []:  # type: ignore[union-attr]
        for member in members.elements():
            if member.text:
                extras.setdefault(normalized(member.text), extra)
    _table(draft, table.get("dependencies"), "runtime", "", extras)
    _table(draft, table.get("dev-dependencies"), "development", "dev", {})
    groups = table.get("group")
    for group, content in groups.items() if groups else []:
        optional = content.get("optional")
        kind: Kind = "runtime"
        if is_development(group):
            kind = "development"
        elif optional is not None and optional.value is True:
            kind = "optional"
        _table(draft, content.get("dependencies"), kind, "" if group == "main" else group, {})


def _table(draft: Draft, table: TomlNode | None, kind: Kind, group: str, extras: dict[str, str]) -> None:
    for name, value in table.items() if table else []:
        if name.lower() == "python":
            continue
        for one in value.elements() if isinstance(value.value, list) else [value]:
            start, end = (one.start, one.end) if one is not value else (value.key_start, value.end)
            read_entry(draft, name, one, start, end, kind, group, extras)


def read_entry(
    draft: Draft,
    name: str,
    value: TomlNode,
    start: int,
    end: int,
    kind: Kind,
    group: str,
    extras_of: dict[str, str],
) -> None:
    """Take in ``name = "^1.2"`` or ``name = {version = …, extras = […], optional = …, git = …}``."""
    version, marker, url, extras = "", "", "", ()
    if value.text is not None:
        version = value.text
    elif isinstance(value.value, dict):
        texts = {key: node.text for key, node in value.items() if node.text is not None}
        version = texts.get("version", "")
        marker = texts.get("markers", "")
        extras = tuple(item.text for item in _extras(value) if item.text)  # type: ignore[assignment]
        source = next((texts[key] for key in ("git", "hg", "svn", "url", "file", "path") if key in texts), "")
        url = without_user(source)
        if "path" in texts:
            draft.local(texts["path"])
        optional = value.get("optional")
        if optional is not None and optional.value is True and kind == "runtime":
            group = extras_of.get(normalized(name), group)
            kind = "development" if is_development(group) else "optional"
        if "python" in texts and not marker:
            marker = f"python {texts['python']}"
    else:
        draft.problem(f"the requirement of {name} is neither a version nor a table", start, end)
        return
    specifier = specifier_of(version)
    unclear = ""
    if specifier is None:
        specifier = ""
        unclear = "its version cannot be read"
        if "{{" not in version and "$" not in version:
            draft.problem(f"the version of {name} cannot be read", start, end)
    draft.add(RequirementText(name, extras, specifier, marker, url), start, end, kind, group, unclear=unclear)


def _extras(value: TomlNode) -> list[TomlNode]:
    extras = value.get("extras")
    return extras.elements() if extras else []
