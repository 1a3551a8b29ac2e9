"""The whole expression that writes a text, the name that it is given to, and the credential within it."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.environment_read import Reader
from celery_backend_lint.fixes.python.nodes import module_of, statement_of
from celery_backend_lint.fixes.python.style import is_formatted, string_code
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.fixes.written_text import WrittenText, written_text
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import location_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Assignment
    from celery_backend_lint.syntax.python import Node

PRODUCTS = {
    "redis": "REDIS", "rediss": "REDIS", "sentinel": "REDIS", "amqp": "RABBITMQ", "amqps": "RABBITMQ",
    "pyamqp": "RABBITMQ", "db": "DATABASE", "database": "DATABASE", "sqla": "DATABASE", "sqlalchemy": "DATABASE",
    "postgresql": "DATABASE", "mysql": "DATABASE", "mongodb": "MONGODB", "sqs": "SQS", "elasticsearch": "ELASTICSEARCH",
    "couchdb": "COUCHDB", "couchbase": "COUCHBASE", "arangodb": "ARANGODB",
}  # fmt: skip
"""What the server behind a scheme is called in the names of variables."""


@record
class Written:
    """A text with the expression that writes it.

    ``bound`` is the name that it is given to: of a constant, a keyword, a key, ``""`` for none. ``is_setting`` says
    that this is the setting itself. ``product`` is a word for the server that it is about.
    """

    text: WrittenText
    location: Location
    bound: str
    is_setting: bool
    product: str

    def credential(self) -> tuple[int, int]:
        """The range of characters that the credential takes, in whole literals or a part of one.

        Raises CannotFixError where there is not exactly one, or where code gives a part of it.
        """
        from celery_backend_lint.findings.masking import secrets_of_text
        from celery_backend_lint.model.secrets import credentials_in_urls
        from celery_backend_lint.model.urls import UNKNOWN

        text = self.text.text
        found = {(one.start, one.end) for one in credentials_in_urls(text)} if "://" in text else set()
        found = found or set(secrets_of_text(text))
        found = {(start, end) for start, end in found if text[start:end].strip(UNKNOWN)}
        where = f"`{self.location.path}` line {self.location.line}"
        if len(found) != 1:
            raise CannotFixError(f"the text in {where} holds not one credential but {len(found) or 'a part of one'}")
        start, end = found.pop()
        if UNKNOWN in text[start:end]:
            raise CannotFixError(f"the credential in {where} is put together of parts")
        return start, end

    def with_read(self, start: int, end: int, reader: Reader, variable: str, *, keeps: bool = False) -> Edit:
        """Put the read of a variable in the place of some characters, which are its default with ``keeps``.

        Raises CannotFixError where they do not stand in one literal, or where that is a template.
        """
        characters = self.text.characters[start:end]
        string = characters[0].string
        where = f"`{self.location.path}` line {self.location.line}"
        if string is None or any(one.string is None or one.string.id != string.id for one in characters):
            raise CannotFixError(f"the credential in {where} is written in several pieces")
        if characters[0].template:
            raise CannotFixError(f"the credential in {where} stands in a template of `%` or `format()`")
        first, last = characters[0].start, characters[-1].end
        source = self.text.source
        opening, closing = text_of(string.children[0]), text_of(string.children[-1])
        if is_formatted(string):
            quote = "'" if '"' in closing else '"'
            code = _in_quotes(reader, variable, quote, self.text.text[start:end] if keeps else None)
            return replace(source, first, last, f"{{{code}}}")
        parent = self.text.node.parent
        if self.text.node.type != "binary_operator" and (parent is None or parent.type not in _TAKE_SUMS):
            raise CannotFixError(f"the credential in {where} is a part of a text that cannot be taken apart")
        before = first > string.children[0].end_byte
        after = last < string.children[-1].start_byte
        code = reader.required(variable)
        if keeps:
            code = reader.optional(variable, string_code(self.text.text[start:end], reader.quote))
        if not before and not after and string.parent is not None and string.parent.type != "concatenated_string":
            return replace(source, string.start_byte, string.end_byte, code)
        left = f"{closing} + " if before else f"{opening}{closing} + "
        right = f" + {opening}" if after else f" + {opening}{closing}"
        first = first if before else string.start_byte
        last = last if after else string.end_byte
        return replace(source, first, last, f"{left}{code}{right}")


_TAKE_SUMS = frozenset(
    {
        "argument_list", "assignment", "default_parameter", "dictionary", "expression_list", "keyword_argument", "list",
        "pair", "parenthesized_expression", "return_statement", "set", "tuple", "typed_default_parameter",
    }
)  # fmt: skip
"""What may hold a sum as it is."""


def _in_quotes(reader: Reader, variable: str, quote: str, default: str | None) -> str:
    inside = Reader(reader.kind, reader.name, reader.getter, reader.statement, quote)
    return inside.required(variable) if default is None else inside.optional(variable, string_code(default, quote))


def written_around(model: Model, location: Location, assignment: Assignment, about: str = "") -> Written:
    """The text around a literal: of strings side by side and sums the whole.

    ``about`` is a URL that the text goes into, where it is none itself: its scheme says what the text is about.

    Raises CannotFixError where it is the default of a parameter's name, an interpolation, or no text at all.
    """
    module = module_of(model, location.path)
    source, span = module.source, location.span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    node = module.node.descendant_for_byte_range(start, end)
    if node is None:
        raise CannotFixError(f"nothing stands in `{location.path}` line {location.line}")
    node = _outermost(node)
    where = location_of(source, node)
    if node.parent is not None and node.parent.type == "interpolation":
        raise CannotFixError(
            f"the credential stands in the braces of an f-string in `{location.path}` line {span.line}"
        )
    text = written_text(model, where)
    bound, holder = _bound(node)
    is_setting = holder is not None and _holds(model, holder, assignment) and not _is_inside_container(node, holder)
    return Written(
        text,
        where,
        _name_in(bound, assignment),
        is_setting,
        _product(text.text if "://" in text.text else about, assignment.setting),
    )


def _outermost(node: Node) -> Node:
    while node.parent is not None:
        parent = node.parent
        operator = parent.child_by_field_name("operator") if parent.type == "binary_operator" else None
        grows = (
            (
                node.type in ("string_content", "string_start", "escape_sequence")
                and parent.type in ("string", "string_content")
            )
            or (node.type == "string" and parent.type == "concatenated_string")
            or (operator is not None and text_of(operator) == "+")
            or (operator is not None and text_of(operator) == "%" and parent.child_by_field_name("left") == node)
            or _is_format(node, parent)
            or (parent.type == "parenthesized_expression" and _goes_on(parent))
        )
        if not grows:
            return node
        node = parent
    return node


def _is_format(node: Node, parent: Node) -> bool:
    if parent.type == "attribute":
        name = parent.child_by_field_name("attribute")
        return parent.child_by_field_name("object") == node and name is not None and text_of(name) == "format"
    return parent.type == "call" and node.type == "attribute" and parent.child_by_field_name("function") == node


def _goes_on(node: Node) -> bool:
    """Whether a parenthesized text is a part of a larger one."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "binary_operator":
        operator = parent.child_by_field_name("operator")
        return operator is not None and text_of(operator) in ("+", "%")
    return _is_format(node, parent)


