"""What each step of a Flask configuration's timeline puts into it (flask.config, 1.1 to 3.1)."""

from __future__ import annotations

import posixpath

from celery_backend_lint.evaluate.alternatives import (
    MOST_OUTCOMES,
    combine,
    distribute,
    filled,
    may_be_missing,
    would_fail,
)
from celery_backend_lint.evaluate.dynamic_names import import_string
from celery_backend_lint.evaluate.flask.held import Held
from celery_backend_lint.evaluate.flask.objects import entries_of
from celery_backend_lint.evaluate.flask.outcomes import (
    as_text,
    both,
    changed_by,
    flattened,
    is_key,
    last_right,
    pairs,
    single,
    with_entry,
    word,
)
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Entry,
    Environment,
    Instance,
    Literal,
    Mapping,
    Missing,
    Module,
    Operation,
    Text,
    Unknown,
)
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.flask.steps import Step
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Change, Value
    from celery_backend_lint.syntax.python import Node

_MOST_NESTED = 4


def _is_none(value: Value) -> bool:
    return isinstance(value, Literal) and value.value is None


def apply(ev: Evaluator, app: Instance, steps: list[tuple[Step, Value | None]], only: str | None) -> Mapping:
    """What a configuration holds after some steps, each under its condition (None: always).

    With ``only`` the other keys are left out.
    """
    held = Held(app, only)
    for step, condition in steps:
        _Change(ev, held, step, condition).apply()
    return held.value()


