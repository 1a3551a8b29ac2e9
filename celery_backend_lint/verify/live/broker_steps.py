"""The broker, where results or tasks go through it: the way to it, who one is there, and its virtual host."""

import socket
from typing import Any, Callable, List, Optional, Sequence

from .broker_errors import explain_broker
from .protocol import Failure, Live, Step

KIND = "broker"


class Broker:
    """The broker that the app sends to, and one connection to it, beside the pools of the app."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.one: Any = live.app.connection_for_write()
        self.several: List[Any] = [self.one]
        if len(self.one.alt or ()) > 1:
            self.several = [live.app.connection_for_write(url) for url in self.one.alt]
        self.raw: Any = None
        self.opened: Any = None
        self.vhost_refused: Optional[Failure] = None

    @property
    def label(self) -> str:
        """Its host and port, or what else names it."""
        return label_of(self.one)

    @property
    def is_amqp(self) -> bool:
        """Whether it speaks AMQP."""
        return bool(self.one.transport.driver_type == "amqp")

    def explaining(self, run: Callable[[], None]) -> Callable[[], None]:
        """A step whose errors are the broker's."""

        def explained() -> None:
            try:
                run()
            except Failure:
                raise
            except Exception as error:
                failure = self.explain(error)
                if failure is None:
                    raise
                raise failure from error

        return explained

    def explain(self, error: BaseException) -> Optional[Failure]:
        """The cause of an error of the broker's library."""
        return explain_broker(error, self.live, self.label)

    def steps(self) -> List[Step]:
        """The way to it, up to a connection that can be used."""
        if not self.is_amqp:
            return [Step("broker", self.explaining(self.connect_somehow))]
        found = [
            Step("broker-dns", self.explaining(self.resolve)),
            Step("broker-tcp", self.explaining(self.open), needs=("broker-dns",)),
        ]
        if self.one.ssl:
            found.append(Step("broker-tls", self.explaining(self.speak_tls), needs=("broker-tcp",)))
        return [
            *found,
            Step("broker-auth", self.explaining(self.authenticate), needs=(found[-1].name,)),
            Step("vhost", self.explaining(self.enter), needs=("broker-auth",)),
        ]

    def resolve(self) -> None:
        """Look up the name of each host; one that is known is enough."""
        self.first(lambda host, port: socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))

    def open(self) -> None:
        """Open a connection to the first that takes one, and close it again."""
        patience = self.live.limit * 0.8 / len(self.several)

        def reach(host: str, port: int) -> None:
            try:
                socket.create_connection((host, port), timeout=patience).close()
            except socket.timeout:
                raise Failure("broker-tcp-timeout", broker=f"{host}:{port}", seconds=patience) from None

        self.first(reach)

    def first(self, run: Callable[[str, int], Any]) -> None:
        """Run it for one broker after the other until it works, and take that one from now on."""
        failed: Optional[BaseException] = None
        for one in self.several:
            try:
                run(*address_of(one))
            except (OSError, Failure) as error:
                failed = failed or error
                if len(self.several) > 1:
                    self.live.note("broker-unreachable", broker=label_of(one), text=self.live.text_of(error))
            else:
                self.one = one
                return
        if failed is not None:
            self.one = self.several[0]
            raise failed

    def patient(self) -> Any:
        """The connection's settings, with no more patience than a step has."""
        own = self.one.connect_timeout
        self.one.connect_timeout = min(own, self.live.limit * 0.8) if own else self.live.limit * 0.8
        return self.one.transport

    def speak_tls(self) -> None:
        """Open a connection with TLS, and say nothing of AMQP but its name."""
        transport = self.patient()
        really = transport.Connection

        class Silent(really):  # type: ignore[misc,valid-type]
            def connect(self, callback: Any = None) -> None:  # noqa: ARG002 - as py-amqp calls it
                """Stop where the way is open."""
                self.transport = self.Transport(self.host, self.connect_timeout, self.ssl)
                self.transport.connect()

        transport.Connection = Silent
        try:
            transport.establish_connection().transport.close()
        finally:
            del transport.Connection

    def authenticate(self) -> None:
        """Say who one is. A virtual host that is refused comes after that."""
        try:
            self.raw = self.patient().establish_connection()
        except OSError as error:
            if not isinstance(error, ConnectionRefusedError) and not self.one.ssl:
                self.see_amqp()
            raise
        except Exception as error:
            if getattr(error, "method_name", "") != "Connection.open":
                raise
            self.vhost_refused = self.explain(error)
            if self.vhost_refused is None:
                raise

    def see_amqp(self) -> None:
        """Raise Failure where it does answer, but something else: py-amqp waits for the rest of a frame then."""
        said = b""
        try:
            with socket.create_connection(address_of(self.one), timeout=self.live.limit * 0.1) as one:
                one.sendall(b"AMQP\x00\x00\x09\x01")
                said = one.recv(7)
        except OSError:
            return
        if said[:2] == b"\x15\x03":  # an alert of TLS
            raise Failure("broker-speaks-tls", broker=self.label)
        if said and said[:1] != b"\x01":  # the first frame is one of a method
            raise Failure("broker-not-amqp", broker=self.label, text="it answers " + ascii(said)[1:])

    def enter(self) -> None:
        """See that the virtual host took one in."""
        if self.vhost_refused is not None:
            raise self.vhost_refused

    def connect_somehow(self) -> None:
        """Connect by whichever transport it is."""
        if self.one.transport.driver_type == "memory":
            raise Failure("broker-memory")
        self.opened = self.live.app.connection_for_write()
        self.opened.connect()
        self.raw = self.opened.connection
        self.channel()

    def channel(self) -> Any:
        """A new channel: an error closes the one that it comes on."""
        return self.opened.channel() if self.opened is not None else self.raw.channel()

    def delete(self, name: str, keys: Sequence[str] = ()) -> None:
        """Delete a queue and the keys that Redis has for it, by a connection of its own: what failed may have closed
        the other.
        """
        self.patient()
        delete_queue(self.one, name, keys)
        read = self.live.app.connection_for_read()
        if keys and read.as_uri(include_password=True) != self.live.app.connection_for_write().as_uri(
            include_password=True
        ):
            delete_queue(read, name, keys)


