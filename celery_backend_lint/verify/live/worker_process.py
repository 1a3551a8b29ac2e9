"""What runs in the process of the worker: the project's app, as `celery worker` runs it, with one task of its own.

It consumes from one queue that nothing else uses, and leaves alone whatever a worker shares with others: no remote
control, no events, no gossip, no state file; no signal handler and no bootstep of the project's own, which send tasks,
open ports, and write and remove the files that tell a supervisor of the real worker's health.
"""
# ruff: noqa: SLF001
# mypy: disable-error-code="import-untyped"

import logging
import os
import sys
from typing import Any, Callable, Dict, List, Tuple

from .protocol import Facts

Tell = Callable[[Facts], None]

LIBRARIES = ("celery", "kombu", "django_celery_results", __name__.partition(".")[0])
"""Whose signal handlers stay."""
SHARED = {
    "broker_connection_retry": False,
    "broker_connection_retry_on_startup": False,
    "task_send_sent_event": False,
    "worker_consumer": "celery.worker.consumer:Consumer",
    "worker_direct": False,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_state_db": None,
}
"""Settings that make a worker share something, wait for ever, or be another than the one that is meant here."""


def own_keys(queue: str) -> List[Tuple[str, str]]:
    """The options of kombu's Redis transport that name what all workers share, each with a name of this run's own.

    A worker gives back to their queue whatever messages of other workers were unacknowledged for long: not this one.
    """
    names = ("unacked", "unacked_index", "unacked_mutex")
    return [(name + "_key", name + "." + queue) for name in names]


def queue_of(name: str, driver: str, expires: float) -> Any:
    """The queue of the worker, on the default exchange, which needs no declaration and no binding."""
    import kombu

    untyped: Any = kombu
    exchange = untyped.Exchange("")
    if driver != "amqp":
        return untyped.Queue(name, exchange, name)
    # Without a type it were that of the virtual host, and a quorum queue takes no global prefetch limit.
    arguments = {"x-queue-type": "classic"}
    return untyped.Queue(name, exchange, name, expires=expires, queue_arguments=arguments)


class Quiet:
    """Within it no signal reaches the project's handlers, and no event is sent for a task."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __enter__(self) -> None:
        from celery.utils.dispatch.signal import Signal

        self.receivers = Signal._live_receivers
        self.events = self.app.conf.task_send_sent_event
        self.app.conf.task_send_sent_event = False
        only_libraries(Signal)

    def __exit__(self, *_error: object) -> None:
        from celery.utils.dispatch.signal import Signal

        Signal._live_receivers = self.receivers
        self.app.conf.task_send_sent_event = self.events


def only_libraries(signal: Any) -> None:
    """Have signals reach the handlers of libraries alone, but for that which imports the tasks."""
    original = signal._live_receivers

    def of_libraries(self: Any, sender: Any) -> List[Any]:
        found: List[Any] = original(self, sender)
        if self.name == "import_modules":
            return found
        return [one for one in found if str(getattr(one, "__module__", "")).partition(".")[0] in LIBRARIES]

    signal._live_receivers = of_libraries


class Nothing(Dict[str, Any]):
    """In place of ``app.steps``: whatever is added is lost."""

    def __missing__(self, _name: str) -> Any:
        return set()


def serve(app: Any, order: Facts, tell: Tell, describe: Callable[[BaseException, str], Facts]) -> int:
    """Run the worker until it is told to end. Returns its exit code."""
    from celery.utils.dispatch.signal import Signal

    only_libraries(Signal)
    app.steps = Nothing()
    try:
        app.loader.init_worker()
    except BaseException as error:
        tell(dict(describe(error, "modules"), event="failed"))
        return 1
    watch_worker(tell)
    try:
        worker = create(app, order)
    except BaseException as error:
        tell(dict(describe(error, "worker"), event="failed"))
        return 1
    worker.start()
    return int(worker.exitcode or 0)


def create(app: Any, order: Facts) -> Any:
    """The worker, with its task and its queue."""
    from celery import Task
    from celery.app.amqp import Queues

    name = order["queue"]
    app.conf.update(SHARED)
    if order["driver"] == "redis":
        app.conf.broker_transport_options = dict(app.conf.broker_transport_options or {}, **dict(own_keys(name)))
    # Past its setter, which binds each queue to the project's own exchange.
    app.amqp.__dict__["queues"] = Queues([queue_of(name, order["driver"], order["expires"])], create_missing=False)

    @app.task(name=order["task"], base=Task, ignore_result=False, acks_late=False, rate_limit=None)  # type: ignore[untyped-decorator]
    def give_back(value: Any) -> Any:
        return value

    app.finalize()
    return app.Worker(
        hostname="celery-backend-lint-" + str(os.getpid()) + "@verify",
        queues=[name],
        pool="solo",
        concurrency=1,
        loglevel="WARNING",
        quiet=True,
        task_events=False,
        without_gossip=True,
        without_heartbeat=True,
        without_mingle=True,
    )


def watch_worker(tell: Tell) -> None:
    """Have the worker tell how far it and its task come."""
    from celery import signals
    from celery.worker.consumer import Consumer

    def on(name: str, signal: Any) -> None:
        def receiver(**given: Any) -> None:
            error = given.get("exception")
            tell({"event": name, "text": type(error).__name__ + ": " + str(error) if error is not None else ""})

        signal.connect(receiver, weak=False)

    signals.worker_ready.connect(wake, weak=False)
    on("ready", signals.worker_ready)
    on("received", signals.task_received)
    on("stored", signals.task_success)
    on("internal", signals.task_internal_error)
    replace(Consumer, "on_decode_error", "undecodable", tell)
    replace(Consumer, "on_invalid_task", "undecodable", tell)
    replace(Consumer, "_get_connection_retry_type", "lost", tell)
    logging.getLogger("celery").addHandler(Errors(tell))


def wake(sender: Any, **_given: Any) -> None:
    """Have the event loop look up often: one that waits for the broker sees a signal but when a timer is due."""
    sender.timer.call_repeatedly(0.1, int)


def replace(cls: Any, method: str, event: str, tell: Tell) -> None:
    """Have a method tell the error that it is called for."""
    original = getattr(cls, method, None)
    if original is None:
        return

    def telling(self: Any, *args: Any, **kwargs: Any) -> Any:
        error = args[-1] if args and isinstance(args[-1], BaseException) else sys.exc_info()[1]
        if error is not None:
            tell({"event": event, "text": type(error).__name__ + ": " + str(error)})
        return original(self, *args, **kwargs)

    setattr(cls, method, telling)


class Errors(logging.Handler):
    """Tells the errors that the worker logs."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.ERROR)
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one, without its traceback."""
        text = record.getMessage().strip().split("\n")[0]
        cause = record.exc_info[1] if record.exc_info else None
        if cause is not None and str(cause) not in text:
            text += ": " + type(cause).__name__ + ": " + str(cause)
        self.tell({"event": "log", "text": text})
