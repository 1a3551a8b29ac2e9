"""Which result backend a value names: Celery's alias for it, as ``celery.app.backends.by_url`` finds it."""

from __future__ import annotations

from celery_backend_lint.model import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version

UNKNOWN = "unknown"
DISABLED = "disabled"
_SAME = {"db": "database", "sqlalchemy": "database", "elasticsearch": "elasticsearch"}


def alias_of(text: str) -> str:
    """The alias that a ``result_backend`` text is looked up by: what stands before ``://``, and there before ``+``."""
    if "://" in text:
        return text.partition("://")[0].partition("+")[0]
    return text


def kind_of(text: str | None, version: Version) -> str:
    """The kind of a ``result_backend`` value: Celery's alias (``db`` is ``database``), ``disabled`` or ``unknown``.

    ``unknown`` is what this Celery cannot load by an alias: class paths, typos, schemes of other tools.
    """
    if not text:
        return DISABLED
    alias = alias_of(text)
    known = facts.backends(version)
    if alias in known:
        return _SAME.get(alias, alias)
    if facts.third_party_backend(alias) is not None:
        return alias
    dotted = alias.replace(":", ".")
    for name, path in known.items():
        if path.replace(":", ".") == dotted:
            return _SAME.get(name, name)
    for name in ("django-db", "django-cache"):
        third_party = facts.third_party_backend(name)
        if third_party is not None and third_party[1].replace(":", ".") == dotted:
            return name
    return UNKNOWN