def _bound(node: Node) -> tuple[str, Node | None]:
    """The name that a value is given to, with the node of name and value together."""
    statement = statement_of(node)
    child = node
    while child != statement and child.parent is not None:
        parent = child.parent
        if parent.type == "assignment":
            left = parent.child_by_field_name("left")
            return _name_of(left) if left is not None else "", parent
        if parent.type in ("keyword_argument", "default_parameter", "typed_default_parameter"):
            name = parent.child_by_field_name("name")
            return text_of(name) if name is not None else "", parent
        if parent.type == "pair":
            key = parent.child_by_field_name("key")
            value = string_value(key) if key is not None and key.type == "string" else None
            return value if isinstance(value, str) else "", parent
        child = parent
    return "", None


def _name_of(left: Node) -> str:
    if left.type == "attribute":
        name = left.child_by_field_name("attribute")
        return text_of(name) if name is not None else ""
    if left.type == "subscript":
        key = left.child_by_field_name("subscript")
        value = string_value(key) if key is not None and key.type == "string" else None
        return value if isinstance(value, str) else ""
    return text_of(left) if left.type == "identifier" else ""


def _holds(model: Model, holder: Node, assignment: Assignment) -> bool:
    """Whether the setting's own name stands in a node of name and value."""
    file = model.evaluator.modules.file(assignment.location.path)
    if file is None:
        return False
    span = assignment.location.span
    at = file.source.offset(span.line, span.column)
    root = holder
    while root.parent is not None:
        root = root.parent
    return file.scope.node == root and holder.start_byte <= at < holder.end_byte


def _is_inside_container(node: Node, holder: Node) -> bool:
    """Whether a text is only an item of the value that is given to the name."""
    child = node
    while child.parent is not None and child.parent != holder:
        child = child.parent
        if child.type in ("list", "tuple", "set", "dictionary", "argument_list"):
            return True
    return False


def _name_in(bound: str, assignment: Assignment) -> str:
    """The name with a word for what it belongs to, where it is a key of a setting that is a dict."""
    first = assignment.setting.partition("_")[0]
    if not bound or first in bound.lower() or not assignment.setting.endswith(("_options", "_ssl", "_settings")):
        return bound
    return f"{first}_{bound}" if "_" in bound else bound


def _product(text: str, setting: str) -> str:
    scheme = text.partition("://")[0] if "://" in text else ""
    return (
        PRODUCTS.get(scheme.partition("+")[0].lower())
        or PRODUCTS.get(setting.partition("_")[0])
        or (setting.partition("_")[0].upper())
    )
