"""What Django's settings say that the backends of django-celery-results need: INSTALLED_APPS and CACHES.

Seen with django-celery-results 2.6 on Django 5.2: the package imports its models whichever backend is named, and Django
refuses to import models of an app that is not installed. ``django-cache`` takes the alias that ``cache_backend`` names,
else ``default``. Without CACHES Django has one alias, ``default``, on LocMemCache (django.conf.global_settings).
"""

from __future__ import annotations

from celery_backend_lint.evaluate.django import settings as django
from celery_backend_lint.evaluate.values import Literal, Mapping, Missing, Sequence, leaves
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RESULTS_APP = "django_celery_results"

LOCAL_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
"""The ends of the cache backends of Django's that no other process shares."""


@record
class Cache:
    """One outcome of an alias of CACHES: the path of its backend's class, "" where that is not known, and its place.

    ``given`` is False where the settings have no CACHES, and Django's own default holds.
    """

    backend: str
    location: Location
    given: bool = True

    @property
    def local(self) -> bool:
        """Whether every process has such a cache for itself, or keeps nothing in it."""
        return self.backend.endswith(LOCAL_CACHES)


def uses_django(app: App) -> bool:
    """Whether an app reads Django's settings."""
    return any(source.kind == "django" for source in app.sources)


def installed_apps(model: Model, app: App) -> tuple[Sequence, ...] | None:
    """Every outcome of INSTALLED_APPS; None where one of them is not known whole."""
    value = django.held(model.evaluator, "INSTALLED_APPS", app.location)
    found = list(outcomes(value)) if value is not None else []
    lists = tuple(one for one in found if isinstance(one, Sequence) and one.complete)
    if not lists or len(lists) < len(found):
        return None
    known = all(isinstance(item, Literal) and isinstance(item.value, str) for one in lists for item in one.items)
    return lists if known else None


def caches(model: Model, app: App, alias: str) -> tuple[Cache, ...]:
    """The outcomes of an alias of CACHES; empty where one of them is not known, or where there is no such alias."""
    value = django.held(model.evaluator, "CACHES", app.location)
    if value is None:
        if alias != "default" or not uses_django(app):
            return ()
        return (Cache("django.core.cache.backends.locmem.LocMemCache", app.location, given=False),)
    found = tuple(_caches(value, alias))
    return found if all(one.backend for one in found) else ()


def _caches(value: Value, alias: str) -> Iterator[Cache]:
    for outcome in outcomes(value):
        given = outcome.get(alias) if isinstance(outcome, Mapping) else None
        if given is None:
            yield Cache("", outcome.origin)
            continue
        for one in outcomes(given):
            backend = one.get("BACKEND") if isinstance(one, Mapping) else None
            for path in outcomes(backend) if backend is not None else (Missing(one.origin),):
                known = isinstance(path, Literal) and isinstance(path.value, str)
                yield Cache(str(path.value) if isinstance(path, Literal) and known else "", path.origin)


def cache_aliases(model: Model, app: App) -> frozenset[str] | None:
    """The aliases that CACHES has in any outcome; None where not all of them are known."""
    value = django.held(model.evaluator, "CACHES", app.location)
    if value is None:
        return frozenset({"default"}) if uses_django(app) else None
    found: set[str] = set()
    for outcome in outcomes(value):
        if not isinstance(outcome, Mapping) or not outcome.complete:
            return None
        for entry in outcome.entries:
            if not isinstance(entry.key, Literal) or not isinstance(entry.key.value, str):
                return None
            found.add(entry.key.value)
    return frozenset(found)


def cache_alias(app: App) -> tuple[str, ...]:
    """The aliases that ``django-cache`` may take: ``cache_backend``, else ``default``; empty where one is not known."""
    setting = app.settings.get("cache_backend")
    if setting is None:
        return () if app.unread else ("default",)
    names = []
    for one in leaves(setting.value):
        if isinstance(one, Missing) or (isinstance(one, Literal) and not one.value):
            names.append("default")
        elif isinstance(one, Literal) and isinstance(one.value, str):
            names.append(one.value)
        else:
            return ()
    return tuple(dict.fromkeys(names))
