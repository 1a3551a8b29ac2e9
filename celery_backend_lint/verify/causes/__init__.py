"""What each cause that the live steps name means, and what to do about it: one table for each kind of backend.

A table is a module with ``CAUSES``, code to `Words`; those of `generic` hold for every backend. Facts of a cause, and
those of where its backend is (``host``, ``port`` …), stand in braces. Messages and remedies are written for the user:
their settings by their names, their host, what to run; a full stop ends neither.
"""

from __future__ import annotations

from celery_backend_lint.record import record
from celery_backend_lint.verify.causes import broker, database, django, generic, redis, rpc, sentinel, worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from celery_backend_lint.verify.causes.words import Words

TABLES: dict[str, Mapping[str, Words]] = {
    "broker": broker.CAUSES,
    "database": database.CAUSES,
    "django": django.CAUSES,
    "generic": generic.CAUSES,
    "redis": redis.CAUSES,
    "rpc": rpc.CAUSES,
    "sentinel": sentinel.CAUSES,
    "worker": worker.CAUSES,
}
"""The table of each kind (``KIND`` of its steps). A kind without one has but the causes of `EVERYWHERE`."""
EVERYWHERE = {**generic.CAUSES, **broker.CAUSES, **worker.CAUSES}
"""Causes that any backend may have: with ``--worker`` each needs the broker."""


@record
class Worded:
    """A cause in words."""

    message: str
    remedy: str


def word(kind: str, cause: str, facts: Mapping[str, Any], step: str = "") -> Worded:
    """A cause of a kind of backend in words. A table may have ``cause@step``, which is the cause in that step only."""
    table = TABLES.get(kind, {})
    words = table.get(f"{cause}@{step}") or table.get(cause) or EVERYWHERE[cause]
    shown = _Facts({name: _shown(fact) for name, fact in facts.items()})
    return Worded(words.message.format_map(shown), words.remedy.format_map(shown))


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"  # a report with a hole is better than none; the tests see to it that there is no hole


def _shown(fact: object) -> str:
    if isinstance(fact, (list, tuple)):
        return ", ".join(_shown(one) for one in fact)
    return f"{fact:g}" if isinstance(fact, float) else str(fact)
