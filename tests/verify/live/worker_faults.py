"""Faults that ``--worker`` finds: of the worker, of its broker, and of what it does with a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from textwrap import dedent

from tests.redis_servers import redis_server
from tests.verify.live.generic_faults import own_backend
from tests.verify.live.rpc_broker import proxy, redis_keys
from tests.verify.live.site import Fault, Site

APP = """\
from celery import Celery

app = Celery("shop", broker={broker!r}, backend={backend!r}, set_as_current=False)
"""
WORKER = ("--step-timeout", "4", "--worker")


def on_redis(settings: str = "", module: str = "", cut: bytes = b"") -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with a Redis for tasks and results; ``module`` is orders.py, ``cut`` what the broker dies after."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder) as port, proxy(port, cut) as broker:
            urls = {"broker": f"redis://127.0.0.1:{broker}/0", "backend": f"redis://127.0.0.1:{port}/1"}
            files = {"tasks.py": APP.format(**urls) + dedent(settings), "orders.py": dedent(module)}
            yield Site(files, lambda: redis_keys(port))

    return start


@contextmanager
def without_broker(_: Path) -> Iterator[Site]:
    """A broker in the memory of a process."""
    with own_backend()(_) as site:
        yield Site({"tasks.py": dedent(site.files["tasks.py"]) + 'app.conf.broker_url = "memory://"\n'}, site.left, ())


def on_other_redis(
    user: str = "", *options: str, host: str = "127.0.0.1"
) -> Callable[[Path], AbstractContextManager[Site]]:
    """A Redis with more options for tasks alone, and with whom and where broker_url looks for it."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        with redis_server(folder, *options) as port, own_backend()(folder) as site:
            tasks = dedent(site.files["tasks.py"]) + f'app.conf.broker_url = "redis://{user}{host}:{port}/0"\n'
            yield Site({"tasks.py": tasks}, site.left, ("hunter2-is-a-secret", "another-secret"))

    return start


@contextmanager
def full_disk(folder: Path) -> Iterator[Site]:
    """Results that only the worker cannot store."""
    broken = """\
        def set(self, key, value):
            import sys
            if "celery.worker.consumer" in sys.modules:
                raise OSError("no space left for hunter2-is-a-secret")
            with open(os.path.join(FOLDER, key.decode()), "w") as file:
                file.write(value)
    """
    with redis_server(folder) as port, own_backend(broken)(folder) as site:
        settings = f'app.conf.broker_url = "redis://:hunter2-is-a-secret@127.0.0.1:{port}"\n'
        tasks = dedent(site.files["tasks.py"]) + settings.replace(":hunter2-is-a-secret@", "")
        tasks += 'app.conf.redis_password = "hunter2-is-a-secret"\n'
        yield Site({"tasks.py": tasks}, lambda: [*site.left(), *redis_keys(port)], ("hunter2-is-a-secret",))


FAULTS = [
    Fault(
        "worker: a task module that cannot be imported",
        on_redis('app.conf.include = ["orders"]\n', "import no_such_package_of_the_shop\n"),
        "worker",
        "worker-modules",
        "No module named 'no_such_package_of_the_shop' (orders.py:1)",
        arguments=WORKER,
    ),
    Fault(
        "worker: a task module that ends the process",
        on_redis('app.conf.include = ["orders"]\n', "import os\n\nprint('bye', flush=True)\nos._exit(3)\n"),
        "worker",
        "worker-ended",
        "(exit code 3): bye",
        arguments=WORKER,
    ),
    Fault(
        "worker: a broker in the memory of a process",
        without_broker,
        "broker",
        "broker-memory",
        "a worker in another gets no task",
        arguments=WORKER,
    ),
    Fault(
        "worker: a Redis broker on a host that does not exist",
        on_other_redis(host="redis.invalid"),
        "broker",
        "broker-host-unknown",
        "the name of the broker at redis.invalid:",
        arguments=WORKER,
    ),
    Fault(
        "worker: a wrong password of the Redis broker",
        on_other_redis(":hunter2-is-a-secret@", "--requirepass", "another-secret"),
        "broker",
        "broker-redis-password",
        "does not take the user or the password",
        arguments=WORKER,
    ),
    Fault(
        "worker: no password for the Redis broker",
        on_other_redis("", "--requirepass", "another-secret"),
        "broker",
        "broker-redis-password-missing",
        "wants a password",
        arguments=WORKER,
    ),
    Fault(
        "worker: a broker that dies in mid-task",
        on_redis(cut=b"celery_backend_lint.verify."),
        "task",
        "worker-lost-broker",
        "the worker lost the connection",
        arguments=WORKER,
        doubtful=1,
    ),
    Fault(
        "worker: a message that it does not accept",
        on_redis('app.conf.update(task_serializer="pickle", accept_content=["json"])\n'),
        "task",
        "task-undecodable",
        "ContentDisallowed",
        arguments=WORKER,
    ),
    Fault(
        "worker: another broker than the sender's",
        on_redis("app.conf.broker_read_url = app.conf.broker_url[:-1] + '2'\n"),
        "task",
        "task-not-received",
        "did not get the task",
        arguments=("--step-timeout", "2", "--worker"),
    ),
    Fault(
        "worker: a result that it cannot store",
        full_disk,
        "task",
        "task-not-stored",
        "OSError: no space left for ***",
        arguments=WORKER,
    ),
]
