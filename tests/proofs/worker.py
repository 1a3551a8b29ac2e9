"""A real worker in a thread of the process that a proof's source runs in (see evaluate.py).

``START`` is Python text to put before that source. It gives ``start(app)``, which returns once the worker takes tasks,
and ``outcome(function)``: what the function returned, or the exception as text. The worker is ``celery.worker``'s own,
with the pool ``solo``; as in any worker, waiting for results is refused from then on: who waits outside of a task
says ``disable_sync_subtasks=False``. The process ends with the answer, and the worker with it.
"""

from __future__ import annotations

START = """
import threading
import time

from celery import chain, chord, group
from kombu import Queue


def start(app):
    queue = "cbl-" + os.urandom(6).hex()
    app.conf.update(
        task_default_queue=queue,
        task_queues=[Queue(queue, auto_delete=True)],  # gone with the process
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=False,
        broker_transport_options={"polling_interval": 0.01},  # for the broker in memory, which looks once a second
    )
    app.set_default()  # as celery.app.trace.setup_worker_optimizations does in a worker's process
    ready = threading.Event()
    worker = app.WorkController(
        app=app, pool="solo", loglevel="CRITICAL", without_gossip=True, without_mingle=True, without_heartbeat=True,
        ready_callback=lambda consumer: ready.set(),
    )
    threading.Thread(target=worker.start, daemon=True).start()
    assert ready.wait(20), "the worker did not start"


def outcome(function):
    try:
        return repr(function())
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]


WAIT = {"timeout": 5, "disable_sync_subtasks": False}
BRIEFLY = {"timeout": 0.2, "disable_sync_subtasks": False}
"""


def running(source: str, *, before: str = "") -> str:
    """``source``, which makes ``app``, with a worker that runs its tasks; ``before`` stands in front of it."""
    return f"{before}{START}\n{source}\nstart(app)\n"
