"""Names that a module is given through its own namespace: ``globals().update(…)``, functions given ``globals()``.

Of those functions two kinds are followed: those that only set items of it (`filled_namespaces`), and the method of a
class that copies the attributes of an instance into the module (``Settings.load_settings(__name__)``).
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import combine, with_fallback
from celery_backend_lint.evaluate.filled_namespaces import filled
from celery_backend_lint.evaluate.values import (
    Alternative,
    Class,
    External,
    Instance,
    Literal,
    Mapping,
    Method,
    Missing,
    Unknown,
)
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

OWN = frozenset({"globals()", "locals()", "vars()"})
HARMLESS = frozenset(
    {"print", "pprint", "pprint.pprint", "django_heroku.settings", "logging.getLogger", "include", "setup_logging",
     "__import__", "logger.debug"}
)  # fmt: skip
"""Functions that may be given the namespace and set nothing of Celery's in it."""


def kind_of(call: Node) -> str:
    """``"update"`` of ``globals().update(…)``, ``"handed"`` of a call that is given the namespace, "" of another."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    if function.type == "attribute":
        owner, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if owner is not None and name is not None and text_of(owner) in OWN:
            return "update" if text_of(name) == "update" else ""
    text = call.text or b""
    if b"globals()" not in text and b"locals()" not in text and b"vars()" not in text and b"__name__" not in text:
        return ""
    if text_of(function) in HARMLESS or text_of(function).rpartition(".")[2] == "include":
        return ""
    given = [text_of(argument) for name, argument in arguments_of(call) if not name.startswith("*")]
    return "handed" if any(one in OWN or one in ("__name__", "sys.modules[__name__]") for one in given) else ""


_COPIES = (
    r"(?P<self>\w+) = (?P<cls>\w+)\(\) "
    r"(?P<module>\w+) = sys\.modules\[(?P<name>\w+)\] "
    r"for (?P<one>\w+)(?:, (?P<value>\w+) in inspect\.getmembers\((?P=self)\)| in dir\((?P=self)\)): "
    r"if (?:(?P=one)\.isupper\(\)|(?P=one) == (?P=one)\.upper\(\))"
    r"(?P<plain> and not (?P=one)\.startswith\([\"']_[\"']\))?: "
    r"(?:if isinstance\((?P<held>\w+), property\): (?P=held) = (?P=held)\.fget\((?P=self)\) )?"
    r"setattr\((?P=module), (?P=one), (?:(?P<given>\w+)|getattr\((?P=self), (?P=one)\))\)"
)
"""The body of a class method that copies what an instance has in capitals into a module."""

_OWN_WAYS = frozenset(
    {"__init__", "__new__", "__getattr__", "__getattribute__", "__dir__", "__slots__", "__init_subclass__"}
)
"""With one of these a class may have other attributes than its body says."""


def _copied(ev: Evaluator, scope: Scope, star: Binding) -> tuple[Instance, frozenset[str]] | None:
    """The instance whose attributes a call copies into the module, and their names; None for any other call."""
    known = scope.given.get(star.at, 0)
    if known == 0:
        scope.given[star.at] = None  # as in `_mapping`
        known = scope.given[star.at] = _read_copied(ev, scope, star)
    found: tuple[Instance, frozenset[str]] | None = known
    return found


def _read_copied(ev: Evaluator, scope: Scope, star: Binding) -> tuple[Instance, frozenset[str]] | None:
    from celery_backend_lint.evaluate.functions import parameter_names
    from celery_backend_lint.evaluate.objects import classes

    function = star.node.child_by_field_name("function") if star.node.type == "call" else None
    if function is None or function.type != "attribute" or _texts(star.node) != ["__name__"]:
        return None
    if scope.entry is not None:  # another module runs this file as its own
        return None
    method = ev.value(function, scope)
    if not isinstance(method, Method) or not isinstance(method.bound, Class):
        return None
    cls, definition = method.bound, method.function
    body = definition.node.child_by_field_name("body")
    names = [name for name, _, _ in parameter_names(definition.node)]
    if body is None or [text_of(one) for one in classes.decorators(definition)] != ["classmethod"] or len(names) != 2:
        return None
    fits = re.fullmatch(_COPIES, _plain_text(body))
    if fits is None or [fits["cls"], fits["name"]] != names or fits["given"] != fits["value"]:
        return None
    if fits["held"] not in (None, fits["value"]):
        return None
    module = definition.scope.module
    for name in ("sys", "inspect") if fits["value"] else ("sys",):
        held = ev.read(module, name, None)
        if not isinstance(held, External) or held.name != name:
            return None
    if not {"dir", "getattr", "setattr", "isinstance", "property"}.isdisjoint(module.bindings):
        return None
    found: set[str] = set()
    for base in classes.lineage(ev, cls):
        if isinstance(base, External) and base.name == "builtins.object":
            continue
        if not isinstance(base, Class):
            return None
        own = ev.scope_of(base)
        if own.stars or own.blurs or not _OWN_WAYS.isdisjoint(own.bindings):
            return None
        if classes.class_decorators(base) or classes.keyword_of_class(base, "metaclass") is not None:
            return None
        hidden = "_" if fits["plain"] else "__"  # a class gives names that begin with two another name
        found.update(name for name in own.bindings if name.isupper() and not name.startswith(hidden))
    return Instance(cls, (), (), ev.location(star.node, scope)), frozenset(found)


def _texts(call: Node) -> list[str]:
    return [name or text_of(argument) for name, argument in arguments_of(call)]


def _plain_text(body: Node) -> str:
    """The text of a body without comments and docstring, each space one."""
    parts: list[str] = []

    def add(node: Node) -> None:
        if node.type == "comment":
            return
        if node.type == "expression_statement" and node.named_children[0].type == "string":
            return
        if node.type in ("block", "for_statement", "if_statement"):
            for child in node.children:
                add(child)
            return
        text = " ".join(text_of(node).split())
        if text == ":" and parts:
            parts[-1] += text
        else:
            parts.append(text)

    add(body)
    return " ".join(parts)


def provides(ev: Evaluator, scope: Scope, star: Binding, name: str, *, assigned: bool) -> bool:
    """Whether the statement may bind ``name``."""
    if star.kind == "handed" and _mapping(ev, scope, star) is None:
        copied = _copied(ev, scope, star)
        return name in copied[1] if copied is not None else name.isupper() or assigned
    return name in names_set(ev, scope, star) or (bool(why_unknown(ev, scope, star)) and (name.isupper() or assigned))


def names_set(ev: Evaluator, scope: Scope, star: Binding) -> frozenset[str]:
    """The names that ``globals().update(…)``, what sets items, or the copying of an instance's attributes names."""
    found = _mapping(ev, scope, star)
    if found is None:
        copied = _copied(ev, scope, star) if star.kind == "handed" else None
        return copied[1] if copied is not None else frozenset()
    return frozenset(str(entry.key.value) for entry in found.entries if isinstance(entry.key, Literal))


