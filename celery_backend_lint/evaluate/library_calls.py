"""Calls of library functions whose result is known without running them, beside those of ``calls``."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import with_fallback
from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.environment import reads as environment_reads
from celery_backend_lint.evaluate.values import Entry, External, Instance, Literal, Unknown
from celery_backend_lint.location import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value

_OPERATIONS = {"json.loads": "json.loads", "ast.literal_eval": "literal_eval", "os.path.basename": "os.path.basename"}
_READY_MADE = {"decouple.config": "decouple.AutoConfig", "environs.env": "environs.Env"}
"""Readers that their library makes itself."""

_URL_PARSERS = frozenset(
    {"urllib.parse.urlparse", "urllib.parse.urlsplit", "urlparse.urlparse", "urlparse.urlsplit",
     "six.moves.urllib.parse.urlparse", "six.moves.urllib.parse.urlsplit"}
)  # fmt: skip

_RECORDS = frozenset(
    {"dataclasses.asdict", "dataclasses.replace", "attr.asdict", "attrs.asdict", "attr.evolve", "attrs.evolve"}
)

_DICTS_OVER_IT = frozenset({"dotenv.dotenv_values", "dotenv.main.dotenv_values"})

CURRENT_OBJECT = "celery.current_app._object"
"""What ``current_app`` is by the time that it is asked for its object, whatever becomes current afterwards."""

_CURRENT_OBJECTS = frozenset(
    {"celery.current_app._get_current_object", "celery._state.current_app._get_current_object",
     "celery._state.get_current_app", "celery.app.app_or_default"}
)  # fmt: skip

OPTIONAL = "split_settings.tools.optional"


def call_library(
    ev: Evaluator, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value | None:
    """What calling ``name``, a dotted name from outside the project, returns; None when nothing is known of it here."""
    first = arguments[0] if arguments else None
    if name.startswith(("pydantic.", "pydantic_core.", "pydantic_settings.")):
        from celery_backend_lint.evaluate.objects.builtins_on_objects import call_pydantic

        return call_pydantic(ev, name, arguments, keywords, origin)
    if name in _RECORDS and len(arguments) == 1:
        from celery_backend_lint.evaluate.objects import record_classes

        if not name.endswith("asdict"):
            return record_classes.replaced(ev, arguments[0], keywords, origin)
        return record_classes.as_dict(ev, arguments[0], origin) if not keywords else Unknown("a dict of some", origin)
    if name == "builtins.isinstance" and len(arguments) == 2:
        from celery_backend_lint.evaluate.objects.builtins_on_objects import is_instance

        return is_instance(ev, arguments[0], arguments[1], origin)
    if name in _URL_PARSERS:
        from celery_backend_lint.evaluate.environment import url_parts

        named = {entry.key.value: entry.value for entry in keywords if isinstance(entry.key, Literal)}
        url = first if first is not None else named.get("url")
        if url is None or len(arguments) > 1 or set(named) - {"url"}:
            return Unknown("a parsed URL", origin)
        return url_parts.parsed(url, origin)
    if name in ("dj_database_url.config", "dj_database_url.parse"):
        from celery_backend_lint.evaluate.environment import url_parts

        if name == "dj_database_url.config":
            return url_parts.database_config(ev, arguments, keywords, origin)
        if first is not None:
            return url_parts.database_dict(first, origin)
    if name in _OPERATIONS and first is not None and len(arguments) == 1 and not keywords:
        return operate(_OPERATIONS[name], [first], origin)
    if name == "builtins.getattr" and len(arguments) == 3:
        return _django_setting(ev, arguments, origin)
    if name in _DICTS_OVER_IT or name in ("os.environ.copy", "builtins.dict"):
        from celery_backend_lint.evaluate.environment import mappings as environment_mappings

        if name in _DICTS_OVER_IT:
            return Instance(External(environment_mappings.DOTENV, origin), tuple(arguments), tuple(keywords), origin)
        if name == "os.environ.copy" or (first is not None and not keywords and environment_mappings.is_layered(first)):
            below: Value = External(environment_mappings.ENVIRON, origin) if first is None else first
            return environment_mappings.layered([below], origin)
    if name in ("copy.copy", "copy.deepcopy") and isinstance(first, External) and len(arguments) == 1:
        return first  # Django's settings, for one: the copy answers as they do
    if name in _CURRENT_OBJECTS and first is None and not keywords:
        return External(CURRENT_OBJECT, origin)
    if name == OPTIONAL:
        return Instance(External(name, origin), tuple(arguments), tuple(keywords), origin)
    if name.startswith(("configurations.values.", "configurations.Value")) and name.endswith("Value"):
        from celery_backend_lint.evaluate.django import configurations as django_configurations

        return django_configurations.make_value(name, arguments, keywords, origin)
    for reader, made in _READY_MADE.items():
        if name == reader or name.startswith(reader + "."):
            method = name[len(reader) + 1 :]
            config = Instance(External(made, Location("")), (), (), Location(""))
            return environment_reads.call_reader(ev, config, method, arguments, keywords, origin)
    return None


def _django_setting(ev: Evaluator, arguments: list[Value], origin: Location) -> Value | None:
    """``getattr(settings, "NAME", default)`` of Django's settings; None of another object."""
    from celery_backend_lint.evaluate.django import settings as django

    owner, name, default = arguments
    if not isinstance(owner, External) or owner.name != django.SETTINGS or not isinstance(name, Literal):
        return None
    return with_fallback(django.held(ev, str(name.value), origin), default)