def broken(live: Live, error: Exception) -> Step:
    """The step in place of all others where there cannot even be a connection: a package of the broker's is missing."""

    def fail() -> None:
        raise explain_broker(error, live, "broker_url") or error

    return Step("broker", fail)


def delete_queue(one: Any, name: str, keys: Sequence[str]) -> None:
    """Delete a queue, and what Redis has under keys."""
    transport = one.transport
    connection = transport.establish_connection()  # once: kombu's own way tries again and again
    try:
        channel = transport.create_channel(connection)
        channel.queue_delete(name)
        if transport.driver_type == "amqp":
            if not is_gone(channel, name):
                raise Failure("queue-stays", queue=name)
            return
        # Kombu deletes a queue through its bindings, of which one on the default exchange has none.
        forget_queue = getattr(channel, "_delete", None)
        if forget_queue is not None:
            forget_queue(name, "", name, "")
        if keys and transport.driver_type == "redis":
            with channel.conn_or_acquire() as client:
                client.delete(*keys)
    finally:
        transport.close_connection(connection)


def is_gone(channel: Any, name: str) -> bool:
    """Whether RabbitMQ has no queue of that name; the channel is closed then."""
    try:
        channel.queue_declare(name, passive=True)
    except Exception as error:
        if getattr(error, "code", None) == 404:
            return True
        raise
    return False


def address_of(connection: Any) -> Any:
    """Host and port, as the transport fills them in."""
    info = connection.info()
    port = info.get("port") or connection.transport.default_port
    if connection.ssl and not connection.port:
        port = getattr(connection.transport, "default_ssl_port", port)
    return info.get("hostname") or "127.0.0.1", int(port)


def label_of(connection: Any) -> str:
    """What a broker is called in the report: host and port, or its kind where it has none (SQS, a folder)."""
    info = connection.info()
    kind = str(connection.transport.driver_type)
    if kind in ("memory", "filesystem", "sql") or not (info.get("port") or connection.transport.default_port):
        return kind
    host, port = address_of(connection)
    return f"{host}:{port}"
