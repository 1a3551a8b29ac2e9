"""The package that another result backend would need, declared along with the change of the backend."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests.changes import ManifestChange, add_requirement
from celery_backend_lint.model.backend_kind import kind_of
from celery_backend_lint.model.packages import Packages, backend_needs
from celery_backend_lint.model.redis_choice import needed
from celery_backend_lint.model.sqlalchemy_drivers import admitted_sqlalchemy, needed_driver
from celery_backend_lint.model.wanted_requirements import Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def declared_for(model: Model, app: App, text: str) -> ManifestChange | None:
    """The change of the manifests that a ``result_backend`` text asks for; None where they have all that it needs.

    Silent where CBL201 and CBL204 are. Raises CannotFixError where several packages are missing: each is a change of
    its own.
    """
    packages = Packages(model, app)
    if packages.manifest_of_celery() is None or packages.hides_something():
        return None
    version = app.declared.version
    kind = kind_of(text, version)
    missing: list[str | Wanted] = [
        needed(model, app, packages.set, need)
        for need in backend_needs(kind, text, version)
        if not packages.gives(need.distributions)
    ]
    if kind == "database":
        releases = admitted_sqlalchemy(packages.set, version)
        driver = needed_driver(text, releases[0]) if releases else None
        groups = driver.packages if driver is not None and not driver.asynchronous else ()
        missing += [
            "psycopg[binary]" if group[0] == "psycopg" else group[0] for group in groups if not packages.gives(group)
        ]
    if not missing:
        return None
    names = [one.requirement if isinstance(one, Wanted) else one for one in missing]
    if len(missing) > 1:
        raise CannotFixError(f"the backend would need {' and '.join(names)}, which no manifest declares")
    return add_requirement(model.manifests, model.project, missing[0], app.path)
