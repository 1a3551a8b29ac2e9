"""Redis, with TLS or by a socket of this machine: the way to it, what it allows, a result, how the server is set up."""

import os
import socket
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

from .generic_steps import Result
from .protocol import Facts, Failure, Live, Step
from .redis_errors import explain, is_late, tls_of

KIND = "redis"
NEARLY_FULL = 0.9
TAKEN = ("acl-command", "cannot-save", "loading", "busy", "replica-without-master")
"""Causes for which a server refuses PING to a user whom it has let in."""
TOLERANCE = 5.0
"""Seconds by which a time to live may differ from what it was set to."""


def where(live: Live) -> Facts:
    """The server that result_backend names."""
    params = live.backend.connparams
    user = params.get("username") or "default"
    database = params.get("db") or params.get("virtual_host") or 0
    facts: Facts = {"database": database, "user": user}
    if params.get("path"):
        path = params["path"]
        return dict(facts, host=path, port="", label=f"Redis at {path}, database {database}")
    kind = "Redis with TLS" if tls_of(live) else "Redis"
    host, port = params.get("host") or "localhost", params.get("port") or 6379
    return dict(facts, host=host, port=port, label=f"{kind} at {host}:{port}, database {database}")


def steps(live: Live) -> List[Step]:
    """Every step, in order."""
    server = Server(live)
    params = live.backend.connparams
    if params.get("path"):
        way = [Step("socket", lambda: server.open_socket(params["path"]))]
    else:
        address = (params.get("host") or "localhost", int(params.get("port") or 6379))
        way = [
            Step("dns", lambda: server.resolve(*address)),
            Step("tcp", lambda: server.open(*address), needs=("dns",)),
        ]
    return way + steps_of_server(live, server, way[-1].name)


def steps_of_server(live: Live, server: "Server", after: str) -> List[Step]:
    """The steps once a way to the server is there, which the step ``after`` found."""
    found = []
    if tls_of(live):
        found.append(Step("tls", server.connect, needs=(after,)))
        after = "tls"
    result = RedisResult(live, server)
    return [
        *found,
        Step("auth", server.authenticate, needs=(after,)),
        Step("database", server.select, needs=("auth",)),
        Step("ping", server.ping, needs=("database",)),
        Step("role", server.role, needs=("ping",)),
        Step("memory", server.memory, needs=("ping",)),
        Step("clients", server.clients, needs=("ping",)),
        Step("persistence", server.persistence, needs=("ping",)),
        Step("subscribe", result.subscribe, needs=("ping",)),
        Step("store", result.store, needs=("role", "subscribe"), writes=True),
        Step("notify", result.notified, needs=("store",)),
        Step("read", result.read, needs=("store",)),
        Step("ttl", result.lives, needs=("store",)),
        Step("forget", result.forget, needs=("store",), writes=True),
    ]


