"""Which redis-py goes with which kombu and Celery, and so what a project is to declare to get it.

The rules that speak of a missing, an old or a refused redis-py go by this one place. Seen with pip, uv, a Redis server
and a worker: kombu 4.1.0 with redis-py 2.10.6 (works) and 3.5.3 (the worker dies at the first message), kombu 5.0.2 to
5.7.0 with redis-py 3.5.3 to 8.1.0, Celery 5.2.7 and 5.4.0 beside ``kombu[redis]`` (kombu 5.7.0, redis-py 8.1.0: works).
"""

from __future__ import annotations

from celery_backend_lint.model import facts
from celery_backend_lint.model.fresh_install import Candidates, candidates, install, ranges_of
from celery_backend_lint.model.names import is_below_four
from celery_backend_lint.model.project_python import pythons
from celery_backend_lint.model.versions import floor, parse_release
from celery_backend_lint.model.wanted_requirements import Wanted, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.fresh_install import FreshInstall
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.model.manifests.selection import ManifestSet
    from celery_backend_lint.model.packages import Need

REDIS = frozenset({"redis", "rediss", "sentinel"})
"""The transports that are redis-py's."""

KNOWS_REDIS_3: Version = (4, 2, 2)
"""The first kombu that calls redis-py as 3.0 wants it (``Channel.append``: ``zadd`` with a mapping)."""
FOR_REDIS_2 = Wanted("redis>=2.10.5,<3")
"""What goes with every kombu before that. No extra says so: theirs, and Celery's, have no upper bound."""

CHECKS_REDIS: Version = (5, 7, 0)
"""The kombu whose Redis transport refuses redis-py before `OLDEST_REDIS` and imports ``packaging`` without requiring
it."""
OLDEST_REDIS: Version = (6, 1, 0)


def needed(model: Model, app: App, manifests: ManifestSet, need: Need, format: str = "") -> Wanted:
    """What to declare for a package that an app's broker or result backend needs, beside what manifests have already.

    ``format`` is that of the manifest that declares celery. For all but redis-py that is what Celery's own extra asks
    for. Where the broker is or may be Redis, and pip takes a kombu that refuses what that extra brings, it is
    ``kombu[redis]``, which goes with any broker.
    """
    if need.distributions[0] == "redis":
        if _is_for_redis_2(manifests, app):
            return FOR_REDIS_2
        if format not in ("conda", "conda-export") and _may_have_redis_broker(model, app):
            found = _newest_install(model, manifests)
            if found is not None and found.kombu >= CHECKS_REDIS and not hands_on(found.celery):
                return Wanted("kombu[redis]")
    return wanted(manifests, need.distributions[0], need.extra, app.declared.version)


def _is_for_redis_2(manifests: ManifestSet, app: App) -> bool:
    pinned = parse_release(manifests.locked("kombu") or "")
    return pinned < KNOWS_REDIS_3 if pinned is not None else is_below_four(app.declared)


def _may_have_redis_broker(model: Model, app: App) -> bool:
    from celery_backend_lint.model.broker_outcomes import broker_outcomes

    transports = {one.transport for one in broker_outcomes(model, app)}
    return bool(transports & REDIS) or (not transports and "broker_url" in app.settings)


def _newest_install(model: Model, manifests: ManifestSet) -> FreshInstall | None:
    """What the newest Python gets of those that the project names: it gets the newest kombu, which asks for most."""
    found = candidates(manifests, "redis", "redis", pythons(model.project, manifests)[-1])
    return install(found, "redis", "redis") if found is not None else None


def hands_on(celery: Version) -> bool:
    """Whether ``celery[redis]`` of a Celery is ``kombu[redis]`` (from 5.5.3 on)."""
    return "kombu[redis]" in facts.extra("celery", celery, "redis")  # noqa: S610 - Celery's, not Django's


def goes_with_the_extra(model: Model, app: App, found: FreshInstall) -> bool:
    """Whether some kombu goes with the declared redis-py once the extra is asked for."""
    held = model.manifests.for_path(app.path)
    now = candidates(held, "redis", "redis", pythons(model.project, held)[-1])
    if now is None:
        return False
    extras = now.extras | {"celery" if hands_on(found.celery) else "kombu"}
    return install(Candidates(now.celery, now.kombu, now.package, extras), "redis", "redis") is not None


