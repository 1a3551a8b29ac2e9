"""Which names the project reads itself: ``settings.NAME``, ``conf["NAME"]``, ``NAME`` in an expression.

Such a name is the project's own, whatever Celery makes of it. A read of the environment (``os.environ["NAME"]``) is
none: it names a variable.
"""

from __future__ import annotations

import re

from celery_backend_lint.syntax.python import string_value, text_of, without_parentheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_READERS_OF_THE_ENVIRONMENT = (
    r"(?:^|\.)(?:getenv|environb?(?:\.\w+)?|env(?:iron)?(?:\.\w+)?|ENV(?:\.\w+)?|[gs]et_?env\w*|get_secret|secret)$|^config$|^Field$"
    r"|(?:^|\.)(?:monkeypatch\.\w+)$"
)

_READERS = frozenset(
    {"get", "getattr", "pop", "get_setting", "attrgetter", "get_config", "getlist", "get_value"}
)  # fmt: skip
"""How functions and methods are called that are given the name of what they read."""


def read_names(model: Model, names: Iterable[str]) -> frozenset[str]:
    """Those of ``names`` that some code of the project reads. Searches every Python file once for all of them.

    What is no plain identifier is taken to be read by nobody.
    """
    wanted = sorted({name for name in names if name.isidentifier() and name.isascii()})
    if not wanted:
        return frozenset()
    found: set[str] = set()
    pattern = re.compile(rb"(?<![\w])(?:" + b"|".join(re.escape(name.encode()) for name in wanted) + rb")(?!\w)")
    for path in model.project.python_files_mentioning([name.encode() for name in wanted]):
        file = model.evaluator.modules.file(path)
        if file is None:
            continue
        for match in pattern.finditer(file.source.utf8):
            name = match[0].decode()
            if name in found:
                continue
            node = file.scope.node.descendant_for_byte_range(match.start(), match.end())
            if node is not None and _is_read(node, name):
                found.add(name)
    return frozenset(found)


def _is_read(node: Node, name: str) -> bool:
    if node.type == "identifier":
        return _is_name_read(node)
    if node.type in ("string_content", "string"):
        string = node if node.type == "string" else node.parent
        return string is not None and string_value(string) == name and _is_key_read(string)
    return False


def _is_name_read(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        return not _is_target(parent)
    if parent.type == "keyword_argument" and parent.child_by_field_name("name") == node:
        return False
    if parent.type in ("dotted_name", "aliased_import"):
        statement = parent.parent if parent.type == "dotted_name" else parent
        return statement is not None and statement.type == "aliased_import"
    if parent.type in ("function_definition", "class_definition", "typed_parameter", "default_parameter", "parameters"):
        return False
    if parent.type in ("global_statement", "nonlocal_statement", "type"):
        return False
    return not _is_target(node)


def _is_target(node: Node) -> bool:
    """Whether an expression is what is assigned to, or deleted."""
    parent = node.parent
    while parent is not None and parent.type in ("pattern_list", "tuple_pattern", "list_pattern"):
        node, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type in ("assignment", "augmented_assignment"):
        return parent.child_by_field_name("left") == node
    return parent.type in ("delete_statement", "for_statement") and parent.child_by_field_name("right") != node


def _is_key_read(string: Node) -> bool:
    """Whether a text is a key or name that is read: ``x["NAME"]``, ``x.get("NAME")``, ``getattr(x, "NAME")``."""
    parent = string.parent
    if parent is None:
        return False
    if parent.type == "subscript":
        owner = parent.child_by_field_name("value")
        return owner is not None and owner != string and not _reads_environment(owner) and not _is_target(parent)
    if parent.type == "argument_list" and parent.parent is not None:
        function = parent.parent.child_by_field_name("function")
        if function is None or _reads_environment(function):
            return False
        function = without_parentheses(function)
        return text_of(function).rpartition(".")[2] in _READERS or _is_named_reader(function)
    return False


def _is_named_reader(function: Node) -> bool:
    """Whether a name stands for a method that reads: ``_get = self.app.conf.get``, as Celery's own backends have it."""
    if function.type != "identifier":
        return False
    root = function
    while root.parent is not None:
        root = root.parent
    given = rb"(?<![\w.])" + (function.text or b"") + rb"[ \t]*=[ \t]*([\w.]+)[ \t]*(?=[#;,)\r\n]|$)"
    for match in re.finditer(given, root.text or b""):
        value = root.descendant_for_byte_range(root.start_byte + match.start(1), root.start_byte + match.end(1))
        is_method = value is not None and value.type == "attribute" and not _reads_environment(value)
        if value is not None and is_method and text_of(value).rpartition(".")[2] in _READERS:
            return True
    return False


def _reads_environment(node: Node) -> bool:
    return re.search(_READERS_OF_THE_ENVIRONMENT, "".join(text_of(node).split())) is not None
