"""A read of the environment given the type that a setting needs, in the idiom that it is written in.

While a variable is not set, nothing changes; where it is empty, the default holds, as an empty text did no more. What
was true as any text stays true, but for the words that say no.
"""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.environment_read import Reader, import_of, reader_at
from celery_backend_lint.fixes.python.imports import add_import
from celery_backend_lint.fixes.python.nodes import Place, place_of
from celery_backend_lint.fixes.python.references import mentions
from celery_backend_lint.fixes.python.style import code_of, quote_of
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.required_reads import default_of
from celery_backend_lint.fixes.shared_reads import refuse_shared
from celery_backend_lint.fixes.text_casts import NO, cast_of, converted
from celery_backend_lint.fixes.typed_fields import typed_field
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, location_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

METHODS = {"int": "int", "bool": "bool", "list": "list", "dict": "json"}
"""The methods of django-environ's and environs' readers."""

NAMES = {"int": "an integer", "bool": "a truth value", "list": "a list", "dict": "a dict"}


def cast_read(model: Model, read: Environment, cast: str) -> Fix:
    """Wrap a read in the cast that its setting needs (CBL305): ``int``, ``bool``, ``list``, ``dict``.

    Unsafe where other code uses what is read. Raises CannotFixError where the read is written in no known way or is one
    of several variables, and where the project sets the variable to a text that the cast refuses.
    """
    _check_known_texts(model, read, cast)
    place = place_of(model, read.origin)
    reader = read.reader.partition(" ")[0]
    if reader == "pydantic":
        edits, name = typed_field(model, place, read, cast), text_of(place.node)
    else:
        refuse_shared(place, read)
        name = _constant(place.node)
        if reader == "os.environ":
            edits = _of_os(model, place, read, cast)
        elif reader in ("environ", "environs"):
            edits = _of_method(place, read, cast)
        elif reader in ("decouple", "starlette"):
            edits = _of_config(model, place, read, cast, reader)
        else:
            raise CannotFixError(f"how `{read.variable}` is read as {NAMES[cast]} in {place.where} is not known")
    shared = bool(name) and sum(1 for one in mentions(model, name) if one.kind not in ("keyword", "text")) > 2
    return Fix(
        f"Read `{read.variable}` as {NAMES[cast]}"
        + (f", which other code that uses `{name}` gets, too" if shared else ""),
        Applicability.UNSAFE if shared else Applicability.SAFE,
        tuple(edits),
    )


def _check_known_texts(model: Model, read: Environment, cast: str) -> None:
    """Raise CannotFixError where a file of the project gives the variable a text that the cast refuses."""
    said = model.env_files.value_of(read.variable, read.origin.path, case_sensitive=read.case_sensitive)
    known = [(one.value, one.location) for one in said if not one.foreign and not one.example]
    known += [(one.text or "", one.location) for _, one in model.deployment.setting(read.variable)]
    for text, location in known:
        if text and "{" not in text.replace("{}", "") and cast_of(text, cast) is None:
            raise CannotFixError(f"`{location.path}` sets `{read.variable}` to a text that is not {NAMES[cast]}")


def _constant(node: Node) -> str:
    """The name of the variable in the code that a read is given to, "" where it is used in place."""
    while node.parent is not None and node.parent.type in ("parenthesized_expression", "boolean_operator"):
        node = node.parent
    parent = node.parent
    left = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    return text_of(left) if left is not None and left.type == "identifier" else ""


