"""CBL606 is true: what ``create_engine`` refuses, in which of Celery's processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy

from celery_backend_lint.model import facts
from celery_backend_lint.model.data.engine_options import COMMON, DRIVER, POOL, QUEUE
from celery_backend_lint.model.engine_arguments import accepted, refused_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proofs.real import RealCelery

RELEASE = facts.release_of(sqlalchemy.__version__)
EVERY = sorted(
    {name for table in (COMMON, POOL, QUEUE) for names in table.values() for name in names}
    | {name for drivers in DRIVER.values() for names in drivers.values() for name in names}
    | {"pool_sizes", "pool_preping", "max_overfow", "poolclas"}
)
SESSION = """
from celery.backends.database.session import SessionManager
manager = SessionManager()
manager.forked = {forked}
"""


def takes(url: str, name: str, **more: object) -> bool:
    """Whether ``create_engine`` takes an option, whatever it says of its value."""
    try:
        sqlalchemy.create_engine(url, **{name: None, **more})
    except TypeError as error:
        return f"Invalid argument(s) '{name}'" not in str(error)
    except Exception:
        pass
    return True


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("driver", ["postgresql+psycopg2", "mysql+pymysql", "mariadb+pymysql", "sqlite+pysqlite"])
def test_the_table_says_what_create_engine_does(driver: str) -> None:
    """Each option that any release takes for any driver, asked of the real one, with a pool and without."""
    dialect, _, name = driver.partition("+")
    known = accepted(dialect, name, RELEASE)
    assert known is not None
    url = f"{driver}://" if dialect == "sqlite" else f"{driver}://h/db"
    for option in EVERY:
        if option in ("pool", "poolclass", "creator", "module", "plugins", "strategy", "connect_args", "future"):
            continue  # the value would have to be a real one
        more = {"poolclass": sqlalchemy.QueuePool}
        assert takes(url, option, **more) == (option in known.every), option
        without = known.common | known.pool
        assert takes(url, option, poolclass=sqlalchemy.NullPool) == (option in without), option


@pytest.mark.parametrize("version", ["5.5.3", "newest"])
def test_which_process_raises(celery_at: Callable[[str], RealCelery], version: str) -> None:
    """A child of a prefork worker pools, every other process does not."""
    celery = celery_at(version)
    release = facts.release_of(version) if version != "newest" else facts.celery_versions()[-1]
    known = accepted("mysql", "pymysql", RELEASE)
    assert known is not None
    for option in ("pool_sizes", "pool_size", "max_overflow", "echo_pool", "fast_executemany", "pool_use_lifo"):
        raised = set()
        for forked, process in ((True, "children"), (False, "parent")):
            # SQLite's engine with a queue stands for a server's: no driver is needed in the older environment.
            pool = ", poolclass=__import__('sqlalchemy').QueuePool" if forked else ""
            engine = f"manager.get_engine('sqlite:///r.db', {option}=1{pool}) and 1"
            outcome = celery.evaluate(engine, SESSION.format(forked=forked))
            if outcome.error:
                assert outcome.fails_with("TypeError", f"Invalid argument(s) '{option}'")
                raised.add(process)
        where = refused_in(option, known, keeps=True, given=[option], celery=release)
        assert raised == {"": set(), "everywhere": {"children", "parent"}}.get(where, {where}), option


def test_a_null_pool_has_no_size(celery: RealCelery) -> None:
    source = SESSION.format(forked=True) + "from sqlalchemy.pool import NullPool\n"
    bad = celery.evaluate("manager.get_engine('sqlite:///r.db', poolclass=NullPool, pool_size=3)", source)
    assert bad.fails_with("TypeError", "Invalid argument(s) 'pool_size'")
    assert celery.evaluate("manager.get_engine('sqlite:///r.db', poolclass=NullPool) and 1", source).works()
