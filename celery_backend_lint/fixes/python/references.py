"""Every place of the project that speaks of a name, so that a rename leaves nobody behind."""

from __future__ import annotations

import re

from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node


@record
class Mention:
    """A place that holds a name. ``kind``: ``name`` (an identifier of its own), ``attribute`` (``x.NAME``), ``keyword``
    (``f(NAME=…)``), ``import`` (``from x import NAME``), ``text`` (a string that is the name), ``parameter``.
    """

    file: ModuleFile
    node: Node
    kind: str


def mentions(model: Model, name: str) -> Iterator[Mention]:
    """The places of all Python files, test code included, that hold a name; comments and longer texts left out."""
    if not name.isidentifier() or not name.isascii():
        return
    pattern = re.compile(rb"(?<!\w)" + re.escape(name.encode()) + rb"(?!\w)")
    for path in model.project.python_files_mentioning([name.encode()]):
        file = model.evaluator.modules.file(path)
        if file is None:
            continue
        for match in pattern.finditer(file.source.utf8):
            node = file.scope.node.descendant_for_byte_range(match.start(), match.end())
            kind = _kind(node, name) if node is not None else ""
            if node is not None and kind:
                yield Mention(file, node if kind != "text" or node.type == "string" else node.parent or node, kind)


def _kind(node: Node, name: str) -> str:
    if node.type in ("string", "string_content"):
        string = node if node.type == "string" else node.parent
        return "text" if string is not None and string_value(string) == name else ""
    parent = node.parent
    if node.type != "identifier" or parent is None:
        return ""
    if parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        return "attribute"
    if parent.type == "keyword_argument" and parent.child_by_field_name("name") == node:
        return "keyword"
    if parent.type in ("dotted_name", "aliased_import"):
        return "import"
    if parent.type in _PARAMETERS and parent.child_by_field_name("value") != node:
        return "parameter"
    return "name"


_PARAMETERS = ("parameters", "lambda_parameters", "typed_parameter", "default_parameter", "typed_default_parameter")


def bound_in(model: Model, file: ModuleFile, node: Node, name: str) -> Scope:
    """The scope whose name an identifier means, as Python looks it up; the module's where no inner one binds it."""
    innermost = scope = model.evaluator.scope_at(node, file.scope)
    while scope.parent is not None:
        if scope.kind != "class" or scope is innermost:
            if name in scope.globals:
                break
            if name in scope.bindings or name in scope.parameters:
                return scope
        scope = scope.parent
    return file.scope


def is_same_scope(one: Scope, other: Scope) -> bool:
    """Whether two scopes are the body of one module, class or function."""
    same_file = one.file.path == other.file.path
    return same_file and (one.kind, one.node.start_byte) == (other.kind, other.node.start_byte)


ENVIRONMENT = "environ", "getenv", "env", "get_env"
"""How what reads a variable is called; the variable keeps its name."""

READER = "config"
"""What python-decouple's reader is called, and what is read from a file of variables; Flask's, which is an attribute
of the application, holds the settings themselves.
"""


def names_variable(string: Node) -> bool:
    """Whether a text that is a name means a variable of the environment: ``os.environ["NAME"]``, ``env("NAME")``."""
    parent = string.parent
    while parent is not None and parent.type in ("argument_list", "keyword_argument", "concatenated_string", "call"):
        if parent.type == "call":
            function = parent.child_by_field_name("function")
            return function is not None and _reads_environment(text_of(function), is_called=True)
        parent = parent.parent
    if parent is not None and parent.type == "subscript":
        owner = parent.child_by_field_name("value")
        return owner is not None and _reads_environment(text_of(owner), is_called=False)
    return False


def _reads_environment(owner: str, *, is_called: bool) -> bool:
    parts = owner.lower().split(".")
    if READER in (parts[0], parts[-1] if is_called else ""):
        return True
    return any(part.strip("_()") in ENVIRONMENT or part.endswith("env") or "environ" in part for part in parts)