@record
class _Read:
    """``os.environ["X"]`` taken apart: where the whole of it stands, the variable, and what holds without it.

    ``default`` is code, ``""`` for None; ``after_or`` says that it stands behind an ``or``. ``value`` is what it comes
    to where it is a literal.
    """

    place: Location
    reader: Reader
    variable: str
    required: bool
    default: str
    after_or: bool
    node: Node | None

    @property
    def present(self) -> str:
        """The read of a variable that is set."""
        return self.reader.required(self.variable)

    @property
    def is_set(self) -> str:
        """Whether the variable is there, and not empty."""
        return f"{self.reader.name}.get({self.present.partition('[')[2][:-1]})"

    def optional(self, default: str) -> str:
        """The read with a default."""
        return self.reader.optional(self.variable, default)

    @property
    def bare(self) -> str:
        """The read that gives None where the variable is not set."""
        return self.optional("\0").replace(", \0", "")

    @property
    def literal(self) -> object:
        """What the default is, as a plain object; ``...`` for what is not known."""
        if self.node is None:
            return None
        kind = self.node.type
        if kind == "string":
            return string_value(self.node)
        plain = {"none": None, "true": True, "false": False}
        if kind in plain:
            return plain[kind]
        return int(text_of(self.node)) if kind == "integer" and text_of(self.node).isdigit() else ...


def _of_os(model: Model, place: Place, read: Environment, cast: str) -> list[Edit]:
    node = place.node
    required = node.type == "subscript"
    default = None if required else default_of(model, read)
    around = node
    after_or = False
    parent = node.parent
    if parent is not None and parent.type == "boolean_operator" and parent.child_by_field_name("left") == node:
        operator, right = parent.child_by_field_name("operator"), parent.child_by_field_name("right")
        if operator is None or text_of(operator) != "or" or right is None or (default is not None and not required):
            raise CannotFixError(f"the read of `{read.variable}` in {place.where} is a part of a condition")
        around, default, after_or, required = parent, right, True, False
    elif parent is not None and parent.type in ("boolean_operator", "comparison_operator", "not_operator"):
        raise CannotFixError(f"the read of `{read.variable}` in {place.where} is a part of a condition")
    reader = _spelled(model, place, node)
    code = "" if default is None or default.type == "none" else text_of(default)
    taken = _Read(location_of(place.source, around), reader, read.variable, required, code, after_or, default)
    new = {"int": _int, "bool": _bool, "list": _list, "dict": _dict}[cast](taken, place)
    edits = import_of(model, read.origin.path, reader)
    if cast == "dict":
        edits = [*edits, *add_import(model, read.origin.path, "import json")]
    return [*edits, replace_expression(model, taken.place, new)]


def _spelled(model: Model, place: Place, node: Node) -> Reader:
    """The reader as the read itself spells it."""
    own = reader_at(model, location_of(place.source, node), plain=True)
    function = node.child_by_field_name("function" if node.type == "call" else "value")
    written = text_of(function) if function is not None else ""
    if node.type == "subscript":
        return Reader("os", written, f"{written}.get", "", own.quote)
    if written.endswith(".get"):
        return Reader("os", written.removesuffix(".get"), written, "", own.quote)
    if written.endswith(".getenv"):
        return Reader("os", f"{written.removesuffix('.getenv')}.environ", written, "", own.quote)
    return Reader("os", own.name, written, own.statement, own.quote)


def _int(read: _Read, place: Place) -> str:  # noqa: ARG001
    if read.required:
        return f"int({read.present})"
    plain = read.literal
    if isinstance(plain, int) and not isinstance(plain, bool):
        return f"int({read.bare} or {read.default})"
    if isinstance(plain, str) and plain and cast_of(plain, "int") is not None:
        return f"int({read.bare} or {read.default})"
    cast = "float" if read.node is not None and read.node.type == "float" else "int"
    default = "None" if plain in (None, "") else read.default
    return f"{cast}({read.present}) if {read.is_set} else {default}"


def _bool(read: _Read, place: Place) -> str:
    words = code_of(NO, read.reader.quote)
    if read.required:
        return f"{read.present}.lower() not in {words}"
    plain = read.literal
    if plain in (None, "") or plain is False:
        return f"{read.optional(code_of('', read.reader.quote))}.lower() not in {words}"
    if plain is True or isinstance(plain, str):
        text = read.default if isinstance(plain, str) else code_of("true", read.reader.quote)
        if read.after_or:
            return f"({read.bare} or {text}).lower() not in {words}"
        return f"{read.optional(text)}.lower() not in {words}"
    raise CannotFixError(f"the default of `{read.variable}` in {place.where} is no truth value")


