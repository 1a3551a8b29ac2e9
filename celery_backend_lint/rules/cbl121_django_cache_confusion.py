"""CBL121: ``cache_backend`` taken for the result backend."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.model.backend_kind import DISABLED
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL121", "django-cache-confusion", Severity.ERROR, since="0.1.0")

_BACKENDS = ("django-cache", "django-db")


def check_django_cache_confusion(model: Model) -> Iterator[Finding]:
    """`cache_backend` holds the name of a result backend.

    ## What it does
    Reports `CELERY_CACHE_BACKEND = "django-cache"` (or `"django-db"`) where no result backend is set, and where the
    result backend is `django-cache` and CACHES has no alias of that name. Of `django-cache` any alias that CACHES does
    not have is reported.

    ## Why is this bad?
    The setting names an alias of Django's CACHES for the result backend `django-cache`, and sets no result backend.
    Celery's own documentation shows it in the wrong way. Without a result backend every result is discarded; with
    `django-cache`, Django raises `InvalidCacheBackendError: The connection 'django-cache' doesn't exist` each time a
    result is stored or asked for.

    ## Example
    ```python
    CELERY_RESULT_BACKEND = "django-cache"
    CELERY_CACHE_BACKEND = "django-cache"
    ```

    ## Use instead
    ```python
    CELERY_RESULT_BACKEND = "django-cache"
    CELERY_CACHE_BACKEND = "default"
    ```

    ## Known limits
    Silent where CACHES is not known. Beside another result backend the setting does nothing, which CBL703 says.

    ## References
    - [django-celery-results: Getting started](https://django-celery-results.readthedocs.io/en/latest/getting_started.html)
    - `django_celery_results.backends.cache.CacheBackend`, 2.6
    """
    for app in model.checked_apps:
        setting = app.settings.get("cache_backend")
        if setting is None:
            continue
        kinds = {app.result_backend.kind, *(other.kind for other in app.result_backend.alternatives)}
        unset = kinds == {DISABLED} and "result_backend" not in app.settings and not app.unread
        if not unset and "django-cache" not in kinds:
            continue
        for value in outcomes(setting.value):
            if not isinstance(value, Literal) or not isinstance(value.value, str) or not value.value:
                continue
            why = _unset(app, value.value) if unset else _no_alias(model, app, value.value)
            if why and not is_test_path(value.origin.path):
                yield RULE.finding(value.origin, why, help=_help(app, unset=unset), app=app.name)


def _unset(app: App, name: str) -> str:
    if name not in _BACKENDS:
        return ""
    written = written_name(app, "cache_backend")
    return f"`{written}` sets no result backend, and nothing else does: every result is discarded"


def _no_alias(model: Model, app: App, name: str) -> str:
    from celery_backend_lint.model.django_project import cache_aliases

    aliases = cache_aliases(model, app)
    if aliases is None or name in aliases:
        return ""
    shown = f" `{name}`" if name.isidentifier() or name in _BACKENDS else ""
    return f"CACHES has no alias{shown}: storing or asking for a result raises InvalidCacheBackendError"


def _help(app: App, *, unset: bool) -> str:
    written = written_name(app, "cache_backend")
    wanted = written.replace("CACHE_BACKEND", "RESULT_BACKEND").replace("cache_backend", "result_backend")
    if unset:
        return f'`{wanted} = "django-cache"`, and `{written}` for an alias of CACHES where that is not `default`'
    return f'name an alias of CACHES, `{written} = "default"`, or leave it out'
