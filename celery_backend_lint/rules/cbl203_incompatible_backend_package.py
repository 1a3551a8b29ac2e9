"""CBL203: requirements that exclude each other, or a pair that Celery does not ask for."""

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
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.fresh_install import FreshInstall
    from celery_backend_lint.model.manifests.declared import Manifest, Requirement
    from celery_backend_lint.model.manifests.selection import ManifestSet

RULE = Rule("CBL203", "incompatible-backend-package", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

_PACKAGES = ("redis", "sqlalchemy")
_OVERRIDES = (b"override-dependencies", b"resolution.overrides", b"exclude-dependencies")
_USERS = {"redis": {"redis", "rediss", "sentinel"}, "sqlalchemy": {"database"}}


def check_incompatible_backend_package(model: Model) -> Iterator[Finding]:
    """The manifest asks for a redis-py, SQLAlchemy or kombu that its own Celery excludes.

    ## What it does
    Takes what one manifest, with the files that it includes, says of celery, kombu, redis and sqlalchemy, and looks for
    releases of them that go together: with `celery[redis]` or `kombu[redis]` the ranges of these extras count. Where
    there are none it is an error. Without the extra, a version outside of the range that kombu states is advice.

    ## Why is this bad?
    pip and uv refuse to install what excludes itself (`ResolutionImpossible`): `celery[redis]==5.5.3` beside
    `redis==7.1.0`, for kombu 5.5 asks for redis-py up to 5.2.1. Without the extra nothing checks: such pairs mostly
    work, but Celery is not tested with them.

    ## Example
    ```text
    celery[redis]==5.5.3
    redis==7.1.0
    ```

    ## Use instead
    ```text
    celery[redis]==5.5.3
    redis>=4.5.2,<=5.2.1
    ```

    ## Fix safety
    The range that Celery states is safe where nothing could be installed. Where it is advice the pair that there is may
    work, and other code may need it: that takes `--unsafe-fixes`. No fix where pip would go on refusing, for a pin of
    what Celery requires besides (billiard, vine, amqp). Lock files are left to the tool that writes them.

    ## Known limits
    Silent where a requirement has a marker, comes from elsewhere than an index or cannot be told, where a lock file
    shows that a tool found releases, where uv or PDM is given overrides, and where a Celery older than 4.4 is admitted.
    Packages that are too old are CBL202's.

    ## References
    - [pip: dependency resolution](https://pip.pypa.io/en/stable/topics/dependency-resolution/)
    """
    told: set[object] = set()
    for app in model.checked_apps:
        held = model.manifests.for_path(app.path)
        pinned = [name for name in (*_PACKAGES, "kombu") if held.specifier(name) or held.locked(name)]
        if not pinned or not app.declared.text:
            continue
        refused = False
        if not any(one.kind == "lock" for one in held.requirements("celery")):
            for manifest in held.manifests:
                for finding in _refused(model, app, manifest):
                    refused = True
                    if finding.location not in told:
                        told.add(finding.location)
                        yield finding
        if model.wants_advice and not refused:
            for finding in _outside(model, app, held, pinned):
                if finding.location not in told:
                    told.add(finding.location)
                    yield finding


def _refused(model: Model, app: App, manifest: Manifest) -> Iterator[Finding]:
    """What pip refuses of one manifest and all that it includes."""
    from celery_backend_lint.model.fresh_install import falls_back_further, installed_together

    if not any(one.name == "celery" for one in manifest.requirements):
        return
    together = installed_together(manifest, model.manifests.manifests)
    if falls_back_further(together) or _overrides(model, together):
        return
    for package in _PACKAGES:
        lines = _lines(together, "celery", "kombu", package)
        if lines is not None and not _fits(model, together, package):
            # Whose fault is it: without the package's own line it may go together.
            culprit = package if together.requirements(package) and _fits(model, together, "") else "kombu"
            yield from _refusal(model, app, together, culprit, lines)
            return


def _overrides(model: Model, together: ManifestSet) -> bool:
    """Whether uv or PDM is told to pass over what packages ask for (``override-dependencies`` and their like)."""
    return any(model.project.mentions(one.path, _OVERRIDES) for one in together.manifests)


def _lines(together: ManifestSet, *names: str) -> list[Requirement] | None:
    """All that is said of some packages; None where one line is not plain, or where they are not installed together."""
    lines = [one for name in names for one in together.requirements(name)]
    if any(one.marker or one.url or one.unclear or one.kind not in ("runtime", "constraint") for one in lines):
        return None
    return lines if any(one.kind == "runtime" for one in lines if one.name == "celery") else None


def _fits(model: Model, together: ManifestSet, package: str) -> bool:
    """Whether some releases go together, as far as can be told; ``""`` asks for celery and kombu alone."""
    from celery_backend_lint.model.fresh_install import Candidates, candidates, install
    from celery_backend_lint.model.project_python import NEWEST, pythons

    found = candidates(together, package, package, NEWEST) if package else None
    if found is not None and install(found, package, package) is not None:
        return True  # the files that name an older Python are not asked for
    for python in pythons(model.project, together):
        found = candidates(together, package or "redis", package or "redis", python)
        if found is not None and not package:
            found = Candidates(found.celery, found.kombu, None, frozenset())
        if found is None or install(found, package or "redis", package or "redis") is not None:
            return True
    return False


def _refusal(
    model: Model, app: App, together: ManifestSet, package: str, lines: list[Requirement]
) -> Iterator[Finding]:
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.package_floors import FLOORS, is_outdated
    from celery_backend_lint.model.refused_pins import refused_pins

    own = [one for one in lines if one.name == package]
    celery = next(one for one in lines if one.name == "celery" and one.kind == "runtime")
    admitted = together.admitted("celery", facts.releases("celery"))
    version = facts.release_of(admitted[-1])
    if not own:
        return
    newest = facts.release_of((together.admitted(package, facts.releases(package)) or ["0"])[-1])
    floor = next((one for one in FLOORS if one.package == package), None)
    if floor is not None and _uses(model, app, package) and is_outdated(together, floor, version, newest):
        return
    range_, asks = _stated(together, package, version)
    others = refused_pins(together, (package,))
    more = " and ".join(f"`{one.pin.name}{one.pin.specifier}`" for one in others)
    written = f"{celery.name}{_extras(celery)}{celery.specifier}"
    yield RULE.finding(
        own[0].location,
        f"pip refuses `{written}` with `{package}{own[0].specifier}`: {asks}"
        + (f"; it refuses {more} too" if others else ""),
        help=f"`{package}{range_}`"
        + "".join(f", `{one.pin.name}{_ordered(one.specifier)}`" for one in others)
        + ("; or the Celery that goes with the pins" if others else ""),
        app=app.name,
        related=(
            Related(celery.location, "celery is declared here"),
            *(Related(one.pin.location, "pip refuses this one as well") for one in others),
        ),
        propose=partial(_change, model, package, range_, app.path, safe=True, others=more),
    )


def _extras(one: Requirement) -> str:
    return f"[{','.join(one.extras)}]" if one.extras else ""


def _stated(manifests: ManifestSet, package: str, celery: Version) -> tuple[str, str]:
    """The range of a package that Celery or its kombu states, without single releases left out; and who asks for it."""
    from celery_backend_lint.model import facts

    kombu = _kombu(manifests, celery)
    if package == "kombu":
        range_, who = facts.kombu_specifier(celery), f"celery {_dotted(celery)}"
    else:
        range_, who = _ranges(package, celery, kombu)
    return _ordered(range_), f"{who} asks for {package}{range_}"


def _ordered(range_: str) -> str:
    """A range with its lower bound first, and without the single releases that it leaves out."""
    return ",".join(sorted((one for one in range_.split(",") if one[0] in "<>="), key=lambda one: one.startswith("<")))


def _ranges(package: str, celery: Version, kombu: Version) -> tuple[str, str]:
    """The range that an extra of a Celery asks for; its kombu's own where that is what it hands on to."""
    from celery_backend_lint.model.fresh_install import ranges_of

    asked = ranges_of(celery, kombu, package, package)
    own = ranges_of(celery, kombu, package, package, ("kombu",))
    who = f"kombu[{package}] {_dotted(kombu)}" if asked == own else f"celery[{package}] {_dotted(celery)}"
    return (asked or [""])[0], who


def _kombu(manifests: ManifestSet, celery: Version) -> Version:
    from celery_backend_lint.model import facts

    declared = manifests.resolved_version("kombu", facts.releases("kombu"))
    return facts.release_of(declared) if declared is not None else facts.kombu_of(celery)


def _outside(model: Model, app: App, held: ManifestSet, pinned: list[str]) -> Iterator[Finding]:
    """Packages without the extra, all of whose admitted releases lie outside of the range that Celery states."""
    from celery_backend_lint.model.fresh_install import candidates, install
    from celery_backend_lint.model.package_floors import FLOORS, is_outdated
    from celery_backend_lint.model.project_python import pythons
    from celery_backend_lint.model.versions import admits

    for package in (name for name in _PACKAGES if name in pinned and _uses(model, app, name)):
        found = candidates(held, package, package, pythons(model.project, held)[-1])
        chosen = install(found, package, package) if found is not None else None
        if chosen is None or chosen.package is None or found is None or found.package is None or chosen.celery < (4, 4):
            continue
        floor = next(one for one in FLOORS if one.package == package)
        range_, who = _ranges(package, chosen.celery, chosen.kombu)
        if not range_ or any(admits(range_, version) for version in found.package):
            continue
        if is_outdated(held, floor, chosen.celery, chosen.package):
            continue
        if who.startswith("kombu") and _broker_refuses(model, app, package, chosen):
            continue  # with another kombu it may be within
        if _broker_needs_newer(model, app, package, chosen, range_):
            continue
        own = [one for one in held.requirements(package) if not one.unclear and not one.url]
        place = next((one for one in own if one.kind != "lock"), None)
        if place is None:
            continue  # another package brought it
        celery = next(iter(held.declares("celery")), None)
        stated = _ordered(range_)
        yield RULE.finding(
            place.location,
            f"{package} {_dotted(chosen.package)} lies outside of what {who} asks for (`{package}{range_}`): the pair "
            "may work, but Celery is not tested with it",
            help=f"`{package}{stated}`",
            app=app.name,
            severity=Severity.ADVICE,
            related=(Related(celery.location, "celery is declared here"),) if celery is not None else (),
            propose=partial(_change, model, package, stated, app.path, safe=False),
        )


def _broker_refuses(model: Model, app: App, package: str, chosen: FreshInstall) -> bool:
    """Whether the Redis broker does not take the package either, which another rule says."""
    from celery_backend_lint.model.broker_outcomes import broker_outcomes
    from celery_backend_lint.model.redis_choice import CHECKS_REDIS, OLDEST_REDIS, REDIS

    if package != "redis" or chosen.kombu < CHECKS_REDIS or (chosen.package or ()) >= OLDEST_REDIS:
        return False
    return any(one.transport in REDIS for one in broker_outcomes(model, app))


def _broker_needs_newer(model: Model, app: App, package: str, chosen: FreshInstall, range_: str) -> bool:
    """Whether the Redis broker takes the package, and refuses every release of a range: that of ``celery[redis]`` 5.4
    ends before what kombu 5.7 takes begins.
    """
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.broker_outcomes import broker_outcomes
    from celery_backend_lint.model.redis_choice import CHECKS_REDIS, OLDEST_REDIS, REDIS
    from celery_backend_lint.model.versions import admits

    if package != "redis" or chosen.kombu < CHECKS_REDIS or (chosen.package or ()) < OLDEST_REDIS:
        return False
    if any(admits(range_, one) for one in facts.releases("redis") if facts.release_of(one) >= OLDEST_REDIS):
        return False
    return any(one.transport in REDIS for one in broker_outcomes(model, app))


def _uses(model: Model, app: App, package: str) -> bool:
    """Whether an app keeps its results in what the package is for."""
    from celery_backend_lint.model.backend_outcomes import backend_outcomes, known_kinds

    return bool(known_kinds(backend_outcomes(model, app)) & _USERS.get(package, set()))


def _change(model: Model, package: str, specifier: str, near: str, *, safe: bool, others: str = "") -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import change_versions

    if others:
        raise CannotFixError(f"pip would still refuse {others}: see which Celery is wanted")
    change = change_versions(model.manifests, model.project, package, specifier, near)
    applicability = Applicability.SAFE if safe else Applicability.UNSAFE
    return Fix(change.title, applicability, change.edits, change.note)


def _dotted(release: Version) -> str:
    return ".".join(map(str, release))