class Server:
    """The server, and one connection to it that is opened bit by bit."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.connection: Any = None
        self.handshake: Any = None

    @property
    def client(self) -> Any:
        """The client that Celery uses."""
        return self.live.backend.client

    def resolve(self, host: str, port: int) -> None:
        """Look the host's name up."""
        socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)

    def open(self, host: str, port: int) -> None:
        """Open a connection and close it again."""
        try:
            socket.create_connection((host, port), timeout=self.live.limit * 0.8).close()
        except socket.timeout:
            raise Failure("tcp-timeout", seconds=self.live.limit * 0.8) from None

    def open_socket(self, path: str) -> None:
        """Open a socket of this machine."""
        one = socket.socket(socket.AF_UNIX)
        try:
            one.connect(path)
        except FileNotFoundError:
            raise Failure("socket-missing") from None
        except PermissionError:
            raise Failure("socket-permission", user_here=str(os.getuid())) from None
        except ConnectionRefusedError:
            raise Failure("socket-refused") from None
        finally:
            one.close()

    def connect(self) -> None:
        """Connect as redis-py does, TLS included, without a word to the server."""
        if self.connection is None:
            self.connection, self.handshake = self.connected()

    def connected(self) -> Tuple[Any, Callable[[], Any]]:
        """A connection on which nothing was said, and what redis-py says first.

        It is none of the pool's, which may have no more than one to give.
        """
        pool = self.client.connection_pool
        options = dict(pool.connection_kwargs)
        patience = self.live.limit * 0.6
        if tls_of(self.live):  # a server without TLS may take what it is sent for the beginning of a command, and wait
            options.update(socket_timeout=patience, socket_connect_timeout=patience)
        connection = pool.connection_class(**options)
        # Since 4.1 the function that a connection is given replaces `on_connect`.
        given = getattr(connection, "redis_connect_func", None)
        on_connect = connection.on_connect
        connection.on_connect = lambda: None
        connection.redis_connect_func = lambda _: None
        try:
            connection.connect()
        except Exception as error:
            if tls_of(self.live) and is_late(error):
                if self.speaks_plainly(connection):
                    raise Failure("not-tls", text="it answers PING without it") from None
                raise Failure("no-answer", seconds=patience) from None
            raise
        del connection.on_connect
        connection.redis_connect_func = given
        return connection, on_connect if given is None else partial(given, connection)

    def authenticate(self) -> None:
        """Say who one is, and see that the server takes it."""
        self.connect()
        database, self.connection.db = self.connection.db, 0
        try:
            self.handshake()
            self.connection.send_command("PING")
            self.connection.read_response()
        except Exception as error:
            if tls_of(self.live) and is_late(error):
                raise Failure("no-answer", seconds=self.connection.socket_timeout) from None
            failure = explain(error, self.live)
            if failure is not None and failure.cause == "closed" and tls_of(self.live):
                self.hear()
            if failure is None or failure.cause not in TAKEN:
                raise
        finally:
            self.connection.db = database

    def hear(self) -> None:
        """Raise why the server closed the connection.

        Since TLS 1.3 it says so after the handshake, when sending may already fail.
        """
        connection, _ = self.connected()  # kept, for it closes its socket when nobody has it any more
        sock = getattr(connection, "_sock", None)
        if sock is not None:
            sock.recv(1)

    def speaks_plainly(self, connection: Any) -> bool:
        """Whether the server answers without TLS."""
        with socket.create_connection((connection.host, connection.port), timeout=self.live.limit * 0.2) as one:
            one.sendall(b"PING\r\n")
            try:
                return one.recv(1) in (b"+", b"-")
            except OSError:
                return False

    def select(self) -> None:
        """Choose the database."""
        try:
            if self.connection.db:
                self.connection.send_command("SELECT", self.connection.db)
                self.connection.read_response()
        finally:
            self.connection.disconnect()

    def ping(self) -> None:
        """A round trip through Celery's own pool of connections."""
        try:
            self.client.ping()
        except Exception as error:
            failure = explain(error, self.live)
            if failure is None or failure.cause != "acl-command":
                raise
            self.live.note("ping-not-allowed")

    def info(self, section: str) -> Dict[str, Any]:
        """A section of INFO, empty where the server does not tell."""
        try:
            return dict(self.client.info(section))
        except Exception as error:
            failure = explain(error, self.live)
            if failure is None or failure.cause not in ("acl-command", "command-unknown"):
                raise
            self.live.note("info-not-allowed", section=section)
            return {}

    def configured(self, name: str) -> Optional[str]:
        """A setting of the server, None where it does not tell (managed ones seldom do)."""
        try:
            found = self.client.config_get(name)
        except Exception as error:
            failure = explain(error, self.live)
            if failure is None or failure.cause not in ("acl-command", "command-unknown"):
                raise
            return None
        return text(found.get(name, found.get(name.encode())))

    def role(self) -> None:
        """Whether it takes what is written."""
        info = self.info("replication")
        if info.get("role") == "slave":
            master = f"{info.get('master_host')}:{info.get('master_port')}"
            if info.get("slave_read_only"):
                raise Failure("replica", text="the master is " + master)
            self.live.note("writable-replica", master=master)

    def memory(self) -> None:
        """Whether results may be dropped before they expire, or refused soon."""
        info = self.info("memory")
        most, used, policy = info.get("maxmemory"), info.get("used_memory", 0), str(info.get("maxmemory_policy", ""))
        if not most:
            return
        if policy and policy != "noeviction":
            self.live.note("evicts", policy=policy, limit=megabytes(most), used=megabytes(used))
        elif used >= NEARLY_FULL * most:
            self.live.note("memory-nearly-full", limit=megabytes(most), used=megabytes(used))

    def clients(self) -> None:
        """Whether there is room for the connections that Celery may open."""
        info = self.info("clients")
        most = info.get("maxclients") or self.configured("maxclients")
        connected = info.get("connected_clients")
        if not most:
            return
        pool = self.live.backend.connparams.get("max_connections")
        if pool and int(pool) > int(most):
            self.live.note("pool-above-limit", pool=int(pool), limit=int(most))
        if connected and int(connected) >= NEARLY_FULL * int(most):
            self.live.note("clients-nearly-full", connected=int(connected), limit=int(most))

    def persistence(self) -> None:
        """Whether results outlive a restart of the server."""
        info = self.info("persistence")
        if info.get("rdb_last_bgsave_status", "ok") != "ok":
            self.live.note("save-failed")
        if info and not info.get("aof_enabled") and self.configured("save") == "":
            self.live.note("not-persistent")


