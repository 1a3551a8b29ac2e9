"""CBL208: the broker's transport lacks a package, or refuses the redis-py that gets installed."""

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
    from celery_backend_lint.model.broker_outcomes import BrokerOutcome
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.fresh_install import FreshInstall
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.model.manifests.selection import ManifestSet
    from celery_backend_lint.model.packages import Need, Packages
    from celery_backend_lint.model.wanted_requirements import Wanted

RULE = Rule("CBL208", "broker-package-mismatch", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_broker_package_mismatch(model: Model) -> Iterator[Finding]:
    """What the manifests install does not go with the broker's transport.

    ## What it does
    Looks up which kombu the manifests and lock files give (without a pin the newest that the declared Celery, its
    extras and the project's Python admit) and what its transport for the app's broker needs: redis-py 6.1 or later and
    `packaging` for Redis with kombu 5.7, `boto3` and `pycurl` for SQS, `pymongo` for MongoDB, `sqlalchemy` for
    `sqla+…`, `kazoo` for ZooKeeper.

    ## Why is this bad?
    Celery 5.1 to 5.4 and 5.6 admit kombu 5.7.0, so that a fresh install of `celery==5.3.6` with `redis==5.0.1` brings
    it. Its Redis transport raises `VersionMismatch: Redis transport requires redis-py versions 6.1.0 or later` or,
    without `packaging`, `ModuleNotFoundError`: no worker starts, and no task is sent.

    ## Example
    ```text
    celery==5.6.3
    redis==5.2.1
    ```

    ## Use instead
    ```text
    celery[redis]==5.6.3
    redis==5.2.1
    ```

    ## Fix safety
    Asking for the extra is safe: it makes pip choose a kombu and a redis-py that go together. Celery before 5.5 has no
    such extra of its own; there it is `kombu[redis]`. Where only an older Celery than the newest goes with the declared
    redis-py, its range is said with it, since pip would go back to one whose extra says nothing. Where no kombu goes
    with the declared redis-py, its range is changed. Lock files are left to the tool that writes them.

    ## Known limits
    Silent where a package may be installed that cannot be seen, where git tracks an environment with kombu in it, where
    the project names a Python for which pip chooses an older kombu, or pins a package that has wheels for such Pythons
    only (`tensorflow==2.2.0`), where conda installs celery, and where CBL201 speaks of the same package. So it is where
    several manifests differ and each goes well by itself, or where scripts install just those that do. That
    `packaging` is missing is only said where all that is declared is known not to bring it.

    ## References
    - [Kombu: Redis transport](https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.transport.redis.html)
    """
    from celery_backend_lint.model.broker_outcomes import broker_outcomes

    told: set[object] = set()
    for app in model.checked_apps:
        outcomes = broker_outcomes(model, app) if model.manifests.manifests else ()
        for outcome in outcomes:
            for key, finding in _check(model, app, outcome):
                if key not in told:
                    told.add(key)
                    yield finding


def _check(model: Model, app: App, outcome: BrokerOutcome) -> Iterator[tuple[object, Finding]]:
    from celery_backend_lint.model.backend_outcomes import backend_outcomes
    from celery_backend_lint.model.broker_packages import broker_needs
    from celery_backend_lint.model.packages import Packages, backend_needs
    from celery_backend_lint.model.project_python import NEWEST
    from celery_backend_lint.model.redis_choice import CHECKS_REDIS, REDIS

    packages = Packages(model, app)
    celery = packages.manifest_of_celery()
    if celery is None or model.project.installed("kombu"):
        return  # what an environment of the project itself holds is no fresh install
    # A first look that costs little. The newest Python gets the newest kombu, which asks for most.
    needs = [need.distributions for need, _ in broker_needs(outcome.transport, CHECKS_REDIS)]
    if all(packages.gives(one) for one in needs) and (
        outcome.transport not in REDIS or _go_together(packages.set, _install(packages.set, NEWEST))
    ):
        return
    installs = _installs(model, packages)
    if not installs:
        return
    others = {
        need.distributions
        for one in backend_outcomes(model, app)
        for need in backend_needs(one.kind, one.text, app.declared.version)
    }
    lacking = [
        (need, what)
        for need, what in broker_needs(outcome.transport, max(one.kombu for one in installs))
        if not packages.gives(need.distributions)
    ]
    if lacking and not packages.hides_something():
        for need, what in lacking:
            if need.distributions not in others:
                yield (celery.location, need.distributions), _missing(model, app, packages, celery, outcome, need, what)
    elif not lacking and outcome.transport in REDIS and all(one.kombu >= CHECKS_REDIS for one in installs):
        declaring = model.manifests.manifests.get(celery.location.path)
        if declaring is not None and declaring.format in ("conda", "conda-export"):
            return  # conda has releases and requirements of its own
        from celery_backend_lint.model.install_sources import fails_where_installed

        if fails_where_installed(model.project, model.manifests, packages.set, partial(_fails, model, packages)):
            yield from _mismatch(model, app, celery, outcome, installs[-1])


def _installs(model: Model, packages: Packages) -> list[FreshInstall]:
    """What gets installed on each Python that the project names; empty where that cannot be told."""
    from celery_backend_lint.model.project_python import pythons

    installs = [_install(packages.set, python) for python in pythons(model.project, packages.set)]
    known = [one for one in installs if one is not None]
    return known if len(known) == len(installs) else []


def _fails(model: Model, packages: Packages, manifests: ManifestSet) -> bool:
    """Whether what some manifests alone give does not go together on the newest Python that the project names."""
    from celery_backend_lint.model.project_python import pythons

    found = _install(manifests, pythons(model.project, packages.set)[-1])
    return found is None or not _go_together(manifests, found)


def _go_together(manifests: ManifestSet, found: FreshInstall | None) -> bool:
    """Whether the Redis transport of what gets installed has all that it asks for."""
    from celery_backend_lint.model.redis_choice import CHECKS_REDIS, OLDEST_REDIS

    if found is None or found.package is None or found.kombu < CHECKS_REDIS:
        return found is not None and found.package is not None
    return found.package >= OLDEST_REDIS and (manifests.has("packaging") or _asks_for_all(manifests, found))


def _install(manifests: ManifestSet, python: Version) -> FreshInstall | None:
    from celery_backend_lint.model.fresh_install import candidates, install

    found = candidates(manifests, "redis", "redis", python)
    return install(found, "redis", "redis") if found is not None else None


def _missing(
    model: Model, app: App, packages: Packages, celery: Requirement, outcome: BrokerOutcome, need: Need, what: str
) -> Finding:
    from celery_backend_lint.model.redis_choice import needed
    from celery_backend_lint.model.wanted_requirements import described

    path = celery.location.path
    declaring = model.manifests.manifests.get(path)
    kind = declaring.format if declaring is not None else ""
    asked = needed(model, app, packages.set, need, kind)
    text = described(asked, celery, kind)
    return RULE.finding(
        celery.location,
        f"the {outcome.transport} broker needs {' or '.join(need.distributions)}, which no manifest declares: on a "
        f"fresh install {what}",
        help=f"add `{text}` to {path}",
        app=app.name,
        related=(Related(outcome.location, "the broker"),),
        propose=partial(_add, model, asked, app.path),
    )


def _mismatch(
    model: Model, app: App, celery: Requirement, outcome: BrokerOutcome, found: FreshInstall
) -> Iterator[tuple[object, Finding]]:
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.packages import Packages
    from celery_backend_lint.model.plain_distributions import REDIS_WITH_PACKAGING
    from celery_backend_lint.model.redis_choice import OLDEST_REDIS
    from celery_backend_lint.model.versions import admits

    packages = Packages(model, app, development=False)
    manifests = packages.set
    own = [one for one in manifests.requirements("redis") if one.kind != "constraint"] or [celery]
    written = [one for one in own if one.kind != "lock"] or own
    written.sort(key=lambda one: one.location.path != celery.location.path)
    place = next((one for one in written if not admits(one.specifier, facts.releases("redis")[-1])), written[0])
    if place.location.path != celery.location.path:  # what is written there has to change
        celery = next((one for one in manifests.declares("celery") if one.location.path == place.location.path), celery)
    kombu, redis = _dotted(found.kombu), _dotted(found.package or ())
    locked = any(one.kind == "lock" for one in manifests.requirements("kombu"))
    declared = "locked" if locked else "declared" if manifests.has("kombu") else "the newest that the manifests admit"
    too_old = found.package is not None and found.package < OLDEST_REDIS
    # The transport imports ``packaging`` before it looks at redis-py's version.
    first, end = REDIS_WITH_PACKAGING
    brought = found.package is not None and first <= found.package < end
    asked = manifests.has("packaging") or _asks_for_all(manifests, found) or brought
    lacks = not asked and packages.surely_lack(("packaging",))
    if not too_old and not lacks:
        return
    if lacks:
        message = (
            f"the Redis transport of kombu {kombu}, {declared}, imports `packaging`, which nothing that is declared "
            "brings: opening the broker raises ModuleNotFoundError"
        )
        if too_old:
            message += f"; and it refuses redis-py {redis}, for it takes 6.1.0 or later"
    else:
        message = (
            f"kombu {kombu}, {declared}, refuses redis-py {redis}: opening the Redis broker raises VersionMismatch, "
            "for it takes 6.1.0 or later"
        )
        if not asked:
            message += " (ModuleNotFoundError where nothing brings `packaging`)"
    remedy = "renew the lock file with `celery[redis]`" if locked else _remedy(model, app, celery, found)
    related: tuple[Related, ...] = (Related(outcome.location, "the broker"),)
    if place is not celery:
        related = (Related(celery.location, f"{celery.name} is declared here"), *related)
    yield (
        place.location,
        RULE.finding(
            place.location,
            message,
            help=remedy,
            app=app.name,
            related=related,
            propose=partial(_bring_together, model, app, celery, found),
        ),
    )


def _asks_for_all(manifests: ManifestSet, found: FreshInstall) -> bool:
    """Whether the extra of kombu, which brings ``packaging``, is asked for."""
    from celery_backend_lint.model.redis_choice import hands_on

    return "redis" in manifests.extras_of("kombu") or (
        "redis" in manifests.extras_of("celery") and hands_on(found.celery)
    )


def _remedy(model: Model, app: App, celery: Requirement, found: FreshInstall) -> str:
    from celery_backend_lint.model.redis_choice import bounds_with_the_extra, goes_with_the_extra, hands_on, range_of

    if not goes_with_the_extra(model, app, found):
        return f"write `redis{range_of(found)}`"
    if not hands_on(found.celery):
        return f"add `kombu[redis]` to {celery.location.path}: pip then takes only what goes together"
    extras = ",".join(dict.fromkeys([*celery.extras, "redis"]))
    own = celery.specifier if "|" not in celery.specifier else ""
    return f"write `celery[{extras}]{bounds_with_the_extra(model, app, celery) or own}`"


def _bring_together(model: Model, app: App, celery: Requirement, found: FreshInstall) -> Fix:
    """The extra where some kombu goes with the declared redis-py, else the range of redis-py that kombu states."""
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import change_versions, narrow_with_extra
    from celery_backend_lint.fixes.manifests.renewal import renewal_of
    from celery_backend_lint.model.redis_choice import bounds_with_the_extra, goes_with_the_extra, hands_on, range_of
    from celery_backend_lint.model.wanted_requirements import Wanted

    held = model.manifests.for_path(app.path)
    for name in ("kombu", "celery", "redis"):
        lock = next((one for one in held.requirements(name) if one.kind == "lock"), None)
        if lock is not None:
            how = renewal_of(model.project, lock.location.path)
            raise CannotFixError(f"`{lock.location.path}` holds {name} and is written by a tool: {how}")
    if goes_with_the_extra(model, app, found):
        bounds = bounds_with_the_extra(model, app, celery) if hands_on(found.celery) else ""
        if bounds:
            change = narrow_with_extra(model.manifests, model.project, "redis", bounds, app.path)
            return Fix(change.title, Applicability.SAFE, change.edits, change.note)
        wanted = Wanted("celery[redis]", "redis", whole=True) if hands_on(found.celery) else Wanted("kombu[redis]")
        return _add(model, wanted, app.path)
    change = change_versions(model.manifests, model.project, "redis", range_of(found), app.path)
    return Fix(change.title, Applicability.SAFE, change.edits, change.note)


def _add(model: Model, needed: Wanted, near: str) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import add_requirement

    change = add_requirement(model.manifests, model.project, needed, near)
    if change is None:
        raise CannotFixError(f"`{needed.requirement}` is declared beside celery already: see which release it admits")
    return Fix(change.title, Applicability.SAFE, change.edits, change.note)


def _dotted(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release))