def bounds_with_the_extra(model: Model, app: App, celery: Requirement) -> str:
    """The bounds that a declared Celery needs for ``celery[redis]`` to be what makes pip choose; "" for none.

    Where the newest Celery goes with no kombu that takes the declared redis-py, pip keeps the newest kombu and goes
    back with Celery until its extra is none of kombu's: ``celery[redis]>=5.4,<6`` beside ``redis<6`` gives Celery 5.4.0
    and kombu 5.7.0, which refuses it (seen with pip 24.0 and 26.3).
    """
    held = model.manifests.for_path(app.path)
    now = candidates(held, "redis", "redis", pythons(model.project, held)[-1])
    if now is None:
        return ""
    asked = Candidates(now.celery, now.kombu, now.package, now.extras | {"celery"})
    chosen = install(asked, "redis", "redis")
    bounds = _bounds(chosen, asked) if chosen is not None else ""
    if not bounds:
        return ""
    lowest, upper = bounds.split(",")
    clauses = [clause.strip() for clause in celery.specifier.split(",")]
    own = next((one for one in clauses if one.startswith(">=") and floor(one) >= floor(lowest)), lowest)
    return ",".join([own, upper, *(one for one in clauses if one.startswith("!="))])


def range_of(found: FreshInstall) -> str:
    """The range of redis-py that the extra of the kombu that gets installed states."""
    clauses = ranges_of(found.celery, found.kombu, "redis", "redis", ("kombu",))[0].split(",")
    return ",".join(sorted((one for one in clauses if one[0] in "<>"), key=lambda one: one.startswith("<")))


def range_beside_broker(model: Model, app: App, manifests: ManifestSet, least: str) -> str:
    """The range that a declared redis-py has to be raised to for an app's broker, "" where ``least`` may do.

    That is the one which goes with the transport of the kombu that pip takes beside ``least``, a release of redis-py.
    """
    if not _may_have_redis_broker(model, app):
        return ""
    found = candidates(manifests, "redis", "redis", pythons(model.project, manifests)[-1])
    if found is None:
        return ""
    chosen = install(Candidates(found.celery, found.kombu, (least,), found.extras), "redis", "redis")
    return range_of(chosen) if chosen is not None and chosen.kombu >= CHECKS_REDIS else ""


def celery_beside_redis(model: Model, manifests: ManifestSet) -> tuple[str, str]:
    """The bounds of a new ``celery[redis]``, and the range that a declared redis-py has to be raised to for it.

    ``""`` stands for no bounds and for no change. What pip finds for an old redis-py is a Celery before 5.5, whose
    extra says nothing to kombu: the newest of that refuses it. Where an older Celery than the newest goes with a
    redis-py, its bounds are said: pip 23 goes through kombu down to releases that do not build before it tries
    another Celery.
    """
    found = candidates(manifests, "redis", "redis", pythons(model.project, manifests)[-1], adds_celery=True)
    if found is None or not found.package:
        return "", ""
    chosen = install(found, "redis", "redis")
    if chosen is not None and _go_together(chosen):
        return _bounds(chosen, found), ""
    declared = facts.release_of(found.package[0])
    for release in facts.releases("redis"):
        raised = facts.release_of(release)
        tried = Candidates(found.celery, found.kombu, (release,), found.extras)
        chosen = install(tried, "redis", "redis") if raised > declared else None
        if chosen is not None and _go_together(chosen):
            return _bounds(chosen, found), f">={release},<{raised[0] + 1}"
    return "", ""


def _bounds(chosen: FreshInstall, found: Candidates) -> str:
    if chosen.celery == facts.release_of(found.celery[0]):
        return ""
    major, minor = chosen.celery[:2]
    return f">={major}.{minor},<{major}.{minor + 1}"


def _go_together(found: FreshInstall) -> bool:
    return hands_on(found.celery) or found.kombu < CHECKS_REDIS
