"""What another release of Celery asks to be installed, and whether a project's own requirements go with it."""

from __future__ import annotations

import re

from celery_backend_lint.model import facts
from celery_backend_lint.model.upgrade import PACKAGE, Change, Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.upgrade import AppUpgrade


def packages(model: Model, apps: Iterable[AppUpgrade], first: Version, second: Version) -> Iterator[Change]:
    """What Celery, and its extras for the backends in use, ask for otherwise."""
    extras: dict[str, Location] = {}
    for app in apps:
        for side, version in ((app.before, first), (app.after, second)):
            found = facts.backend(side.result_backend.kind, version)
            for extra in found.extras[:1] if found is not None else ():
                extras.setdefault(extra, side.location)
    if apps:
        then, now = facts.requires_python("celery", first), facts.requires_python("celery", second)
        if then != now:
            yield Change(PACKAGE, "Python", Side(then), Side(now), "what celery runs on")
        then, now = facts.kombu_specifier(first), facts.kombu_specifier(second)
        if then != now:
            yield Change(PACKAGE, "kombu", Side(then), Side(now), "what celery requires")
    for extra, location in sorted(extras.items()):
        asked, asks = _asked(extra, first), _asked(extra, second)
        for package in sorted({*asked, *asks}):
            if asked.get(package) != asks.get(package):
                why = f"what celery[{extra}] installs{_declared(model, location, package, asks.get(package))}"
                yield Change(PACKAGE, package, Side(asked.get(package, "")), Side(asks.get(package, "")), why)


def _asked(extra: str, version: Version) -> dict[str, str]:
    """The packages that an extra of Celery asks for, to their specifiers; kombu's where Celery hands on to kombu."""
    found: dict[str, str] = {}
    for text in facts.extra("celery", version, extra):  # noqa: S610
        handed_on = re.match(r"kombu\[([\w-]+)\]", text)
        kombus = facts.extra("kombu", facts.kombu_of(version), handed_on[1]) if handed_on else ()  # noqa: S610
        for requirement in kombus or (text,):
            parts = re.match(r"([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*)", requirement)
            if parts is not None:
                found[parts[1].lower()] = parts[2].strip() or "any version"
    return found


def _declared(model: Model, location: Location, package: str, asked: str | None) -> str:
    """What to add where the project's own requirement of a package does not go with what is asked for."""
    from celery_backend_lint.model.versions import admits

    if package not in ("redis", "sqlalchemy") or not asked:
        return ""
    manifests = model.manifests.for_path(location.path)
    admitted = manifests.admitted(package, facts.releases(package))
    if not admitted or any(admits(asked, version) for version in admitted):
        return ""
    locked = manifests.locked(package)
    declared = f"{package}=={locked}" if locked else f"{package}{manifests.specifier(package) or ''}"
    return f"; the project's {declared} is outside of the new range"
