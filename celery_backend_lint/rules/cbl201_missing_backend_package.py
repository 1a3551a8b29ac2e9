"""CBL201: the package that the result backend imports is declared nowhere."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.backend_outcomes import backend_outcomes
from celery_backend_lint.model.packages import Packages, backend_needs
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.model.packages import Need
    from celery_backend_lint.model.wanted_requirements import Wanted

RULE = Rule("CBL201", "missing-backend-package", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_missing_backend_package(model: Model) -> Iterator[Finding]:
    """The package that the result backend needs is declared in no manifest.

    ## What it does
    Looks up which distribution the backend's class imports (`redis` for `redis://`, `sqlalchemy` for `db+…`,
    `django-celery-results` for `django-db`, `pymongo`, `boto3` …) and whether the manifests and lock files that hold
    for the app bring it: by name, by an extra of celery or kombu, or through another package.

    ## Why is this bad?
    Celery itself installs none of them. The app starts, and the first use of the backend raises
    `ImproperlyConfigured` or `ImportError`: in the worker at start, in the web process at the first `.delay()`. It goes
    unnoticed where the package happens to be installed, and fails on the next fresh machine.

    ## Example
    ```python
    app = Celery("shop", backend="redis://cache:6379/1")
    ```
    ```text
    celery==5.6.2
    ```

    ## Use instead
    ```text
    celery[redis]==5.6.2
    ```

    ## Fix safety
    Adding a missing requirement to the manifests that declare celery is safe. Where celery asks for extras there
    already, or its extra brings more than the one package, the extra is added to it; else the package gets an entry of
    its own, with the range that the extra asks for. Lock files and what tools write are not changed: the fix says what
    renews them. A file with hashes, or a list that code puts together, is left alone.

    ## Known limits
    Silent where the project has no manifest, where its manifests do not bring celery, and where something is
    installed that cannot be looked into: a git or file address, a private index, a missing included file. A lock file
    with celery in it says all. RPC, the file system and in-memory caches need nothing more. A package that only a
    development group declares counts as declared here.

    ## References
    - [Celery: bundles](https://docs.celeryq.dev/en/stable/getting-started/introduction.html#bundles)
    """
    for app in model.checked_apps:
        packages: Packages | None = None
        told: set[Need] = set()
        for outcome in backend_outcomes(model, app):
            for need in backend_needs(outcome.kind, outcome.text, app.declared.version):
                if need in told:
                    continue
                told.add(need)
                packages = packages or Packages(model, app)
                celery = packages.manifest_of_celery()
                if celery is None or packages.gives(need.distributions) or packages.hides_something():
                    continue
                from celery_backend_lint.model.redis_choice import needed
                from celery_backend_lint.model.wanted_requirements import described

                path = celery.location.path
                declaring = model.manifests.manifests.get(path)
                kind = declaring.format if declaring is not None else ""
                asked = needed(model, app, packages.set, need, kind)
                what = described(asked, celery, kind)
                yield RULE.finding(
                    outcome.location,
                    f"the {outcome.kind} result backend needs {' or '.join(need.distributions)}, which no manifest "
                    "declares: on a fresh install the first use of the backend fails",
                    help=f"add `{what}` to {path}{_or(asked, what, celery, kind)}",
                    app=app.name,
                    related=(Related(celery.location, f"{celery.name} is declared here"),),
                    propose=partial(_declare, model, asked, app.path),
                )


def _or(asked: Wanted, what: str, celery: Requirement, format: str) -> str:
    """The other way to declare the same, "" where there is none."""
    if what.startswith("celery["):
        return "" if asked.whole else f", or `{asked.requirement}` beside it"
    if asked.extra and celery.name == "celery" and format not in ("conda", "conda-export"):
        return f", or ask for `celery[{asked.extra}]`, which brings it"
    return ""


def _declare(model: Model, asked: Wanted, near: str) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import add_requirement

    change = add_requirement(model.manifests, model.project, asked, near)
    if change is None:  # pragma: no cover - then there would be no finding
        raise CannotFixError(f"{asked.requirement} is declared")
    return Fix(change.title, Applicability.SAFE, change.edits, change.note)