def why_unknown(ev: Evaluator, scope: Scope, star: Binding) -> str:
    """Why the statement may set names that are not in sight; "" where all are."""
    found = _mapping(ev, scope, star)
    if star.kind == "handed" and found is None:
        if star.node.type == "subscript":
            return "a name is set that is put together"
        if _copied(ev, scope, star) is not None:
            return ""
        includes = star.node.type == "function_definition"
        return "a function includes files" if includes else "a function is given the module's names"
    if found is None or not found.complete or any(not isinstance(entry.key, Literal) for entry in found.entries):
        return "the module's names are updated with what is not known"
    return ""


def after(ev: Evaluator, star: Binding, value: Value | None, scope: Scope) -> Value | None:
    """What the name that ``star`` is a binding of holds after the statement; ``value`` is what it held."""
    origin = ev.location(star.target, scope)
    found = _mapping(ev, scope, star)
    copied = _copied(ev, scope, star) if star.kind == "handed" and found is None else None
    if copied is not None:
        from celery_backend_lint.evaluate.objects.classes import instance_attribute

        return with_fallback(instance_attribute(ev, copied[0], star.name, origin), value)
    why = why_unknown(ev, scope, star)
    for entry in reversed(found.entries if found is not None else ()):
        if isinstance(entry.key, Literal) and entry.key.value == star.name:
            return with_fallback(entry.value, value)
        if not isinstance(entry.key, Literal):
            break
    doubt = Unknown(why, origin)
    return combine([Alternative(doubt, doubt), Alternative(Missing(origin) if value is None else value, None)], origin)


def _mapping(ev: Evaluator, scope: Scope, star: Binding) -> Mapping | None:
    """What the namespace is updated with; None where that cannot be read."""
    known = scope.updated.get(star.at, 0)
    if known == 0:
        scope.updated[star.at] = None  # what refers back to it while it is read finds nothing
        known = scope.updated[star.at] = (
            _read(ev, scope, star) if star.kind == "update" else filled(ev, star.node, scope, OWN)
        )
    found: Mapping | None = known
    return found


def _read(ev: Evaluator, scope: Scope, star: Binding) -> Mapping | None:
    from celery_backend_lint.evaluate.calls import read_arguments

    arguments = list(arguments_of(star.node))
    if len(arguments) == 1 and not arguments[0][0]:
        own = _attributes_of(ev, arguments[0][1], scope)
        if own is not None:
            return own
    values, keywords = read_arguments(ev, star.node, scope)
    if not values:
        return Mapping(tuple(keywords), ev.location(star.node, scope))
    first = values[0]
    if len(values) > 1 or not isinstance(first, Mapping):
        return None
    return Mapping((*first.entries, *keywords), first.origin, first.complete)


def _attributes_of(ev: Evaluator, node: Node, scope: Scope) -> Mapping | None:
    """``vars(Config)`` and ``Config.__dict__``: what the class itself sets; None of anything else."""
    owner: Node | None = None
    if node.type == "attribute" and text_of(node).endswith(".__dict__"):
        owner = node.child_by_field_name("object")
    elif node.type == "call" and text_of(node).startswith("vars("):
        owner = next((argument for _, argument in arguments_of(node)), None)
    cls = ev.value(owner, scope) if owner is not None else None
    if not isinstance(cls, Class):
        return None
    from celery_backend_lint.evaluate.values import Entry

    body = ev.scope_of(cls)
    entries = []
    for name in body.bindings:
        value = ev.read(body, name, None)
        if value is not None and not isinstance(value, Missing):
            entries.append(Entry(Literal(name, value.origin), value, value.origin))
    return Mapping(tuple(entries), cls.origin)
