"""A class or an instance as the configuration object: what its attributes are."""

from __future__ import annotations

from celery_backend_lint.evaluate.objects import attribute_places, classes
from celery_backend_lint.evaluate.objects.outside_writes import names_set_from_outside
from celery_backend_lint.evaluate.values import Class, External, Instance, Unknown
from celery_backend_lint.model.app import Assignment, ConfigurationName, ConfigurationSource
from celery_backend_lint.model.apps.configuration_sources import Cell, SettingsMap, scope_assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

_NOBODYS = "celery_backend_lint_asks"
"""A name that no class has: what is said of it is said of each name that is not listed."""


def read_class(
    ev: Evaluator, cls: Class, instance: Instance | None, call: Location
) -> tuple[ConfigurationSource, SettingsMap]:
    """A class, or an instance of it, as a configuration object."""
    places: dict[str, list[Location]] = {}
    why = ""
    declares = _makes_fields(ev, cls)
    for base in classes.lineage(ev, cls):
        if isinstance(base, Class):
            scope = ev.scope_of(base)
            for name, bindings in scope.bindings.items():
                found = [ev.location(b.target, scope) for b in bindings if declares or b.kind != "annotate"]
                if found:
                    places.setdefault(name, []).extend(found)
            if instance is not None:
                for name, where in classes.set_on_self(ev, base).items():
                    places.setdefault(name, []).extend(where)
        elif isinstance(base, Unknown) or not base.name.startswith(("builtins.", "abc.", "typing.", "pydantic")):
            why = "a base class is not in the tree"
    for name, place in names_set_from_outside(
        ev, cls, instance, attribute_places.files_around(ev, cls, instance, call.path)
    ).items():
        places.setdefault(name, []).append(place)
    why = why or _why_more(ev, cls, instance, call)
    listed = tuple(ConfigurationName(name, tuple(where)) for name, where in places.items() if name[:1] != "_")
    kind = "class" if instance is None else "instance"
    source = ConfigurationSource(kind, call, cls.scope.file.path, listed, why)

    def read(key: str) -> Cell | None:
        if instance is None:
            value = classes.class_attribute(ev, cls, key, call, None)
        else:
            value = classes.instance_attribute(ev, instance, key, call)
        if value is None:
            return None
        assignments: list[Assignment] = []
        for base in classes.lineage(ev, cls):
            if isinstance(base, Class):
                assignments.extend(scope_assignments(ev, ev.scope_of(base), key, "class"))
        if instance is not None and not assignments:
            assignments.append(Assignment(key, key, value, value.origin, "class"))
        return Cell(value, tuple(assignments))

    doubt = Unknown(why, call) if why else None
    return source, SettingsMap(set(places), read, doubt)


def _why_more(ev: Evaluator, cls: Class, instance: Instance | None, call: Location) -> str:
    """Why a class or an instance may have attributes that no statement names, as by ``setattr`` in a loop; "" where it
    has none. pydantic refuses what is no field, or leaves it out.
    """
    if any(isinstance(base, External) and base.name.startswith("pydantic") for base in classes.lineage(ev, cls)):
        return ""
    found: Value | None = attribute_places.where_set(ev, cls, _NOBODYS, instance, call.path)
    if found is None and instance is not None:
        from celery_backend_lint.evaluate.objects.constructors import set_by_init

        found = set_by_init(ev, instance, cls, _NOBODYS)
    return found.why if isinstance(found, Unknown) else classes.changes_itself(ev, cls)


def _makes_fields(ev: Evaluator, cls: Class) -> bool:
    """Whether a name that a class only annotates may become an attribute: something looks at the annotations."""
    for base in classes.lineage(ev, cls):
        if not isinstance(base, Class):
            if isinstance(base, Unknown) or base.name != "builtins.object":
                return True
        elif (base.node.parent is not None and base.node.parent.type == "decorated_definition") or (
            b"metaclass" in (base.node.text or b"")
        ):
            return True
    return False
