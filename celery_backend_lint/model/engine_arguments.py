"""Which of ``database_engine_options`` SQLAlchemy's ``create_engine`` takes, in a worker's children and elsewhere.

Celery pools in the forked children of a prefork worker only. Everywhere else it makes the engine with ``NullPool`` and
drops every option whose name begins with ``pool``, from 5.6.3 on also ``max_overflow`` and ``echo_pool``
(``celery.backends.database.session.SessionManager.get_engine``, 5.3 to 5.7).
"""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model.data import Version

OVERFLOW_DROPPED = (5, 6, 3)
"""The Celery from which ``max_overflow`` is dropped as well where nothing is pooled."""

EVERYWHERE, CHILDREN, PARENT = "everywhere", "children", "parent"


@record
class Accepted:
    """The options that one release takes for a driver: ``queue`` are those of a pool that keeps connections."""

    common: frozenset[str]
    pool: frozenset[str]
    queue: frozenset[str]

    @property
    def every(self) -> frozenset[str]:
        """All of them."""
        return self.common | self.pool | self.queue


def accepted(dialect: str, driver: str, sqlalchemy: Version) -> Accepted | None:
    """What ``create_engine`` takes; None for a driver that this SQLAlchemy does not bring."""
    from celery_backend_lint.model.data.engine_options import COMMON, DRIVER, POOL, QUEUE

    minor = max((one for one in COMMON if one <= sqlalchemy[:2]), default=min(COMMON))
    own = DRIVER[minor].get(f"{dialect}+{driver}")
    if own is None:
        return None
    # ``plugins`` is taken out of the options by the URL.
    common = frozenset((*COMMON[minor], *own, "plugins"))
    return Accepted(common, frozenset(POOL[minor]), frozenset(QUEUE[minor]))


def keeps_connections(dialect: str, sqlalchemy: Version) -> bool:
    """Whether the dialect's own pool is one with a size: all servers', SQLite's files' from SQLAlchemy 2.0 on."""
    return dialect != "sqlite" or sqlalchemy >= (2, 0)


def refused_in(name: str, takes: Accepted, *, keeps: bool, given: Iterable[str], celery: Version) -> str:
    """Where ``create_engine`` refuses an option: in the ``children`` of a prefork worker, in every other process
    (``parent``), ``everywhere``, or "" for nowhere. ``keeps`` says that the children's pool has a size.

    ``given`` are all options: with a pool of the project's own, what that takes is not known.
    """
    if name.startswith("_"):
        return ""
    own = not {"pool", "poolclass"}.isdisjoint(given) and keeps
    children = name not in takes.common | takes.pool and not (name in takes.queue and keeps)
    if own and (name in takes.pool or name in takes.queue):
        children = False
    dropped = name.startswith("pool") or (celery >= OVERFLOW_DROPPED and name in ("max_overflow", "echo_pool"))
    parent = not dropped and name not in takes.common | takes.pool
    return EVERYWHERE if children and parent else CHILDREN if children else PARENT if parent else ""
