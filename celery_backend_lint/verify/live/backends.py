"""Which steps a backend has."""
# mypy: disable-error-code="import-untyped"

import importlib
import sys
from typing import Any, List

from .protocol import Failure, Live

MODULES = {
    "celery.backends.base.DisabledBackend": "disabled_steps",
    "celery.backends.database.DatabaseBackend": "database_steps",
    "django_celery_results.backends.cache.CacheBackend": "django_cache_steps",
    "django_celery_results.backends.database.DatabaseBackend": "django_steps",
    "celery.backends.redis.SentinelBackend": "sentinel_steps",
    "celery.backends.redis.RedisBackend": "redis_steps",
    "celery.backends.rpc.RPCBackend": "rpc_steps",
}
"""The class of a backend to the module of its steps. A class derived from one of them has the same."""

OTHERS = "generic_steps"
OF_DJANGO = ("django-db", "django-cache")
"""Backends that django-celery-results brings."""


def create(live: Live) -> None:
    """Create an app's backend, which is to make nothing by that."""
    # Since Celery 5.5 the database backend makes its tables when it is created; the steps look before they make them.
    live.app.conf.database_create_tables_at_setup = False
    hide_credentials_of_django(live)
    live.backend = live.app.backend


def hide_credentials_of_django(live: Live) -> None:
    """Mask what Django's settings hold, where the project has them."""
    settings = getattr(sys.modules.get("django.conf"), "settings", None)
    if settings is not None and settings.configured:
        for name in ("DATABASES", "CACHES"):
            live.hide_in(getattr(settings, name, None), name)


def steps_module(backend: Any) -> Any:
    """The module of steps for a backend."""
    for cls in type(backend).__mro__:
        name = MODULES.get(cls.__module__ + "." + cls.__name__)
        if name is not None:
            return importlib.import_module("." + name, __package__)
    return importlib.import_module("." + OTHERS, __package__)


def class_of(backend: Any) -> str:
    """The full name of a backend's class."""
    return type(backend).__module__ + "." + type(backend).__name__


def explain_creation(error: BaseException, live: Live) -> Failure:
    """Why a backend could not even be created."""
    text = live.text_of(error)
    chain: List[BaseException] = [error]
    while chain[-1].__cause__ or chain[-1].__context__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)  # type: ignore[arg-type]
    failed = next((one for one in chain if isinstance(one, ImportError) and one.name), None)
    if failed is not None:
        from celery.app.backends import BACKEND_ALIASES

        scheme = str(live.app.conf.result_backend or "").partition("://")[0].partition("+")[0]
        if failed.name == scheme and scheme in OF_DJANGO:
            return Failure("django-results-missing", scheme=scheme)
        if failed.name == scheme and scheme not in BACKEND_ALIASES:
            return Failure("unknown-backend", scheme=scheme, text=text)
        missing = isinstance(failed, ModuleNotFoundError)
        package = str(failed.name).partition(".")[0]
        return Failure("package-missing" if missing else "package-unfit", package=package, text=text)
    # Django's own: "Model class django_celery_results.models.TaskResult … isn't in an application in INSTALLED_APPS."
    if "django_celery_results." in text and "INSTALLED_APPS" in text:
        return Failure("django-results-not-an-app")
    # Celery's own: "You need to install the redis library in order to use the Redis result store backend."
    if "need to install" in str(error).lower():
        return Failure("library-missing", text=text)
    return Failure("refused", text=text)
