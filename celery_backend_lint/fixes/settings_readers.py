"""Settings classes of pydantic: which refuse a variable in the env file that they read, and what they need."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.pydantic.configuration import config_of
from celery_backend_lint.evaluate.pydantic.fields import field_names, find_field, variables_of
from celery_backend_lint.evaluate.values import Class, Environment, External
from celery_backend_lint.fixes.env_loading import class_around, env_file_of_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model

CASTS = ("int", "float", "bool")


def refusing_class(model: Model, env_file: str, variable: str) -> Class | None:
    """The settings class of pydantic 2 that reads an env file and cannot be made while that sets ``variable``; None for
    none. ``extra="forbid"`` is the default (pydantic-settings 2.16: "Extra inputs are not permitted", seen).
    """
    for cls in _settings_classes(model):
        config = config_of(model.evaluator, cls)
        if config.version != 2 or not config.settings or config.extra in ("ignore", "allow"):
            continue
        if env_file_of_class(model, cls) != env_file or _has_variable(model, cls, variable):
            continue
        if not _is_only_a_base(model, cls):
            return cls
    return None


def _is_only_a_base(model: Model, cls: Class) -> bool:
    """Whether other classes are derived from a class, and nothing in the project calls it: it reads no file itself."""
    name = re.escape(cls.name.encode())
    derived = re.compile(rb"(?m)^[ \t]*class[ \t]+\w+[ \t]*\([^)]*(?<!\w)" + name + rb"(?!\w)")
    called = re.compile(rb"(?m)^(?![ \t]*class[ \t]).*(?<!\w)" + name + rb"[ \t]*\(")
    sources = [model.project.source(path) for path in model.project.python_files_mentioning([cls.name.encode()])]
    texts = [source.data for source in sources if source is not None]
    return any(derived.search(text) for text in texts) and not any(called.search(text) for text in texts)


def required_by_the_class_of(model: Model, field: Location) -> Iterator[Environment]:
    """Reads of the variables without which the settings class that a field stands in cannot be made, in the order of
    its fields. Nothing where the class decides itself where its fields are from.
    """
    evaluator = model.evaluator
    cls = class_around(model, field)
    if cls is None:
        return
    config = config_of(evaluator, cls)
    if config.problem or not config.settings:
        return
    for name in field_names(evaluator, cls, config.version):
        found = find_field(evaluator, cls, name, config.version)
        if found is None or found.default is not None or found.type.name in ("ClassVar", "model", "object"):
            continue
        if config.version == 1 and found.type.optional:
            continue  # pydantic 1 takes None for its default
        names = variables_of(config, found)
        if names:
            cast = found.type.name if found.type.name in CASTS else "str"
            origin = evaluator.location(found.node, evaluator.scope_of(found.owner))
            yield Environment(names, None, cast, "pydantic", origin, case_sensitive=config.case_sensitive)


def _settings_classes(model: Model) -> Iterator[Class]:
    evaluator = model.evaluator
    for path in model.project.python_files_mentioning([b"env_file"]):
        file = evaluator.modules.file(path)
        if file is None:
            continue
        for name, bindings in file.scope.bindings.items():
            value = evaluator.read(file.scope, name, None) if bindings[-1].kind == "class" else None
            if isinstance(value, Class) and any(
                isinstance(base, External) and base.name.endswith("BaseSettings")
                for base in classes.lineage(evaluator, value)
            ):
                yield value


def _has_variable(model: Model, cls: Class, variable: str) -> bool:
    config = config_of(model.evaluator, cls)
    for base in classes.lineage(model.evaluator, cls):
        for name in model.evaluator.scope_of(base).bindings if isinstance(base, Class) else ():
            field = find_field(model.evaluator, cls, name, config.version)
            names = variables_of(config, field) if field is not None else None
            if names is not None and variable.lower() in (one.lower() for one in names):
                return True
    return False
