"""A task through a real worker and back, for any backend (``--worker``)."""
# mypy: disable-error-code="import-untyped"

import time
import uuid
from typing import Any, List, Tuple

from .broker_steps import Broker, broken
from .generic_steps import VALUE, expires_of
from .protocol import Failure, Live, Step
from .worker_child import Worker
from .worker_process import Quiet, own_keys, queue_of

KIND = "worker"

EXPIRES = 300.0
"""Seconds after which RabbitMQ removes the queue of tasks where nothing else does."""
LOADING = 30.0
"""Seconds that the worker may take to load the project, beyond the limit of a step."""
LONGEST_PREFIX = 24
BAD = ("undecodable", "internal", "lost")
"""What a worker may tell after which no result comes."""


def steps(live: Live, before: List[Step]) -> List[Step]:
    """What follows the steps of a backend that needs no broker itself."""
    try:
        broker = Broker(live)
    except Exception as error:
        return [broken(live, error)]
    way = broker.steps()
    last = [step.name for step in before if step.name == "read"][-1:]
    return way + task_steps(live, broker, (way[-1].name, *last))


def task_steps(live: Live, broker: Broker, needs: Tuple[str, ...]) -> List[Step]:
    """A worker, a task through it, and the end of both."""
    task = Task(live, broker)
    found = [
        Step("worker", broker.explaining(task.start), needs, writes=True, limit=live.limit + LOADING),
        Step("task", task.come_back, ("worker",), writes=True),
    ]
    if not task.is_message:
        found.append(Step("task-forget", task.forget, ("task",), writes=True))
    return [*found, Step("worker-end", broker.explaining(task.end), ("task",), writes=True)]


class Task:
    """The task that a worker of this run's own is sent."""

    def __init__(self, live: Live, broker: Broker) -> None:
        self.live = live
        self.broker = broker
        self.is_message = hasattr(live.backend, "oid")
        """Whether its result is a message to the queue of replies, which the steps of that backend remove."""
        own = "celery-backend-lint-" + uuid.uuid4().hex[:12]
        # A user may be allowed but what begins as the project's queues do.
        self.queue = str(live.app.conf.task_default_queue or "celery")[:LONGEST_PREFIX] + "." + own
        self.task_id = "celery-backend-lint-verify-" + str(uuid.uuid4())
        self.name = "celery_backend_lint.verify." + own
        self.worker = Worker(live)

    @property
    def driver(self) -> str:
        """What kind of broker it is."""
        return str(self.broker.one.transport.driver_type)

    def start(self) -> None:
        """Start the worker, and wait until it takes tasks."""
        self.live.making("queue", self.queue, self.undo, EXPIRES if self.broker.is_amqp else None)
        self.worker.start({"queue": self.queue, "task": self.name, "driver": self.driver, "expires": EXPIRES})

    def come_back(self) -> None:
        """Send it, wait for its result, and see that it is what the task returned."""
        from celery.exceptions import TimeoutError as CeleryTimeoutError

        patience = self.live.limit * 0.7
        end = time.monotonic() + patience
        self.broker.explaining(self.send)()
        while self.worker.event("stored") is None:
            alive = self.worker.listen(0.1)
            if not alive or time.monotonic() > end or any(self.worker.event(name) for name in BAD):
                raise self.missing(alive, patience)
        try:
            value = self.live.app.AsyncResult(self.task_id).get(timeout=self.live.limit * 0.2, interval=0.1)
        except CeleryTimeoutError:
            raise Failure("task-result-missing", seconds=self.live.limit * 0.2) from None
        if value != VALUE:
            raise Failure("task-other-result")

    def send(self) -> None:
        """Send it as ``apply_async`` does, to the worker's queue alone, whatever task_routes says."""
        from celery.app.routes import Router

        if not self.is_message:
            expires = expires_of(self.live.backend)
            self.live.making("result", self.task_id, self.undo_result, expires)
        queue = queue_of(self.queue, self.driver, EXPIRES)
        with Quiet(self.live.app):
            self.live.app.send_task(
                self.name,
                args=(VALUE,),
                task_id=self.task_id,
                queue=queue,
                declare=[],  # the worker has declared it
                router=Router(routes=[], queues={self.queue: queue}, app=self.live.app),
                ignore_result=False,
                retry=False,
            )

    def missing(self, alive: bool, patience: float) -> Failure:
        """Why the worker stored no result, as far as it tells."""
        worker = self.worker
        if worker.event("undecodable") is not None:
            return Failure("task-undecodable", text=worker.text_of("undecodable"))
        if worker.event("internal") is not None:
            return Failure("task-not-stored", text=worker.text_of("internal"))
        if worker.event("lost") is not None:
            return Failure("worker-lost-broker", text=worker.text_of("lost"))
        if not alive:
            return worker.ended()
        if worker.event("received") is None:
            return Failure("task-not-received", queue=self.queue, seconds=patience)
        return Failure("task-being-stored", seconds=patience, text=worker.text_of("log") or "it says nothing of it")

    def forget(self) -> None:
        """Forget its result, and see that it is gone."""
        try:
            self.forget_if_there()
        except NotImplementedError:
            self.live.note("task-cannot-forget", name=self.task_id)
            return
        self.live.removed(self.task_id)

    def undo_result(self) -> None:
        """End who might store it yet, and forget it."""
        self.worker.end(0.5)
        self.forget_if_there()

    def forget_if_there(self) -> None:
        """Some backends raise when they delete what is not there."""
        if self.status() != "PENDING":
            self.live.backend.forget(self.task_id)
            if self.status() != "PENDING":
                raise Failure("task-still-there", key=self.task_id)

    def status(self) -> Any:
        """The state that is stored of the task."""
        return self.live.backend.get_task_meta(self.task_id, cache=False).get("status")

    def end(self) -> None:
        """End the worker, and delete its queue."""
        if not self.worker.end(self.live.limit * 0.5):
            self.live.note("worker-killed", seconds=self.live.limit * 0.5)
        self.delete_queue()

    def undo(self) -> None:
        """The same in a hurry."""
        self.worker.end(0.5)
        self.delete_queue()

    def delete_queue(self) -> None:
        """Delete the queue and what a transport keeps for it."""
        self.broker.delete(self.queue, [key for _, key in own_keys(self.queue)])
        self.live.removed(self.queue)
