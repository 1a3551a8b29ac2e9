"""What Celery reads for an app that names no configuration object (celery.loaders.base, celery.loaders.default).

The usual loader reads the module that ``CELERY_CONFIG_MODULE`` names, and nothing without it; the default loader
(``loader="default"``, the app of projects that make none) reads ``celeryconfig`` without it.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal, Unknown
from celery_backend_lint.model.apps.configuration_sources import SettingsMap, read_source, unknown_source
from celery_backend_lint.model.apps.written_variables import variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import ConfigurationSource
    from celery_backend_lint.model.apps.creations import Creation

CONFIG_MODULE = "CELERY_CONFIG_MODULE"
DEFAULT_CONFIG_MODULE = "celeryconfig"
_APP_LOADERS = frozenset({"app", "celery.loaders.app:AppLoader", "celery.loaders.app.AppLoader"})
_DEFAULT_LOADERS = frozenset({"default", "celery.loaders.default:Loader", "celery.loaders.default.Loader"})


def no_source(
    ev: Evaluator, creation: Creation, loader: Value | None, before: int | None
) -> list[tuple[ConfigurationSource, SettingsMap]]:
    """What the loader of an app reads by itself; empty where that is nothing.

    ``loader`` is as given, None for none; ``before`` where in the app's module it reads, None for after it.
    """
    where = creation.location
    named = variable(ev, CONFIG_MODULE, creation.scope, before)
    if loader is None or (isinstance(loader, Literal) and loader.value in _APP_LOADERS):
        return read_source(ev, named, where) if named is not None else []
    if isinstance(loader, Literal) and loader.value in _DEFAULT_LOADERS:
        if named is not None:
            return read_source(ev, named, where)
        if ev.modules.find(DEFAULT_CONFIG_MODULE, creation.file.path) is None:
            return []
        return read_source(ev, Literal(DEFAULT_CONFIG_MODULE, where), where)
    why = loader.why if isinstance(loader, Unknown) else "the app has a loader of its own"
    return [unknown_source(why, where)]