class RedisResult(Result):
    """A result under a key of this run's own, and the channel that tells who waits for it."""

    def __init__(self, live: Live, server: Server) -> None:
        super().__init__(live)
        self.server = server
        self.pubsub: Any = None
        self.key = live.backend.get_key_for_task(live.task_id)
        self.name = text(self.key) or ""

    def subscribe(self) -> None:
        """Subscribe to the result's channel, as ``AsyncResult.get`` does."""
        self.pubsub = self.server.client.pubsub()
        self.pubsub.subscribe(self.key)
        self.message("subscribe")

    def store(self) -> None:
        """Store it. Read first, as Celery does: a server that forbids even that is not said to keep anything."""
        self.server.client.get(self.key)
        super().store()

    def undo(self) -> None:
        """Give the subscription's connection back, and remove the result."""
        if self.pubsub is not None:
            self.pubsub.close()
        super().undo()

    def notified(self) -> None:
        """See that storing the result was told to who subscribed."""
        try:
            if not self.message("message"):
                raise Failure("not-notified")
        finally:
            self.pubsub.close()

    def message(self, kind: str) -> bool:
        """Whether a message of a kind comes in a second or two."""
        for _ in range(4):
            message = self.pubsub.get_message(timeout=0.5)
            if message and message["type"] == kind:
                return True
        return False

    def lives(self) -> None:
        """See that the server will remove it when ``result_expires`` says."""
        wanted = self.live.backend.expires
        try:
            left = self.server.client.pttl(self.key)
        except Exception as error:
            failure = explain(error, self.live)
            if failure is None or failure.cause not in ("acl-command", "command-unknown"):
                raise
            self.live.note("ttl-not-allowed")
            return
        left = left / 1000.0 if left is not None and left >= 0 else None
        if not wanted:
            if left is None:
                self.live.note("never-expires")
            return
        if left is None:
            raise Failure("ttl-missing", expires=float(wanted))
        if not wanted - TOLERANCE <= left <= wanted:
            raise Failure("ttl-differs", expires=float(wanted), left=left)


def text(value: Any) -> Optional[str]:
    """What the server said as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def megabytes(size: Any) -> str:
    """A size for people."""
    return f"{int(size) / 2.0**20:.0f} MiB" if int(size) >= 2**20 else f"{int(size)} bytes"
