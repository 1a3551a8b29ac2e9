"""The default app of a project that makes none and configures ``current_app`` instead.

Where no app was made, ``celery.current_app`` makes one the first time that something is asked of it: called
``default``, with the default loader (celery._state.get_current_app, 5.3 to 5.7). Libraries look at it, and even change
it, for whoever makes an app; so it counts only where it is given what an app cannot do without.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.library_calls import CURRENT_OBJECT
from celery_backend_lint.evaluate.values import Class, Entry, External, Function, Literal, Module
from celery_backend_lint.model.apps.creations import Creation
from celery_backend_lint.model.apps.owners import is_current_app
from celery_backend_lint.model.apps.places import definition_around
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.syntax.python import Node

_CONFIGURED = re.compile(
    rb"\.\s*(?:(config_from_object|config_from_envvar)\s*\(|conf\s*\.\s*(update)\s*\("
    rb"|conf\s*(?:\.\s*|\[\s*[\"'])(?:\w*_)?(broker_url|result_backend)\b[\"'\]\s]*=(?!=))",
    re.IGNORECASE,
)
_ESSENTIAL = re.compile(r"(?i)(?:broker_url|result_backend)[\"']?\s*[=:]")
_OTHERS = re.compile(rb"\bCelery(?:App)?\s*(\()")
"""Calls that make an app, or what another library calls so."""


def default_app(ev: Evaluator, files: Iterable[ModuleFile]) -> Creation | None:
    """The place in one of the files that makes the default app by configuring it; None where nothing does.

    That is where ``current_app`` is first used in the function that names a configuration object, else a broker or a
    result backend. ``files`` are those that may speak of Celery; of an app that another library makes nothing is known.
    """
    ours = [file for file in files if not is_test_path(file.path)]
    if any(b"FlaskCeleryExt" in text and b"create_celery_app" not in text for text in (f.source.utf8 for f in ours)):
        return None  # it configures the default app itself (celeryext_apps)
    found: list[tuple[bool, ModuleFile, Node]] = []
    for file in ours:
        text = file.source.utf8
        if b"current_app" in text:
            for match in _CONFIGURED.finditer(text):
                owner = _configured(ev, file, match)
                if owner is not None:
                    found.append((match[1] is None, file, owner))
    if not found or any(_is_made_elsewhere(ev, file) for file in ours):
        return None
    _, file, owner = min(found, key=lambda one: (one[0], one[1].path, one[2].start_byte))
    file, owner = _asked(ev, file, owner) or (file, _first_use(file, owner))
    scope = ev.scope_at(owner, file.scope)
    where = ev.location(owner, scope)
    keywords = (("main", "default"), ("loader", "default"), ("set_as_current", False))
    entries = tuple(Entry(Literal(key, where), Literal(value, where), where) for key, value in keywords)
    return Creation(where, External("celery.Celery", where), owner, scope, file, (), entries)


def _asked(ev: Evaluator, file: ModuleFile, owner: Node) -> tuple[ModuleFile, Node] | None:
    """Where the current app was asked for its object, which makes it, if that is what an expression holds."""
    value = ev.value(owner, ev.scope_at(owner, file.scope))
    asked = ev.modules.file(value.origin.path) if isinstance(value, External) and value.name == CURRENT_OBJECT else None
    call = node_at(ev, value.origin) if asked is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if asked is None or function is None:
        return None
    return asked, function.child_by_field_name("object") or function


def _first_use(file: ModuleFile, owner: Node) -> Node:
    """The first place in the same function that uses something by the same text, which makes the app."""
    around, text = definition_around(owner), owner.text or b""
    body = around if around is not None else file.scope.node
    for match in re.finditer(rb"(?<![\w.])" + re.escape(text) + rb"\s*\.", body.text or b""):
        start = body.start_byte + match.start()
        node = body.descendant_for_byte_range(start, start + len(text))
        if node is not None and node.text == text and definition_around(node) == around:
            return node
    return owner


def _configured(ev: Evaluator, file: ModuleFile, match: re.Match[bytes]) -> Node | None:
    """What a place configures, where that is the current app and it gets what an app needs."""
    start, end = match.span(match.lastindex or 0)
    node = file.scope.node.descendant_for_byte_range(start, end)
    attribute = node.parent if node is not None else None
    if node is None or attribute is None or node.type not in ("identifier", "string_content"):
        return None
    if match[1] is None:  # up from the setting, or from ``update``, to ``conf``
        if match[2] is not None and not _gives_essentials(attribute.parent):
            return None
        holder: Node | None = attribute
        while holder is not None and holder.type not in ("attribute", "subscript"):
            holder = holder.parent
        inner = "object" if holder is not None and holder.type == "attribute" else "value"
        attribute = holder.child_by_field_name(inner) if holder is not None else None
    owner = attribute.child_by_field_name("object") if attribute is not None else None
    return owner if owner is not None and is_current_app(ev, owner, ev.scope_at(owner, file.scope)) else None


def _gives_essentials(call: Node | None) -> bool:
    """Whether ``conf.update(…)`` gives a broker or a result backend, or what may hold them."""
    for name, node in arguments_of(call) if call is not None else ():
        if name in ("", "*", "**") and node.type not in ("dictionary", "call"):
            return True
        if _ESSENTIAL.search(f"{name}={text_of(node)}" if name not in ("", "*", "**") else text_of(node)) is not None:
            return True
    return False


def _is_made_elsewhere(ev: Evaluator, file: ModuleFile) -> bool:
    """Whether a file calls what may make an app that is not seen to be one: another library's ``Celery``."""
    for match in _OTHERS.finditer(file.source.utf8):
        arguments = file.scope.node.descendant_for_byte_range(*match.span(1))
        call = arguments.parent.parent if arguments is not None and arguments.parent is not None else None
        function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
        if function is not None:
            value = ev.ask(function, ev.scope_at(function, file.scope))
            if not isinstance(value, (Class, Function, Module)):
                return True
    return False
