"""CBL207: the result backend's package is declared for development alone."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.model.packages import Need

RULE = Rule("CBL207", "development-only-package", Severity.ERROR, since="0.1.0", fix=Applicability.UNSAFE)


def check_development_only_package(model: Model) -> Iterator[Finding]:
    """The package that the result backend needs is declared for development or tests alone.

    ## What it does
    Looks where the package that the backend imports is declared, for apps whose celery is declared to run with. It is
    an error where only development groups, test extras or files such as `requirements-dev.txt` name it, or ask for
    celery with the extra that brings it.

    ## Why is this bad?
    On every developer's machine and in the tests it works. Where the project is deployed without its development
    packages the first use of the backend raises `ModuleNotFoundError` or `ImproperlyConfigured`: in the worker at its
    start, in the web process at the first `.delay()`.

    ## Example
    ```toml
    [project]
    dependencies = ["celery==5.6.2"]

    [dependency-groups]
    dev = ["redis==6.4.0", "pytest"]
    ```

    ## Use instead
    ```toml
    [project]
    dependencies = ["celery==5.6.2", "redis==6.4.0"]

    [dependency-groups]
    dev = ["pytest"]
    ```

    ## Fix safety
    The fix declares the package, in the version that the development group asks for, where celery is declared. It is
    unsafe, since a backend may be meant for development alone. The entry of the group stays and can be taken out.

    ## Known limits
    Silent where a Dockerfile or start script installs the group as well (Poetry and uv do unless told otherwise), where
    a lock file does not say which group a package belongs to, and where something is installed that cannot be seen.

    ## References
    - [Celery: bundles](https://docs.celeryq.dev/en/stable/getting-started/introduction.html#bundles)
    """
    from celery_backend_lint.model.backend_outcomes import backend_outcomes
    from celery_backend_lint.model.packages import backend_needs

    told: set[object] = set()
    for app in model.checked_apps if model.manifests.manifests else ():
        for outcome in backend_outcomes(model, app):
            for need in backend_needs(outcome.kind, outcome.text, app.declared.version):
                found = _development_only(model, app, need)
                if found is None or found.location in told:
                    continue
                told.add(found.location)
                name = f"celery[{need.extra}]" if found.name == "celery" else found.name
                where = f"the group {found.group}" if found.group else found.location.path
                yield RULE.finding(
                    found.location,
                    f"the {outcome.kind} result backend needs {name}, which only {where} declares: without the "
                    "development packages the first use of the backend fails",
                    help=f"declare `{name}{found.specifier}` where celery is declared",
                    app=app.name,
                    related=(Related(outcome.location, "the result backend"),),
                    propose=partial(_declare, model, found, need, app.path),
                )


def _development_only(model: Model, app: App, need: Need) -> Requirement | None:
    """The development requirement that alone brings a package; None where there is none, or another may bring it."""
    from celery_backend_lint.model.development_installs import image_installs
    from celery_backend_lint.model.packages import Packages

    held = model.manifests.for_path(app.path)
    if not any(one.kind in ("runtime", "optional") for one in held.declares("celery")):
        return None
    found = [one for name in need.distributions for one in held.declares(name) if one.kind != "lock"]
    if not found and need.extra:
        found = [one for one in held.declares("celery") if one.kind == "development" and need.extra in one.extras]
    if not found or any(one.kind != "development" or one.url for one in found):
        return None
    packages = Packages(model, app, development=False)
    if packages.gives(need.distributions) or packages.hides_something():
        return None
    return found[0] if not any(image_installs(model.project, one) for one in found) else None


def _declare(model: Model, found: Requirement, need: Need, near: str) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import add_requirement
    from celery_backend_lint.model.wanted_requirements import Wanted

    if found.unclear or "|" in found.specifier:
        raise CannotFixError(f"the version of {found.name} in `{found.location.path}` cannot be told")
    extras = f"[{','.join(found.extras)}]" if found.extras else ""
    needed = Wanted(f"{found.name}{extras}{found.specifier}")
    if found.name == "celery":
        needed = Wanted(f"celery[{need.extra}]", need.extra, whole=True)
    change = add_requirement(model.manifests, model.project, needed, near)
    if change is None:  # pragma: no cover - then there would be no finding
        raise CannotFixError(f"{found.name} is declared")
    return Fix(change.title, Applicability.UNSAFE, change.edits, change.note)
