"""Flask's ``app.config``: what the project puts into it.

Read in flask.config (3.1): ``from_object`` takes upper-case names only, ``from_mapping``, ``update`` and items any.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import access, stars
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Entry,
    External,
    Instance,
    Literal,
    Mapping,
    Module,
    Unknown,
)
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

FLASK = frozenset({"flask.Flask", "flask.app.Flask", "quart.Quart", "apiflask.APIFlask"})
_TOUCHED = re.compile(rb"\.\s*(config)\s*(?:\[|\.\s*(?:from_object|from_mapping|update|from_\w+|setdefault)\s*\()")


def is_flask(value: Value) -> bool:
    """Whether a value is an app of Flask or of one that descends from it."""
    return isinstance(value, Instance) and isinstance(value.type, External) and value.type.name in FLASK


def config_of(ev: Evaluator, app: Instance, origin: Location) -> Mapping:
    """The configuration of a Flask app: everything that the project puts into it, in order of files and lines."""
    key = app.origin
    known = ev.flask_configs.get(key)
    if known is None:
        ev.flask_configs[key] = Mapping((), origin, complete=False)  # while it is read, for what refers to itself
        known = _Reader(ev, app).read(origin)
        ev.flask_configs[key] = known
    return known


class _Reader:
    """Collects the entries of one app's configuration."""

    def __init__(self, ev: Evaluator, app: Instance) -> None:
        self.ev = ev
        self.app = app
        self.entries: list[Entry] = []
        self.complete = True

    def read(self, origin: Location) -> Mapping:
        """Follow every touch of ``app.config``: first in the file that makes the app, then elsewhere."""
        own = self.app.origin.path
        paths = self.ev.modules.project.python_files_mentioning((b".config",))
        for path in sorted(paths, key=lambda one: (one != own, one)):
            file = self.ev.modules.file(path)
            if file is None:
                continue
            for match in _TOUCHED.finditer(file.source.utf8):
                node = file.scope.node.descendant_for_byte_range(*match.span(1))
                attribute = node.parent if node is not None else None
                owner = attribute.child_by_field_name("object") if attribute is not None else None
                if attribute is None or owner is None or attribute.type != "attribute":
                    continue
                scope = self.ev.scope_at(attribute, file.scope)
                if self._is_this_app(self.ev.value(owner, scope)):
                    self._touch(attribute, scope)
        return Mapping(tuple(self.entries), origin, self.complete)

    def _is_this_app(self, value: Value) -> bool:
        if isinstance(value, Choice):
            return any(self._is_this_app(one.value) for one in value.alternatives)
        return is_flask(value) and value.origin == self.app.origin

    def _touch(self, attribute: Node, scope: Scope) -> None:
        from celery_backend_lint.evaluate.calls import read_arguments, spread

        parent = attribute.parent
        outer = parent.parent if parent is not None else None
        if parent is None or outer is None:
            return
        conditional = any(branch.kind != "try" for branch, _ in scope.path_at(attribute.start_byte))
        if parent.type == "subscript":
            if outer.type == "assignment" and outer.child_by_field_name("left") == parent:
                keys = parent.children_by_field_name("subscript")
                right = outer.child_by_field_name("right")
                if len(keys) == 1 and right is not None:
                    place = self.ev.location(keys[0], scope)
                    entry = Entry(self.ev.value(keys[0], scope), self.ev.value(right, scope), place)
                    self._add([entry], conditional=conditional)
            elif outer.type in ("subscript", "augmented_assignment", "delete_statement"):
                self.complete = False  # what is written deeper, or taken away, is not followed
            return
        name = text_of(parent).rpartition(".")[2].strip()
        if outer.type != "call" or outer.child_by_field_name("function") != parent:
            return
        arguments, keywords = read_arguments(self.ev, outer, scope)
        origin = self.ev.location(outer, scope)
        if name in ("from_mapping", "update"):
            entries = [entry for one in arguments[:1] for entry in spread(one, origin)]
            self._add([*entries, *keywords], conditional=conditional)
        elif name == "from_object" and arguments:
            self._add(self._of_object(arguments[0], origin), conditional=conditional)
        else:
            self.complete = False

    def _add(self, entries: list[Entry], *, conditional: bool) -> None:
        for entry in entries:
            if not isinstance(entry.key, Literal):
                self.complete = False
            elif conditional:
                doubt = Unknown("it is put into app.config under a condition", entry.origin)
                self.entries.append(Entry(entry.key, doubt, entry.origin))
            else:
                self.entries.append(entry)

    def _of_object(self, value: Value, origin: Location) -> list[Entry]:
        """The upper-case attributes of what ``from_object`` is given: a dotted name, a module, a class, an instance."""
        if isinstance(value, Literal) and isinstance(value.value, str):
            value = self._imported(value.value.replace(":", "."), origin)
        names: set[str] = set()
        if isinstance(value, Module) and value.scope is not None:
            names = set(value.scope.bindings)
            for star in value.scope.stars:
                target = stars.star_target(self.ev, value.scope, star)
                if target is None:
                    self.complete = False
                else:
                    names |= set(target.bindings)
        elif isinstance(value, (Class, Instance)):
            cls = value if isinstance(value, Class) else value.type
            if isinstance(cls, Class):
                names = self._names_of(cls)
        if not names:
            self.complete = False
        found = []
        for name in sorted(names):
            if name.isupper():
                place = self._place_of(value, name) or origin
                found.append(Entry(Literal(name, place), access.attribute(self.ev, value, name, origin), place))
        return found

    def _place_of(self, value: Value, name: str) -> Location | None:
        """Where a module, a class or one of its bases binds a name."""
        from celery_backend_lint.evaluate.classes import lineage

        if isinstance(value, Module):
            scopes = [value.scope] if value.scope is not None else []
            scopes += [
                target for one in scopes for star in one.stars if (target := stars.star_target(self.ev, one, star))
            ]
        else:
            cls = value.type if isinstance(value, Instance) else value
            bases = lineage(self.ev, cls) if isinstance(cls, Class) else []
            scopes = [self.ev.scope_of(base) for base in bases if isinstance(base, Class)]
        for scope in scopes:
            if name in scope.bindings:
                return self.ev.location(scope.bindings[name][-1].target, scope)
        return None

    def _names_of(self, cls: Class) -> set[str]:
        from celery_backend_lint.evaluate.classes import lineage

        names: set[str] = set()
        for base in lineage(self.ev, cls):
            if isinstance(base, Class):
                names |= set(self.ev.scope_of(base).bindings)
            elif isinstance(base, Unknown):
                self.complete = False
        return names

    def _imported(self, dotted: str, origin: Location) -> Value:
        """``werkzeug.utils.import_string``: a module, or an attribute of one."""
        path = self.ev.modules.find(dotted, origin.path)
        if path is not None:
            return self.ev.module(path, dotted, origin)
        module, _, name = dotted.rpartition(".")
        path = self.ev.modules.find(module, origin.path) if module else None
        if path is None:
            return Unknown(f"{dotted} is not in the tree", origin)
        return access.attribute(self.ev, self.ev.module(path, module, origin), name, origin)
