"""Pins of what Celery itself requires, that no Celery which is admitted goes with: billiard, vine, click, amqp.

Which of them is the first that pip names is its own affair (pip 23 to 26: ``ResolutionImpossible``).
"""

from __future__ import annotations

import re

from celery_backend_lint.model import facts
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.model.versions import admits, exact
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.model.manifests.selection import ManifestSet


@record
class RefusedPin:
    """A pin, and the range that the newest admitted Celery, or the oldest kombu for it, states for the package."""

    pin: Requirement
    specifier: str


def refused_pins(manifests: ManifestSet, besides: Iterable[str]) -> list[RefusedPin]:
    """The pins that every admitted Celery excludes, in order of name, but for those of the packages ``besides``."""
    celeries = [facts.release_of(text) for text in manifests.admitted("celery", facts.releases("celery"))]
    asked = [_ranges(facts.extra("celery", one)) for one in celeries]  # noqa: S610 - Celery's, not Django's
    for number, celery in enumerate(celeries):
        specifier = facts.kombu_specifier(celery)
        kombus = [facts.release_of(one) for one in facts.releases("kombu") if admits(specifier, one)]
        for kombu in kombus:  # any of them may be chosen; those of the oldest come first
            for name, ranges in _ranges(facts.extra("kombu", kombu)).items():  # noqa: S610
                if name != "vine":
                    asked[number].setdefault(name, []).extend(ranges)
    found = []
    for name in sorted({name for one in asked for name in one} - {"kombu", *besides}):
        for pin in manifests.requirements(name):
            version = exact(pin.specifier)
            if version is None or pin.marker or pin.url or pin.unclear or pin.kind not in ("runtime", "constraint"):
                continue
            if all(one.get(name) and not any(admits(range_, version) for range_ in one[name]) for one in asked):
                found.append(RefusedPin(pin, asked[-1][name][0]))
    return found


def _ranges(texts: Iterable[str]) -> dict[str, list[str]]:
    """The ranges that requirements without a marker state, by package."""
    found: dict[str, list[str]] = {}
    for text in texts:
        parts = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?([^;]*)", text)
        if parts is not None and re.search(r"[<>=]=?\d", parts[2]) and "dev" not in parts[2]:  # ``pytz>dev``: any
            found.setdefault(normalized(parts[1]), []).append(parts[2].strip())
    return found