def _list(read: _Read, place: Place) -> str:  # noqa: ARG001
    comma = code_of(",", read.reader.quote)

    def items(text: str) -> str:
        return f"[item.strip() for item in {text}.split({comma})]"

    if read.required:
        return items(read.present)
    plain = read.literal
    if isinstance(plain, str) and plain:
        return items(f"({read.bare} or {read.default})")
    default = "[]" if plain == "" else read.default or "None"
    return f"{items(read.present)} if {read.is_set} else {default}"


def _dict(read: _Read, place: Place) -> str:
    if read.required:
        return f"json.loads({read.present})"
    plain = read.literal
    if isinstance(plain, str) and plain:
        if cast_of(plain, "dict") is None:
            raise CannotFixError(f"the default of `{read.variable}` in {place.where} is no JSON")
        return f"json.loads({read.bare} or {read.default})"
    default = "{}" if plain in (None, "") else read.default
    return f"json.loads({read.present}) if {read.is_set} else {default}"


def _of_method(place: Place, read: Environment, cast: str) -> list[Edit]:
    """``env.int("X")`` for ``env("X")`` and ``env.str("X")``."""
    from celery_backend_lint.fixes.text_edits import replace

    call = place.node
    function = call.child_by_field_name("function") if call.type == "call" else None
    if function is None:
        raise CannotFixError(f"the read of `{read.variable}` in {place.where} is no call of a known reader")
    written = text_of(function)
    owner = written.removesuffix(".str").removesuffix(".get_value")
    extra = [key for key, _ in arguments_of(call) if key not in ("", "default", "var", "name", "missing")]
    given = [one for key, one in arguments_of(call) if not key]
    cast_given = (
        owner == written and len(given) > 1 and read.reader.startswith("environ") and "environs" not in read.reader
    )
    if extra or cast_given or (owner != written and "." in owner and not owner.isidentifier()):
        raise CannotFixError(f"the read of `{read.variable}` in {place.where} has a type already")
    edits = [replace(place.source, function.start_byte, function.end_byte, f"{owner}.{METHODS[cast]}")]
    default = next((one for key, one in arguments_of(call) if key in ("default", "missing")), None)
    default = default if default is not None else given[1] if len(given) > 1 else None
    return [*edits, *converted(place, default, read, cast)]


def _of_config(model: Model, place: Place, read: Environment, cast: str, reader: str) -> list[Edit]:
    """``config("X", cast=int)`` for ``config("X")``."""
    from celery_backend_lint.fixes.text_edits import replace

    call = place.node
    given = [(key, one) for key, one in arguments_of(call)] if call.type == "call" else []
    if (
        not given
        or any(key in ("cast", "*", "**") for key, _ in given)
        or sum(not key for key, _ in given) > 1 + (reader == "decouple")
    ):
        raise CannotFixError(f"the read of `{read.variable}` in {place.where} has a type already")
    default = next((one for key, one in given if key == "default"), None)
    if default is None and reader == "decouple" and len(given) > 1 and not given[1][0]:
        default = given[1][1]
    root = call
    while root.parent is not None:
        root = root.parent
    quote = quote_of(root)
    path, is_none = read.origin.path, default is not None and default.type == "none"
    edits: list[Edit] = []
    if cast == "dict":
        edits = add_import(model, path, "import json")
        code = "lambda text: json.loads(text) if text else {}" if is_none and reader == "decouple" else "json.loads"
    elif cast == "list":
        code = f"lambda text: [item.strip() for item in text.split({code_of(',', quote)})]"
        if is_none or (default is not None and default.type != "string"):
            raise CannotFixError(f"the default of `{read.variable}` in {place.where} is no text, as the cast needs it")
    elif cast == "int":
        code = "lambda text: int(text) if text else None" if is_none and reader == "decouple" else "int"
    else:
        code = "bool"
        if is_none and default is not None and reader == "decouple":
            edits.append(replace(place.source, default.start_byte, default.end_byte, "False"))
    last = given[-1][1]
    return [*edits, replace(place.source, last.end_byte, last.end_byte, f", cast={code}")]