class _Change:
    """One step that is applied."""

    def __init__(self, ev: Evaluator, held: Held, step: Step, condition: Value | None) -> None:
        self.ev = ev
        self.held = held
        self.step = step
        self.scope: Scope = step.scope
        self.condition = condition
        self.origin = self.ev.location(step.node, step.scope)

    def apply(self) -> None:
        kind = self.step.kind
        if kind == "call":
            self.call()
        elif kind == "set":
            right = last_right(self.step.node)
            value = self.ev.value(right, self.scope) if right is not None else Unknown("no value", self.origin)
            self.under(list(self.step.keys), lambda before: value)  # noqa: ARG005
        elif kind == "attribute":
            self.attribute()
        elif kind == "delete":
            self.under(list(self.step.keys), lambda before: Missing(self.origin))  # noqa: ARG005
        elif kind == "augment" and not self.step.keys:
            right = self.step.node.child_by_field_name("right")
            value = self.ev.value(right, self.scope) if right is not None else Unknown("no value", self.origin)
            self.update([value], [], upper=False)
        elif kind == "augment":
            self.under(list(self.step.keys), lambda before: Unknown("it is changed in place", self.origin))  # noqa: ARG005
        else:
            self.held.blur(Unknown("app.config is replaced", self.origin), self.condition)

    # Keys

    def under(self, keys: list[Node], change: Callable[[Value | None], Value]) -> None:
        """Set what is under a chain of keys."""
        key = self.ev.value(keys[0], self.scope)
        place = self.ev.location(keys[0], self.scope)
        if isinstance(key, Literal) and isinstance(key.value, str):
            if self.held.only not in (None, key.value):
                return
            before = self.held.entries.get(key.value)
            old = before.value if before is not None else None
            if len(keys) == 1 and self.step.kind == "delete":
                self.held.remove(key.value, self.condition, self.origin)
            elif len(keys) == 1:
                self.held.put(Entry(key, change(old), place), self.condition)
            else:
                inner = self.nested(old, keys[1:], change)
                origin = before.origin if before is not None else place
                self.held.put(Entry(key, inner, origin), None)
        else:
            why = key.why if isinstance(key, Unknown) else "a key that is not known"
            self.held.blur(Unknown(why, place), self.condition)

    def nested(self, owner: Value | None, keys: list[Node], change: Callable[[Value | None], Value]) -> Value:
        """The dict ``owner`` after what is under a chain of its keys is set."""
        if isinstance(owner, Choice):
            return distribute(owner, owner.origin, lambda one: self.nested(one, keys, change))
        if not isinstance(owner, Mapping) or len(keys) > _MOST_NESTED:
            return Unknown("a dict in app.config that is changed", self.origin)
        key = self.ev.value(keys[0], self.scope)
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            return Unknown("a dict in app.config that is changed", self.origin)
        before = owner.get(key.value)
        if len(keys) > 1:
            return with_entry(owner, Entry(key, self.nested(before, keys[1:], change), key.origin))
        value = change(before)
        if self.condition is not None:
            shown: Value = before if before is not None else Missing(self.origin)
            value = combine([Alternative(value, self.condition), Alternative(shown, None)], self.origin)
        return with_entry(owner, Entry(key, value, self.ev.location(keys[0], self.scope)), self.change())

    def change(self) -> Change:
        """What names the statement in the objects that it changes (``evaluate.changed_elsewhere``)."""
        left = self.step.node.child_by_field_name("left")
        return (self.scope.file.path, (left or self.step.node).end_byte)

    def attribute(self) -> None:
        """``app.testing = True``: an attribute that stands for an entry."""
        left, right = self.step.node.child_by_field_name("left"), last_right(self.step.node)
        name = left.child_by_field_name("attribute") if left is not None else None
        if name is None or right is None:
            return
        key = Literal(text_of(name).upper(), self.ev.location(name, self.scope))
        self.held.put(Entry(key, self.ev.value(right, self.scope), key.origin), self.condition)

    # Methods

    def call(self) -> None:
        from celery_backend_lint.evaluate.calls import read_arguments
        from celery_backend_lint.evaluate.flask.config import snapshot

        function = self.step.node.child_by_field_name("function")
        name_node = function.child_by_field_name("attribute") if function is not None else None
        method = text_of(name_node) if name_node is not None else ""
        arguments, keywords = read_arguments(self.ev, self.step.node, self.scope)
        arguments = [snapshot(self.ev, one, self.origin) for one in arguments]
        if self.step.keys:
            self.nested_call(method, arguments, keywords)
        elif method in ("update", "from_mapping"):
            self.update(arguments, keywords, upper=method == "from_mapping")
        elif method == "from_object":
            given = arguments or [entry.value for entry in keywords]
            self.from_object(given[0] if given else Unknown("an object that is not given", self.origin), self.condition)
        elif method == "setdefault" and arguments:
            self.setdefault(arguments)
        elif method == "from_pyfile":
            self.from_pyfile(arguments, keywords)
        elif method == "from_envvar":
            self.from_envvar(arguments, keywords)
        elif method == "from_prefixed_env":
            self.from_prefixed_env(arguments, keywords)
        elif method == "pop" and arguments and isinstance(arguments[0], Literal):
            self.held.remove(str(arguments[0].value), self.condition, self.origin)
        elif method == "clear" and self.condition is None:
            self.held.entries.clear()
            self.held.open, self.held.always_open = [], False
        elif method == "__setitem__" and len(arguments) == 2:
            self.held.put(Entry(arguments[0], arguments[1], self.origin), self.condition)
        else:
            words = {"from_file": "a file of data", "from_json": "a file of data"}
            why = words.get(method, f"what app.config.{method}() leaves")
            self.held.blur(Unknown(why, self.origin), self.condition)

    def nested_call(self, method: str, arguments: list[Value], keywords: list[Entry]) -> None:
        """``app.config["CELERY"].update(…)``."""
        keys = list(self.step.keys)

        def updated(before: Value | None) -> Value:
            extra = pairs(arguments, keywords, self.origin)
            literal = all(isinstance(e.key, Literal) and isinstance(e.key.value, str) for e in extra)
            if method == "update" and isinstance(before, Mapping) and literal:
                for entry in extra:
                    before = with_entry(before, entry)
                return changed_by(before, (self.scope.file.path, self.step.node.end_byte))
            return Unknown("it is changed in place", self.origin)

        self.under(keys, updated)

    def update(self, arguments: list[Value], keywords: list[Entry], *, upper: bool) -> None:
        first = arguments[0] if arguments else None
        if isinstance(first, Choice):
            self.of_choice(first, lambda one: [*pairs([one], [], self.origin), *keywords], upper=upper)
            return
        self.put_all(pairs(arguments, keywords, self.origin), self.condition, upper=upper)

    def put_all(self, entries: list[Entry], condition: Value | None, *, upper: bool) -> None:
        for entry in entries:
            key = entry.key.value if isinstance(entry.key, Literal) else None
            if not upper or not isinstance(key, str) or key.isupper():
                self.held.put(entry, condition)

    def of_choice(self, choice: Choice, read: Callable[[Value], list[Entry]], *, upper: bool) -> None:
        """Put the entries of each outcome: every key has every outcome, and shows what was before in the others."""
        alternatives_of = [one for one in choice.alternatives if not would_fail(one.value)]
        if len(alternatives_of) > MOST_OUTCOMES or not alternatives_of:
            self.held.blur(Unknown("too many alternatives", self.origin), self.condition)
            return
        seen: list[tuple[Value, list[Entry]]] = []
        outcomes = []
        for one in alternatives_of:  # the same class may be there under several conditions
            known = next((entries for value, entries in seen if value == one.value), None)
            if known is None:
                known = read(one.value)
                seen.append((one.value, known))
            outcomes.append((known, one.condition))
        names: dict[str, Entry] = {}
        for entries, _ in outcomes:
            for entry in entries:
                name = entry.key.value if isinstance(entry.key, Literal) else None
                if isinstance(name, str) and (not upper or name.isupper()):
                    names.setdefault(name, entry)
        for name, shown in names.items():
            alternatives = []
            for entries, condition in outcomes:
                found = next((e.value for e in reversed(entries) if is_key(e, name)), None)
                alternatives.append(Alternative(Missing(self.origin) if found is None else found, condition))
            self.held.put(Entry(shown.key, combine(alternatives, self.origin), shown.origin), self.condition)
        for number, (entries, condition) in enumerate(outcomes):
            doubt = next((e for e in entries if not isinstance(e.key, Literal)), None)
            if doubt is not None:
                earlier = [Operation("not", (one,), self.origin) for _, one in outcomes[:number] if one is not None]
                why = doubt.key.why if isinstance(doubt.key, Unknown) else "a key that is not known"
                more = doubt.value if isinstance(doubt.value, (Operation, Environment)) else None
                when = [one for one in (*earlier, condition, self.condition, more) if one is not None]
                whole = Operation("and", tuple(when), self.origin) if len(when) > 1 else None
                self.held.blur(Unknown(why, self.origin), whole or (when[0] if when else None))

    def setdefault(self, arguments: list[Value]) -> None:
        key = arguments[0]
        value = arguments[1] if len(arguments) > 1 else Literal(None, self.origin)
        name = key.value if isinstance(key, Literal) else None
        if not isinstance(name, str):
            self.held.put(Entry(key, value, self.origin), self.condition)
            return
        before = self.held.entries.get(name)
        old = before.value if before is not None else self.held.absent(self.origin)
        if isinstance(old, Unknown) or not may_be_missing(old):
            if before is None:
                self.held.put(Entry(key, old, self.origin), self.condition)
            return
        self.held.put(Entry(key, filled(old, value), key.origin), self.condition)

    # Objects and files

    def from_object(self, value: Value, condition: Value | None) -> None:
        if _is_none(value):
            return  # ``dir(None)`` has no name in capitals
        if isinstance(value, Choice) and any(_is_none(one.value) for one in value.alternatives):
            value = distribute(value, value.origin, self.named)
        if isinstance(value, (Literal, Environment)) or not isinstance(
            value, (Module, Class, Instance, Unknown, Choice)
        ):
            value = import_string(self.ev, value, self.origin)
        if isinstance(value, Choice):
            if any(
                isinstance(one.value, (Literal, Environment)) and not _is_none(one.value) for one in value.alternatives
            ):
                value = import_string(self.ev, value, self.origin)
            flat = flattened(value) if isinstance(value, Choice) else value
            if isinstance(flat, Choice):
                self.of_choice(flat, self.entries_of, upper=True)
                return
            value = flat
        self.put_all(self.entries_of(value), condition, upper=True)

    def named(self, value: Value) -> Value:
        """The object of one outcome, imported where it is a name."""
        is_name = isinstance(value, (Literal, Environment, Text, Operation)) and not _is_none(value)
        return import_string(self.ev, value, self.origin) if is_name else value

    def entries_of(self, value: Value) -> list[Entry]:
        """What ``from_object`` takes from an object."""
        return entries_of(self.ev, value, self.held.only, self.origin)

    def from_pyfile(self, arguments: list[Value], keywords: list[Entry]) -> None:
        """A Python file, relative to the app's folder, run as a module of its own."""
        given = {str(e.key.value): e.value for e in keywords if isinstance(e.key, Literal)}
        name = arguments[0] if arguments else given.get("filename")
        silent = arguments[1] if len(arguments) > 1 else given.get("silent")
        if isinstance(name, Choice):
            name = single(name)
        if not isinstance(name, Literal) or not isinstance(name.value, str):
            self.held.blur(Unknown("a file whose name is not known", self.origin), self.condition)
            return
        for path in self.candidates(name.value):
            module = self.ev.modules.executed(path)
            if module is not None:
                value = Module("config", path, module.scope, self.origin)
                self.put_all(self.entries_of(value), self.condition, upper=True)
                return
        if isinstance(silent, Literal) and silent.value is True:
            return  # without the file nothing happens
        self.held.blur(Unknown(f"the file {name.value} is not in the tree", self.origin), self.condition)

    def candidates(self, name: str) -> list[str]:
        """The paths that a file name may mean: below the app's root path, or its instance folder."""
        relative = any(
            isinstance(e.key, Literal) and e.key.value == "instance_relative_config" for e in self.held.app.keywords
        )
        folder = self.held.app.origin.path.rpartition("/")[0]
        package = self.ev.modules.at(folder) is not None and self.ev.modules.file(f"{folder}/__init__.py") is not None
        roots = [folder]
        if relative:
            above = folder.rpartition("/")[0] if package else folder
            roots = [f"{above}/instance".strip("/"), f"{folder}/instance".strip("/")]
        paths = [posixpath.normpath(posixpath.join(root, name)) for root in roots]
        return [path for path in paths if not path.startswith(("..", "/"))]

    def from_envvar(self, arguments: list[Value], keywords: list[Entry]) -> None:
        """A file that a variable names; silent, it is only read where the variable is set."""
        given = {str(e.key.value): e.value for e in keywords if isinstance(e.key, Literal)}
        name = arguments[0] if arguments else given.get("variable_name")
        silent = arguments[1] if len(arguments) > 1 else given.get("silent")
        condition = self.condition
        variable = name.value if isinstance(name, Literal) and isinstance(name.value, str) else None
        if variable is not None and isinstance(silent, Literal) and silent.value:
            read = Environment((variable,), Literal(None, self.origin), "str", "os.environ", self.origin)
            condition = both(read, condition, self.origin)
        self.held.blur(Unknown(f"the file that {variable or 'a variable'} names", self.origin), condition)

    def from_prefixed_env(self, arguments: list[Value], keywords: list[Entry]) -> None:
        """Variables such as ``FLASK_X`` and ``FLASK_X__y`` replace entries, as JSON where they are (2.1)."""
        given = {str(e.key.value): e.value for e in keywords if isinstance(e.key, Literal)}
        prefix = arguments[0] if arguments else given.get("prefix", Literal("FLASK", self.origin))
        if not isinstance(prefix, Literal) or not isinstance(prefix.value, str) or "loads" in given:
            self.held.blur(Unknown("variables that the environment decides", self.origin), self.condition)
            return
        start = f"{prefix.value}_"
        for name, entry in list(self.held.entries.items()):
            value = self.from_variables(start + name, entry.value, 0)
            self.held.put(Entry(entry.key, value, entry.origin), self.condition)
        doubt = Operation("any variable", (Literal(start, self.origin),), self.origin)
        more = both(doubt, self.condition, self.origin)
        if more is not None:
            self.held.open.append(more)

    def from_variables(self, variable: str, before: Value, depth: int) -> Value:
        read = Environment((variable,), Literal(None, self.origin), "json or text", "flask", self.origin)
        nothing = Literal(None, self.origin)
        is_set = Operation("is not", (as_text(read), nothing), self.origin)
        inner = before
        if isinstance(before, Mapping) and depth < _MOST_NESTED:
            entries = [
                Entry(e.key, self.from_variables(f"{variable}__{word(e.key)}", e.value, depth + 1), e.origin)
                if isinstance(e.key, Literal)
                else e
                for e in before.entries
            ]
            more: Value = Operation("any variable", (Literal(f"{variable}__", self.origin),), self.origin)
            if not before.complete:
                more = Operation("or", (before.open_when, more), self.origin) if before.open_when else more
            always = not before.complete and before.open_when is None
            inner = Mapping(tuple(entries), before.origin, complete=False, open_when=None if always else more)
        elif isinstance(before, Missing):
            return before
        return Choice((Alternative(read, is_set), Alternative(inner, None)), self.origin)
