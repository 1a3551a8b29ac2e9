"""A test's own queue at RabbitMQ, and what can be seen of others there without its management plugin."""

from __future__ import annotations

import re
from contextlib import suppress

import amqp
from kombu import Connection

from tests.configure.running import until


class Broker:
    """A connection of the test's own."""

    def __init__(self, url: str, queue: str) -> None:
        self.queue = queue
        self.connection = Connection(url)
        self.connection.connect()

    def close(self) -> None:
        """Delete the test's queue, with the exchange of its name."""
        with self.connection:
            channel = self.connection.channel()
            channel.queue_delete(self.queue)
            channel.exchange_delete(self.queue)

    def has(self, queue: str) -> bool:
        """Whether there is a queue of that name. Asking counts as a use of it."""
        with suppress(amqp.NotFound), self.connection.channel() as channel:
            channel.queue_declare(queue, passive=True)
            return True
        return False

    def expires(self, queue: str) -> int:
        """The milliseconds after which RabbitMQ deletes an unused queue of a result backend: its ``x-expires``.

        A queue cannot be declared once more with other arguments: the refusal tells what it has.
        """
        try:
            self.connection.channel().queue_declare(queue, durable=True, auto_delete=True, arguments={"x-expires": 1})
        except amqp.PreconditionFailed as error:
            found = re.search(r"'x-expires' .* current is '(\d+)'", str(error))
            assert found, str(error)
            return int(found[1])
        raise AssertionError(f"{queue} was not there, or expires after a millisecond")

    def until_gone(self, queue: str, unused: float = 0.1) -> None:
        """Wait until there is no queue of that name. It is not asked for more often than that many seconds."""
        until(lambda: not self.has(queue), f"the end of the queue {queue}", pause=unused)
