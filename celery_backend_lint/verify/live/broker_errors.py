"""What goes wrong with a broker: errors of py-amqp, of the way to it, and of other transports."""

import re
import socket
import ssl
from typing import Optional

from .error_chain import chain_of
from .protocol import Failure, Live

KIND = "broker"

PERMISSIONS = {
    "Queue.declare": "configure",
    "Queue.delete": "configure",
    "Exchange.declare": "configure",
    "Basic.publish": "write",
    "Queue.bind": "write",
    "Basic.get": "read",
    "Basic.consume": "read",
}
"""Which of RabbitMQ's three permissions a method takes; binding takes reading of the exchange as well."""
REFUSED = re.compile(r"access to (\w+) '([^']*)' in vhost '([^']*)' refused for user '([^']*)'")
TLS_REASONS = (
    ("expired", "broker-certificate-expired"),
    ("self-signed certificate in", "broker-certificate-untrusted"),
    ("self signed certificate in", "broker-certificate-untrusted"),
    ("unable to get local issuer", "broker-certificate-untrusted"),
    ("self-signed", "broker-certificate-untrusted"),
    ("self signed", "broker-certificate-untrusted"),
    ("ostname mismatch", "broker-certificate-other-host"),
    ("certificate is not valid for", "broker-certificate-other-host"),
)


def explain_broker(error: BaseException, live: Live, broker: str) -> Optional[Failure]:
    """The cause of an error that the broker's library raised, None where it is not known."""
    if isinstance(error, Failure):
        return error
    for one in chain_of(error):
        failure = of_amqp(one, live, broker) or of_the_way(one, live, broker) or of_other(one, live, broker)
        if failure is not None:
            return failure
    return None


def of_amqp(error: BaseException, live: Live, broker: str) -> Optional[Failure]:
    """What a broker that speaks AMQP said."""
    code = getattr(error, "code", None)
    if not isinstance(code, int) or not hasattr(error, "method_name"):
        return None
    text = live.text_of(error)
    said = str(error)
    method = getattr(error, "method_name", "") or ""
    if code == 403:
        found = REFUSED.search(said)
        if found is None:
            return Failure("broker-password", broker=broker, text=text)
        what, name, vhost, user = found.groups()
        return Failure(
            "broker-permission",
            broker=broker,
            permission=PERMISSIONS.get(method, "configure, write or read"),
            what=what,
            name=name,
            vhost=vhost,
            user=user,
        )
    if code == 530 and "limit" in said:
        return Failure("broker-limit", broker=broker, text=text)
    if code == 530 and "not found" in said:
        return Failure("vhost-unknown", broker=broker, vhost=vhost_of(live), text=text)
    if code == 530 and method == "Connection.open":
        return Failure("vhost-refused", broker=broker, vhost=vhost_of(live), user=user_of(live), text=text)
    if code == 406:
        return Failure("queue-refused", broker=broker, text=text)
    if code in (501, 502, 503, 505) and not method:
        return Failure("broker-not-amqp", broker=broker, text=text)
    if code in (0, 320) or not method:
        return Failure("broker-closed", broker=broker, text=text)
    return Failure("broker-refuses", broker=broker, text=text)


def of_the_way(error: BaseException, live: Live, broker: str) -> Optional[Failure]:
    """What the network said."""
    text = live.text_of(error)
    if isinstance(error, ssl.SSLError):
        said = str(error)
        for word, cause in TLS_REASONS:
            if word in said:
                return Failure(cause, broker=broker, text=text)
        if "WRONG_VERSION_NUMBER" in said or "wrong version number" in said or "UNEXPECTED_EOF" in said:
            return Failure("broker-not-tls", broker=broker, text=text)
        return Failure("broker-tls-failed", broker=broker, text=text)
    if isinstance(error, socket.gaierror):
        return Failure("broker-host-unknown", broker=broker, text=text)
    if isinstance(error, socket.timeout):
        return Failure("broker-silent", broker=broker, text=text)
    if isinstance(error, ConnectionRefusedError):
        return Failure("broker-refused", broker=broker)
    if isinstance(error, (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)):
        return Failure("broker-closed", broker=broker, text=text)
    if isinstance(error, (FileNotFoundError, PermissionError)):
        return Failure("broker-tls-file", text=text)
    if isinstance(error, OSError):
        return Failure("broker-way", broker=broker, text=text)
    return None


def of_other(error: BaseException, live: Live, broker: str) -> Optional[Failure]:
    """What Redis said, and what comes of a transport whose package is missing."""
    text = live.text_of(error)
    if isinstance(error, ImportError):
        return Failure("broker-package-missing", text=text)
    if type(error).__name__ == "VersionMismatch":  # kombu's own
        return Failure("broker-package-unfit", text=text)
    if type(error).__module__.partition(".")[0] != "redis":
        return None
    said = str(error).lower()
    if any(isinstance(one, socket.gaierror) for one in chain_of(error)):
        return Failure("broker-host-unknown", broker=broker, text=text)
    if "connection refused" in said:
        return Failure("broker-refused", broker=broker)
    if "noauth" in said or "authentication required" in said or "already authenticated" in said:
        return Failure("broker-redis-password-missing", broker=broker)
    if any(word in said for word in ("wrongpass", "invalid username", "invalid password", "auth")):
        return Failure("broker-redis-password", broker=broker, text=text)
    return Failure("broker-refuses", broker=broker, text=text)


def vhost_of(live: Live) -> str:
    """The virtual host that broker_url names."""
    return str(live.app.connection_for_write().virtual_host or "/")


def user_of(live: Live) -> str:
    """The user that broker_url names."""
    return str(live.app.connection_for_write().userid or "guest")
