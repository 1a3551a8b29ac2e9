"""Results as messages: the broker, the queue of replies as Celery declares it, and a reply by it.

A result of ``rpc://`` is a message to the queue of whoever sent the task. No worker is needed to see that one comes
through: ``store_result`` with the request's ``reply_to`` is all that a worker does. So the steps need none, which would
import the modules of all tasks and run for seconds; ``--worker`` has one send a result in addition.
"""
# mypy: disable-error-code="import-untyped"

import re
from typing import Any, List, Optional

from .broker_errors import explain_broker
from .broker_steps import Broker, broken, label_of
from .generic_steps import VALUE
from .protocol import Facts, Failure, Live, Step
from .worker_steps import task_steps

KIND = "rpc"


def where(live: Live) -> Facts:
    """The broker that broker_url names."""
    try:
        connection = live.app.connection_for_write()
    except Exception:  # a package is missing, which the first step says
        return {"label": "rpc://", "broker": "broker_url", "vhost": ""}
    label = label_of(connection)
    return {"label": "rpc:// through the broker at " + label, "broker": label, "vhost": connection.virtual_host or "/"}


def explain(error: BaseException, live: Live) -> Optional[Failure]:
    """Whatever fails here is the broker's."""
    return explain_broker(error, live, str(live.where.get("broker")))


def steps(live: Live) -> List[Step]:
    """The broker, the queue, its permissions, a reply, a worker where one is wanted, and the end of the queue."""
    try:
        broker = Broker(live)
    except Exception as error:
        return [broken(live, error)]
    replies = Replies(live, broker)
    way = broker.steps()
    found = [
        *way,
        Step("declare", replies.declare, needs=(way[-1].name,), writes=True),
        Step("expires", replies.expires, needs=("declare",), writes=True),
        Step("consume", replies.consume, needs=("declare",), writes=True),
        Step("publish", replies.publish, needs=("consume",), writes=True),
        Step("store", replies.store, needs=("publish",), writes=True),
        Step("read", replies.read, needs=("store",), writes=True),
    ]
    if live.worker:
        found += task_steps(live, broker, needs=("read",))
    else:
        found[-1] = found[-1]._replace(run=replies.read_without_worker)
    return [
        *found,
        Step("chords", replies.chords),
        Step("remove", replies.remove, needs=("task" if live.worker else "read",), writes=True),
    ]


class Replies:
    """The queue that this process gets its replies by."""

    def __init__(self, live: Live, broker: Broker) -> None:
        self.live = live
        self.broker = broker
        self.name = str(live.backend.oid)

    def queue(self, **changed: Any) -> Any:
        """The queue as Celery declares it."""
        queue = self.live.backend.binding
        for name, value in changed.items():
            setattr(queue, name, value)
        return queue(self.broker.channel())

    def declare(self) -> None:
        """Declare it, as Celery does before it sends a task (takes the permission to configure)."""
        address = str(self.live.app.conf.result_backend or "").partition("://")[2].rpartition("@")[2]
        if address and re.split("[/:]", address)[0] not in ("", self.broker.one.hostname):
            self.live.note("address-ignored", address=address, broker=self.broker.label)
        self.live.making("queue", self.name, self.remove, self.live.backend.expires or None)
        try:
            self.queue().declare()
        except Exception as error:
            if getattr(error, "code", 0) in (403, 406):  # then there is none, and it could not be deleted either
                self.live.removed(self.name)
            raise

    def expires(self) -> None:
        """See that the broker removes it when ``result_expires`` says.

        A queue cannot be declared once more with other arguments: the refusal tells what it has.
        """
        wanted = self.live.backend.expires
        if not self.broker.is_amqp:
            if wanted:
                raise Failure("expires-not-kept", transport=self.transport(), expires=float(wanted))
            self.live.note("never-expires")
            return
        try:
            self.queue(expires=0.001).declare()
        except Exception as error:
            if getattr(error, "code", None) != 406:
                raise
            found = re.search(r"current is (?:the value )?'(\d+)'", str(error))
        else:
            raise Failure("expires-ignored", broker=self.broker.label)
        if not wanted:
            self.live.note("never-expires")
        elif found is None:
            self.live.note("expires-untold")
        elif int(found.group(1)) != int(wanted * 1000):
            raise Failure("expires-differs", expires=float(wanted), found=int(found.group(1)) / 1000.0)

    def transport(self) -> str:
        """What kind of broker it is."""
        return str(self.broker.one.transport.driver_type)

    def consume(self) -> None:
        """Look into the queue (takes the permission to read)."""
        self.queue().get(no_ack=False)

    def publish(self) -> None:
        """Publish to the default exchange, as a worker does that replies (takes the permission to write).

        Publishing is not answered: what a worker may not publish is lost without a word. So something is asked on the
        channel after it. The message is for a queue that is not there.
        """
        if not self.broker.is_amqp:
            return

        def blocked(_reason: str) -> None:
            raise Failure("broker-blocked", broker=self.broker.label)

        self.broker.raw.on_blocked = blocked  # told by RabbitMQ, which reads no more of this connection then
        channel = self.broker.channel()
        message = channel.prepare_message("", content_type="text/plain", content_encoding="utf-8")
        channel.basic_publish(message, exchange="", routing_key=self.live.task_id)
        channel.basic_qos(0, 1, False)

    def store(self) -> None:
        """Send a result to the queue, as a worker does."""
        from celery.app.task import Context

        request = Context(reply_to=self.name, correlation_id=self.live.task_id)
        self.live.backend.store_result(self.live.task_id, VALUE, "SUCCESS", request=request)

    def read(self) -> None:
        """Wait for it, as ``AsyncResult.get`` does."""
        from celery.exceptions import TimeoutError as CeleryTimeoutError

        patience = self.live.limit * 0.8
        try:
            value = self.live.app.AsyncResult(self.live.task_id).get(timeout=patience)
        except CeleryTimeoutError:
            raise Failure("reply-missing", seconds=patience, queue=self.name) from None
        if value != VALUE:
            raise Failure("reply-other", queue=self.name)

    def read_without_worker(self) -> None:
        """The same, and say what could be tried in addition."""
        self.read()
        self.live.note("worker-possible")

    def chords(self) -> None:
        """See that a chord is refused, which those who write one have to know."""
        try:
            self.live.backend.ensure_chords_allowed()
        except NotImplementedError:
            self.live.note("no-chords")

    def remove(self) -> None:
        """Delete the queue, and see that it is gone."""
        self.broker.delete(self.name)
        self.live.removed(self.name)
