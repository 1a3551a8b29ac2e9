"""Redis through Sentinel: the Sentinels, the master that they name, whether they could replace it; then that master."""

import socket
from typing import Any, Dict, List

from .protocol import Facts, Failure, Live, Step
from .redis_errors import explain, is_late, tls_of
from .redis_steps import Server, steps_of_server

KIND = "sentinel"


def where(live: Live) -> Facts:
    """The master's name and the Sentinels that result_backend names; ``host`` and ``port`` once the master is found."""
    params = live.backend.connparams
    sentinels = [f"{one.get('host') or 'localhost'}:{one.get('port') or 6379}" for one in params["hosts"]]
    name = (live.app.conf.result_backend_transport_options or {}).get("master_name")
    database = params.get("db") or 0
    kind = "Redis with TLS" if tls_of(live) else "Redis"
    return {
        "host": "",
        "port": "",
        "database": database,
        "user": params.get("username") or "default",
        "master": str(name),
        "sentinels": sentinels,
        "label": f"{kind} through Sentinel at {', '.join(sentinels)}, master {name}, database {database}",
    }


def steps(live: Live) -> List[Step]:
    """Every step, in order."""
    found = Sentinels(live)
    server = Server(live)
    return [
        Step("sentinels", found.reach),
        Step("master", found.find, needs=("sentinels",)),
        Step("failover", found.could_replace, needs=("master",)),
        Step("tcp", lambda: found.open(server), needs=("master",)),
        *steps_of_server(live, server, "tcp"),
    ]


def once() -> Facts:
    """The option that keeps redis-py from trying again, a wrong password too (since 6.0 it does, for seconds)."""
    try:
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:  # before 4.1
        return {}
    return {"retry": Retry(NoBackoff(), 0)}


class Sentinels:
    """The Sentinels, as redis-py asks them."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.masters: Dict[str, Any] = {}

    @property
    def manager(self) -> Any:
        """redis-py's Sentinel client that Celery made."""
        return self.live.backend.client.connection_pool.sentinel_manager

    def reach(self) -> None:
        """See which of them answer, and what masters they know."""
        clients = list(self.manager.sentinels)
        patience = self.live.limit * 0.8 / len(clients)
        silent: List[str] = []
        reasons: List[BaseException] = []
        for client in clients:
            address = client.connection_pool.connection_kwargs
            host, port = address["host"], int(address["port"])
            options = dict(self.manager.sentinel_kwargs, socket_timeout=patience, socket_connect_timeout=patience)
            options.update(once())
            try:
                socket.create_connection((host, port), timeout=patience).close()
                with type(client)(host, port, **options) as one:
                    for name, state in one.sentinel_masters().items():
                        self.masters.setdefault(name, state)
            except Exception as error:
                if explain(error, self.live) is None:
                    raise
                silent.append(f"{host}:{port}")
                reasons.append(error)
        if len(silent) == len(clients):
            raise self.none(reasons[0], patience)
        if silent:
            self.live.note("sentinels-silent", silent=silent, text=self.live.text_of(reasons[0]))

    def none(self, error: BaseException, patience: float) -> Failure:
        """Why no Sentinel answers."""
        if is_late(error):
            return Failure("no-answer", seconds=patience)
        failure = explain(error, self.live)
        cause = failure.cause if failure is not None else ""
        if cause == "password-missing":
            return Failure("sentinel-password-missing")
        if cause == "password-wrong":
            return Failure("sentinel-password-wrong")
        if cause == "command-unknown":
            return Failure("no-sentinel")
        return Failure("sentinels-unreachable", text=self.live.text_of(error))

    def find(self) -> None:
        """Find the master as redis-py does, each time that it connects."""
        name = (self.live.app.conf.result_backend_transport_options or {}).get("master_name")
        if name is None:
            raise Failure("master-name-missing", known=sorted(self.masters))
        try:
            host, port = self.manager.discover_master(name)
        except Exception:
            if name not in self.masters:
                raise Failure("master-unknown", known=sorted(self.masters)) from None
            state = self.masters[name]
            if state.get("is_sdown") or state.get("is_odown"):
                raise Failure("master-down", address=f"{state['ip']}:{state['port']}") from None
            raise
        self.live.place(host=str(host), port=int(port))

    def could_replace(self) -> None:
        """See whether the Sentinels could make another server the master."""
        state = self.masters.get(self.live.where["master"]) or {}
        if state.get("num-slaves") == 0:
            self.live.note("no-replica")
        others, quorum = state.get("num-other-sentinels"), state.get("quorum")
        if others is not None and quorum and others + 1 < quorum:
            self.live.note("no-quorum", known=others + 1, quorum=quorum)

    def open(self, server: Server) -> None:
        """Open a connection to the master where Sentinel says that it is."""
        host, port = self.live.where["host"], self.live.where["port"]
        try:
            server.open(host, port)
        except Failure:
            raise Failure("master-unreachable", text="it did not come about in time") from None
        except OSError as error:
            raise Failure("master-unreachable", text=self.live.text_of(error)) from None
