"""Paths of files: ``os.path`` and ``pathlib``, as text.

A `pathlib.Path` is an Instance of the External ``pathlib.Path`` whose one argument is its text. What depends on where
the project stands (``__file__``, the working directory) is Unknown(PLACE); text around it stays known.
"""

from __future__ import annotations

from celery_backend_lint.evaluate import computation, texts
from celery_backend_lint.evaluate.values import PLACE, External, Instance, Literal, Text, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

CLASSES = frozenset(
    {"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "path.Path", "unipath.Path"}
)
_HERE = frozenset({"pathlib.Path.cwd", "os.getcwd", "pathlib.Path.home", "os.getcwdb"})
_SAME_PLACE = frozenset(
    {"os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.path.expandvars"}
)
_RESOLVING = frozenset({"resolve", "absolute", "expanduser"})


def is_path(value: Value) -> bool:
    """Whether a value is an object of pathlib."""
    return isinstance(value, Instance) and isinstance(value.type, External) and value.type.name in CLASSES


def text_of_path(value: Value) -> Value:
    """The text of a path, or of text."""
    if isinstance(value, Instance) and is_path(value) and value.arguments:
        return value.arguments[0]
    return value


def stands_somewhere(value: Value) -> bool:
    """Whether a text depends on where the project stands."""
    if isinstance(value, Text):
        return any(stands_somewhere(part) for part in value.parts)
    return isinstance(value, Unknown) and value.why == PLACE


def _path(text: Value, origin: Location) -> Value:
    if isinstance(text, Unknown) and text.why != PLACE:
        return text
    return Instance(External("pathlib.Path", origin), (text,), (), origin)


def path_call(name: str, arguments: list[Value], origin: Location) -> Value | None:
    """What a function of ``os.path`` or a class of pathlib gives; None for what is not followed."""
    if name in _HERE:
        here = Unknown(PLACE, origin)
        return _path(here, origin) if name.startswith("pathlib") else here
    if name in CLASSES:
        return _path(_joined(arguments or [Literal(".", origin)], "path", origin), origin)
    if not name.startswith(("os.path.", "posixpath.")) or not arguments:
        return None
    method = name.rpartition(".")[2]
    if method == "join":
        return _joined(arguments, "os.path.join", origin)
    text = text_of_path(arguments[0])
    if stands_somewhere(text):
        if method in ("dirname", "abspath", "realpath", "normpath", "expanduser", "normcase"):
            return Unknown(PLACE, origin) if method == "dirname" else text
        return _last(text, method, origin) if method == "basename" else None
    if method == "expanduser" and isinstance(text, Literal) and str(text.value)[:1] != "~":
        return text
    if method in ("basename", "dirname", "splitext", "normpath") and len(arguments) == 1:
        return computation.operate(f"os.path.{method}", [text], origin)
    if "os.path." + method in _SAME_PLACE:
        return text if method in ("abspath", "realpath") and _is_absolute(text) else Unknown(PLACE, origin)
    return None


def _is_absolute(text: Value) -> bool:
    return (
        isinstance(text, Literal) and isinstance(text.value, str) and text.value[:1] == "/" and "/." not in text.value
    )


def _joined(parts: list[Value], operator: str, origin: Location) -> Value:
    """Paths joined; where one stands somewhere, the text after it is appended with a slash."""
    given = [text_of_path(part) for part in parts]
    for part in given:
        if isinstance(part, Unknown) and part.why != PLACE:
            return part
    if not any(stands_somewhere(part) for part in given):
        return computation.operate(operator, given, origin)
    found = given[0]
    for part in given[1:]:
        if isinstance(part, Literal) and str(part.value)[:1] == "/":
            found = part
        elif isinstance(part, Literal) and any(odd in f"/{part.value!s}" for odd in ("/.", "//")):
            return Unknown(PLACE, origin)
        elif isinstance(part, Literal) and part.value == "":
            continue
        elif isinstance(part, Literal):
            kept = str(part.value).rstrip("/") if operator == "path" else str(part.value)
            found = texts.text([found, Literal("/" + kept, part.origin)], origin)
        else:
            return Unknown(PLACE, origin)
    return found


def _last(text: Value, method: str, origin: Location) -> Value | None:
    """The last part of a path whose end is known."""
    end = text.parts[-1] if isinstance(text, Text) else None
    if not isinstance(end, Literal) or "/" not in str(end.value):
        return Unknown(PLACE, origin)
    return computation.operate("os.path.basename", [end], origin) if method == "basename" else None


def path_operator(operator: str, operands: list[Value], origin: Location) -> Value | None:
    """``path / part``; None for another operator."""
    if operator == "/" and len(operands) == 2:
        return _path(_joined(operands, "path", origin), origin)
    if operator in ("==", "!="):
        return (
            computation.operate(operator, [text_of_path(one) for one in operands], origin)
            if all(is_path(one) for one in operands)
            else None
        )
    return None


def path_attribute(owner: Instance, name: str, origin: Location) -> Value | None:
    """``path.parent``, ``.name``, ``.stem``, ``.suffix``; None for another attribute."""
    text = owner.arguments[0]
    if name == "parent":
        return _path(
            Unknown(PLACE, origin) if stands_somewhere(text) else computation.operate("path.parent", [text], origin),
            origin,
        )
    if name in ("name", "stem", "suffix"):
        if stands_somewhere(text):
            found = _last(text, "basename", origin)
            if found is None or isinstance(found, Unknown):
                return Unknown(PLACE, origin)
            text = found
        return computation.operate(f"path.{name}", [text], origin)
    if name == "parents":
        return Unknown(PLACE, origin) if stands_somewhere(text) else None
    return None


def path_method(owner: Instance, name: str, arguments: list[Value], origin: Location) -> Value | None:
    """``path.resolve()``, ``.joinpath(…)``, ``.as_posix()`` …; None for another method."""
    text = owner.arguments[0]
    if name in ("as_posix", "__str__", "__fspath__"):
        return text
    if name == "joinpath":
        return _path(_joined([text, *arguments], "path", origin), origin)
    if name in _RESOLVING:
        if name == "expanduser" and isinstance(text, Literal) and str(text.value)[:1] != "~":
            return owner
        return owner if stands_somewhere(text) else _path(Unknown(PLACE, origin), origin)
    if name == "as_uri" and stands_somewhere(text):
        return texts.text([Literal("file://", origin), text], origin)
    if name in ("with_suffix", "with_name", "with_stem") and arguments:
        if stands_somewhere(text):
            return _path(Unknown(PLACE, origin), origin)
        return _path(computation.operate(f"path.{name}", [text, arguments[0]], origin), origin)
    if name == "is_absolute" and isinstance(text, Literal):
        return Literal(str(text.value)[:1] == "/", origin)
    return None
