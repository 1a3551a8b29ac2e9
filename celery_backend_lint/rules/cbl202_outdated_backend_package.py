"""CBL202: a redis-py or SQLAlchemy that is too old for the declared Celery."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.backend_outcomes import backend_outcomes, known_kinds
from celery_backend_lint.model.package_floors import FLOORS, failing, newest_installed
from celery_backend_lint.model.packages import extra_floor
from celery_backend_lint.model.versions import exact, floor, parse_release
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.model.manifests.selection import ManifestSet
    from celery_backend_lint.model.package_floors import Floor

RULE = Rule("CBL202", "outdated-backend-package", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

REDIS_KINDS = frozenset({"redis", "rediss", "sentinel"})


def check_outdated_backend_package(model: Model) -> Iterator[Finding]:
    """The declared redis-py or SQLAlchemy is older than the declared Celery needs.

    ## What it does
    Takes the versions of `redis` or `sqlalchemy` that the lock file, or else the requirement, admits, for apps that
    keep their results there. It is an error where every one of them fails with the declared Celery, and a warning where
    all are below `redis` 4.5.0 or `sqlalchemy` 1.4.0 while Celery's own extra asks for more.

    ## Why is this bad?
    Celery from 5.7 on needs redis-py 5.0 (`Connection.__init__() got an unexpected keyword argument 'lib_name'`),
    from 5.6 on 4.4 (`cannot import name 'CredentialProvider'`): the result backend cannot be used at all. Older pairs
    may work, but Celery is not tested with them, and nobody mends them.

    ## Example
    ```text
    celery==5.6.2
    redis==3.5.3
    ```

    ## Use instead
    ```text
    celery==5.6.2
    redis>=6.4,<7
    ```

    ## Fix safety
    Raising the floor is safe where the old package fails with every admitted Celery: nothing ran. Where it is a
    warning the old one may work, and the project's own code, written for it, may not work with the new one: that needs
    `--unsafe-fixes`. The new range starts where Celery's own extra starts and ends before the next major release, for
    the old one was bounded too; where the broker's transport refuses that (CBL208), it is the range which that takes.
    Where a lock file holds the package, nothing is changed: the tool that wrote it must renew it.

    ## Known limits
    A requirement without an upper bound is not reported: pip takes the newest. An error becomes a warning where an
    older Celery that is admitted works with the package. What an older Celery's extra admits is right for it.

    ## References
    - [Celery: using Redis](https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html)
    """
    for app in model.checked_apps:
        kinds = known_kinds(backend_outcomes(model, app))
        manifests = model.manifests.for_path(app.path)
        for one in FLOORS:
            used = kinds & REDIS_KINDS if one.package == "redis" else kinds & {"database"}
            if used and app.declared.text:
                yield from _check(model, app, manifests, one)


def _check(model: Model, app: App, manifests: ManifestSet, one: Floor) -> Iterator[Finding]:
    newest = newest_installed(manifests, one.package)
    requirement = _binding(manifests, one.package, newest) if newest is not None else None
    if newest is None or requirement is None:
        return
    version, oldest = app.declared.version, app.declared.oldest
    if len(manifests.pins("celery")) > 1:
        version = oldest  # which of them goes with the package is not known: what fails with the oldest fails with all
    if version < (4, 4):
        return  # what its extras asked for is not in the tables
    celery = next(iter(manifests.declares("celery")), None)
    related = (Related(celery.location, "celery is declared here"),) if celery is not None else ()
    if newest < failing(one, version)[0]:
        version = _with_extra(model, manifests, one, version)
    first, why = failing(one, version)
    asked = extra_floor(manifests, one.extra, version)
    severity: Severity | None = None
    if newest < first:
        message = f"{one.package} {_text(newest)} fails with Celery {_text(version)}: {why}"
        if newest >= failing(one, oldest)[0]:
            message += f"; Celery {_text(oldest)}, admitted too, works with it"
            severity = Severity.WARNING
    elif newest < one.release and newest < asked:
        message = (
            f"{one.package} {_text(newest)} is the newest that is admitted, and Celery {_text(version)} asks for "
            f"{_text(asked)} or later in its own extra [{one.extra}]"
        )
        severity = Severity.WARNING
        if newest >= extra_floor(manifests, one.extra, oldest):
            message += f"; Celery {_text(oldest)}, admitted too, does not"
            severity = Severity.ADVICE
    else:
        return
    least = max(first, one.release, asked)
    specifier = f">={_text(least)},<{least[0] + 1}"
    if one.package == "redis":
        from celery_backend_lint.model.redis_choice import range_beside_broker

        specifier = range_beside_broker(model, app, manifests, _text(least)) or specifier
    yield RULE.finding(
        requirement.location,
        message,
        help=f"`{one.package}{specifier}`",
        app=app.name,
        related=related,
        severity=severity,
        propose=partial(_raise_floor, model, one.package, specifier, app.path, works=severity is not None),
    )


def _with_extra(model: Model, manifests: ManifestSet, one: Floor, version: Version) -> Version:
    """The Celery that pip takes: not one whose extra, where that is asked for, excludes the package, nor one that
    another requirement excludes.
    """
    from celery_backend_lint.model.fresh_install import candidates, celery_beside, install
    from celery_backend_lint.model.project_python import pythons

    python = pythons(model.project, manifests)[-1]
    found = candidates(manifests, one.package, one.extra, python)
    chosen = install(found, one.package, one.extra) if found is not None and found.extras else None
    if chosen is not None:
        return chosen.celery
    return min(version, celery_beside(manifests, python) or version)


def _raise_floor(model: Model, package: str, specifier: str, near: str, *, works: bool) -> Fix:
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.manifests.changes import change_versions

    change = change_versions(model.manifests, model.project, package, specifier, near)
    return Fix(change.title, Applicability.UNSAFE if works else Applicability.SAFE, change.edits, change.note)


def _text(release: Version) -> str:
    return ".".join(str(number) for number in release)


def _binding(manifests: ManifestSet, package: str, newest: Version) -> Requirement | None:
    """The line that holds the package at a version: the pin or bound that people wrote, before a lock file's entry."""
    asked = [one for one in manifests.requirements(package) if not one.unclear and not one.url]
    bounds = [one for one in asked if one.kind != "lock" and _is_bound(one, newest)]
    locks = [one for one in asked if one.kind == "lock"]
    return next(iter([*bounds, *locks]), None)


def _is_bound(requirement: Requirement, newest: Version) -> bool:
    pinned = exact(requirement.specifier)
    if pinned is not None:
        return parse_release(pinned) == newest
    return any(sign in requirement.specifier for sign in ("<", "~=", "==")) and floor(requirement.specifier) <= newest
