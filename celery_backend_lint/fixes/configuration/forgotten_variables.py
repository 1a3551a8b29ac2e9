"""A variable that nothing reads any more, taken out of the examples of the environment."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.env_files import HEADING
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.dotenv import Entry
    from celery_backend_lint.syntax.python import Node

TEXTS = (
    ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".env", ".sh", ".txt", ".md", ".rst", ".json", ".tf", ".tmpl",
    ".j2", ".tpl", ".template", ".xml", ".service",
)  # fmt: skip
"""Endings of files that may set or read a variable, or tell people of it; those without an ending do as well."""

SETTINGS_CLASSES = ("Settings", "Model", "Configuration")
"""What bases of classes whose attributes are read from the environment have in their names."""


def without_variable(model: Model, app: App, variable: str, *, whoever_mentions_it: bool = False) -> list[Edit]:
    """Take a variable out of the examples of an app's service. Empty where code may read it.

    Raises CannotFixError where another file of the project mentions it: people have to see to that one as well.
    ``whoever_mentions_it`` says that it has to go in any case.
    """
    examples = {}
    for example in model.env_files.examples_for(app.path):
        lines = {entry.key_span.line: entry.value_span.end_line for entry in _entries(example, variable)}
        if lines:
            examples[example.path] = lines
    if not examples or (not whoever_mentions_it and is_read(model, variable)):
        return []
    where = None if whoever_mentions_it else _mentioned(model, variable)
    if where is not None:
        raise CannotFixError(
            f"`{variable}` stays in `{next(iter(examples))}`, because {where} mentions it; the result backend does not "
            "need it any more"
        )
    edits = []
    for path, lines in examples.items():
        source = model.project.source(path)
        if source is not None:
            edits += [_without_lines(source, first, last) for first, last in lines.items()]
    return edits


def _entries(example: EnvFile, variable: str) -> Iterator[Entry]:
    return (entry for entry in example.entries if entry.key == variable and not entry.commented)


def _mentioned(model: Model, variable: str) -> str | None:
    """The place of a file that is no Python and no env file, and that has the variable's name in it."""
    known = {one.path for one in (*model.env_files.examples, *model.env_files.in_use)}
    pattern = _word(variable)
    for path in model.project.paths():
        name = path.rpartition("/")[2]
        if path in known or path.endswith(".py") or ("." in name.lstrip(".") and not name.endswith(TEXTS)):
            continue
        source = model.project.source(path) if model.project.mentions(path, (variable.encode(),)) else None
        found = pattern.search(source.data) if source is not None else None
        if source is not None and found is not None:
            return f"`{path}` line {source.data.count(NEW_LINE, 0, found.start()) + 1}"
    return None


NEW_LINE = b"\n"


def _without_lines(source: SourceFile, first: int, last: int) -> Edit:
    """Lines taken away, with the heading of this tool's that then stands over nothing."""
    lines = source.utf8.splitlines(keepends=True)
    start, end = first - 1, last
    alone = end == len(lines) or not lines[end].strip()
    if alone and start and lines[start - 1].strip() == HEADING.encode():
        start -= 1
        while start and not lines[start - 1].strip():
            start -= 1
    return replace(source, len(b"".join(lines[:start])), len(b"".join(lines[:end])), "")


def _word(variable: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])" % variable.encode())


def is_read(model: Model, variable: str) -> bool:
    """Whether Python code of the project, that of tests included, may read a variable of the environment.

    A constant of that name, and what uses it, reads nothing.
    """
    needle, pattern = variable.encode(), _word(variable)
    kinds = set()
    for path in model.project.python_files_mentioning((needle,)):
        file = model.evaluator.modules.file(path)
        if file is None:
            return True
        for match in pattern.finditer(file.source.utf8):
            node = file.scope.node.descendant_for_byte_range(match.start(), match.end())
            kinds.add(_kind(node) if node is not None else "")
    if "read" in kinds or ("attribute" in kinds and "constant" not in kinds):  # ``settings.NAME`` of what nobody sees
        return True
    for path in model.project.python_files_mentioning((b"BaseSettings",)):
        source = model.project.source(path)
        if source is not None and _is_field(source.text, variable):
            return True
    return False


def _kind(node: Node) -> str:
    """``read``, ``constant`` (where a plain one gets its value), ``attribute``, or ``""`` for nothing of the kind."""
    if node.type in ("string", "string_content", "string_start", "interpolation", "ERROR"):
        return "read"
    parent = node.parent
    if node.type != "identifier" or parent is None:
        return ""
    if parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        return "attribute"
    if parent.type not in ("assignment", "typed_parameter") or parent.child_by_field_name("left") != node:
        return ""
    body = parent.parent.parent if parent.parent is not None else None
    of = body.parent if body is not None else None
    if of is None or of.type != "class_definition":
        return "constant"
    bases = of.child_by_field_name("superclasses")
    return "read" if bases is not None and any(one in text_of(bases) for one in SETTINGS_CLASSES) else "constant"


def _is_field(text: str, variable: str) -> bool:
    """Whether a class of pydantic's settings in ``text`` has a field that is read from a variable."""
    prefixes = re.findall(r"env_prefix\s*=\s*[\"'](\w+)[\"']", text)
    names = [variable, *(variable[len(one) :] for one in prefixes if variable.lower().startswith(one.lower()))]
    return any(re.search(rf"(?mi)^[ \t]+{re.escape(one)}[ \t]*:", text) for one in names if one)
