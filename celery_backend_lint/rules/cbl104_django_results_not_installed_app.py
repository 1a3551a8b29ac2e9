"""CBL104: a backend of django-celery-results without its app."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.used_backends import may_use, used_backends
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Sequence
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model

RULE = Rule("CBL104", "django-results-not-installed-app", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

_KINDS = ("django-db", "django-cache")


def check_django_results_not_installed_app(model: Model) -> Iterator[Finding]:
    """The backend comes from django-celery-results, which INSTALLED_APPS does not have.

    ## What it does
    For `django-db` and `django-cache` it looks for `django_celery_results` in the INSTALLED_APPS of the Django settings
    that the app runs with.

    ## Why is this bad?
    Importing the backend imports its models, for the cache as well, and Django refuses: `RuntimeError: Model class
    django_celery_results.models.TaskResult doesn't declare an explicit app_label and isn't in an application in
    INSTALLED_APPS`. Celery loads the backend when it is first used, so the worker starts and fails at the first result.

    ## Example
    ```python
    INSTALLED_APPS = ["django.contrib.contenttypes"]
    CELERY_RESULT_BACKEND = "django-db"
    ```

    ## Use instead
    ```python
    INSTALLED_APPS = ["django.contrib.contenttypes", "django_celery_results"]
    CELERY_RESULT_BACKEND = "django-db"
    ```

    ## Fix safety
    Adding the app is safe: the backend did not load before. Its tables need `python manage.py migrate`. There is no fix
    where no list of the settings is written out.

    ## Known limits
    Silent where INSTALLED_APPS is not known whole, where any of its outcomes has the app, and where the project has an
    AppConfig of its own for it.

    ## References
    - [django-celery-results: Installing](https://django-celery-results.readthedocs.io/en/latest/getting_started.html)
    - `django_celery_results.backends`, 2.6
    """
    for app in model.checked_apps:
        if not may_use(app, _KINDS):
            continue
        from celery_backend_lint.model.django_project import installed_apps

        lists = installed_apps(model, app)
        if lists is None or any(map(_has_it, lists)) or model.project.python_files_mentioning([b"CeleryResultConfig"]):
            continue
        for kind, place in used_backends(model, app, _KINDS):
            if not is_test_path(place.path):
                yield RULE.finding(
                    place,
                    f"`{kind}` needs `django_celery_results` in INSTALLED_APPS: its first use raises "
                    "RuntimeError, when the first result is stored or asked for",
                    help='add `"django_celery_results"` to INSTALLED_APPS, then run `python manage.py migrate`',
                    app=app.name,
                    related=(Related(lists[0].origin, "INSTALLED_APPS, without it"),),
                    propose=partial(_install, model, lists),
                )


def _has_it(apps: Sequence) -> bool:
    """Whether a list has the app, its AppConfig, or one that is called much like it."""
    names = [str(item.value).lower() for item in apps.items if isinstance(item, Literal)]
    return any("celery" in name and "result" in name for name in names)


def _install(model: Model, lists: tuple[Sequence, ...]) -> Fix:
    """The app behind the last one of a list that every outcome has."""
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.python.items import LISTS, add_item
    from celery_backend_lint.fixes.python.nodes import place_of
    from celery_backend_lint.model.django_project import RESULTS_APP
    from celery_backend_lint.syntax.python import location_of

    shared = [item.origin for item in lists[0].items if all(item in one.items for one in lists)]
    for origin in reversed(shared):
        place = place_of(model, origin)
        holder = place.node.parent
        if holder is not None and holder.type in LISTS:
            edits = add_item(model, location_of(place.source, holder), RESULTS_APP)
            return Fix(
                f"Add `{RESULTS_APP}` to INSTALLED_APPS; then run `manage.py migrate`", Applicability.SAFE, tuple(edits)
            )
    raise CannotFixError("INSTALLED_APPS is put together by code")
