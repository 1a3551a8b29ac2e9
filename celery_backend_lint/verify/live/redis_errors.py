"""What Redis, and the way to it, mean with an error: exceptions of redis-py 3.2 to 8, of sockets and of TLS."""

import errno
import os
import re
import socket
import ssl
from typing import Any, Optional

from .error_chain import chain_of
from .protocol import Facts, Failure, Live

LOCAL = ("localhost", "127.0.0.1", "::1")

CERTIFICATES = {
    9: "certificate-not-yet-valid",
    10: "certificate-expired",
    18: "certificate-self-signed",
    19: "certificate-untrusted",
    20: "certificate-untrusted",
    21: "certificate-untrusted",
    62: "certificate-other-host",
    64: "certificate-other-host",
}
"""Codes of OpenSSL's verification (X509_V_ERR_…, x509_vfy.h)."""

SAYINGS = (
    # Redis puts a code before the text, which redis-py may take away; the texts differ from release to release.
    (r"max number of clients", "clients-full"),
    (r"running in protected mode|DENIED Redis", "protected-mode"),
    (r"without any password configured|no password is set|no password set", "password-unwanted"),
    (r"WRONGPASS|invalid username-password|invalid password|Invalid Username or Password", "password-wrong"),
    (r"NOAUTH|Authentication required|HELLO must be called with the client already authenticated", "password-missing"),
    (r"DB index is out of range|invalid DB index", "database-out-of-range"),
    (r"SELECT is not allowed in cluster mode|^MOVED |CLUSTERDOWN|Hash slot not served", "cluster"),
    (r"read only replica|read only slave|READONLY|The previous master is now a slave", "replica"),
    (r"^OOM|used memory > 'maxmemory'", "memory-full"),
    (r"MISCONF", "cannot-save"),
    (r"NOREPLICAS|not enough good replicas|Not enough good slaves", "too-few-replicas"),
    (r"loading the dataset in memory", "loading"),
    (r"MASTERDOWN|Link with MASTER is down", "replica-without-master"),
    (r"BUSY Redis is busy", "busy"),
    (r"[Uu]nknown command", "command-unknown"),
    (r"Too many connections|No connection available", "pool-too-small"),
)


UNKNOWN_OPTION = re.compile(r"unexpected keyword argument '(\w+)'")
OPTIONS_OF_CELERY = ("driver_info", "lib_name", "lib_version")
"""Options of a connection that Celery itself gives since 5.7, whatever redis-py is there."""


def explain(error: BaseException, live: Live) -> Optional[Failure]:
    """The cause of an exception, None where it says nothing known."""
    chain = list(chain_of(error))
    for one in chain:
        failure = _of_the_way(one, live)
        if failure is not None:
            return failure
    for one in chain:
        failure = _of_the_client(one, live) or _of_the_server(one, live)
        if failure is not None:
            return failure
    for one in chain:
        if type(one).__name__ in ("ConnectionError", "ConnectionResetError", "BrokenPipeError"):
            cause = "closed" if tls_of(live) else "closed-perhaps-tls"
            if re.search(r"[Cc]onnection (closed|reset)|reset by peer|[Bb]roken pipe", str(one)):
                return Failure(cause, text=live.text_of(one))
    return Failure("timed-out", text=live.text_of(error)) if is_late(error) else None


def is_late(error: BaseException) -> bool:
    """Whether a socket's time was over."""
    return any(isinstance(one, socket.timeout) or type(one).__name__ == "TimeoutError" for one in chain_of(error))


def _of_the_way(error: BaseException, live: Live) -> Optional[Failure]:
    """What prevents that server and client talk at all: names, sockets, TLS."""
    if isinstance(error, socket.gaierror):
        again = error.errno == getattr(socket, "EAI_AGAIN", None)
        return Failure("dns-unavailable" if again else "host-unknown", text=live.text_of(error))
    if isinstance(error, ssl.SSLError):
        return _of_tls(error, live)
    if isinstance(error, (FileNotFoundError, PermissionError)):
        params = live.backend.connparams
        files = [str(params.get(name) or "") for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")]
        unreadable = [name for name in files if name and not os.access(name, os.R_OK)]
        return Failure("tls-file", file=unreadable[0], text=live.text_of(error)) if unreadable else None
    if isinstance(error, ConnectionRefusedError):
        return Failure("refused-here" if host_of(live) in LOCAL else "refused-there")
    if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return Failure("unreachable", text=live.text_of(error))
    return None


def _of_tls(error: Any, live: Live) -> Failure:
    text = live.text_of(error)
    code = getattr(error, "verify_code", None)
    if code is not None:
        return Failure(CERTIFICATES.get(code, "certificate-refused"), reason=str(error.verify_message), text=text)
    reason = str(getattr(error, "reason", "") or text)
    if "CERTIFICATE_VERIFY_FAILED" in reason:  # before Python 3.7 there is no more to know
        return Failure("certificate-refused", reason="certificate verify failed", text=text)
    if re.search(r"UNEXPECTED_EOF|EOF occurred", reason + text):
        return Failure("closed", text=text)
    if re.search(r"WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|RECORD_LAYER", reason):
        return Failure("not-tls", text=text)
    if re.search(r"certificate.required|bad.certificate|unknown.ca", reason, re.IGNORECASE):
        return Failure("certificate-wanted", text=text)
    if re.search(r"KEY_VALUES_MISMATCH|PEM|NO_CERTIFICATE|X509", reason):
        return Failure("tls-file-unusable", text=text)
    return Failure("tls-failed", text=text)


def _of_the_client(error: BaseException, live: Live) -> Optional[Failure]:
    """What redis-py does not know of what it is given."""
    found = UNKNOWN_OPTION.search(str(error)) if isinstance(error, TypeError) else None
    if found is None:
        return None
    option = found.group(1)
    if option in OPTIONS_OF_CELERY:
        return Failure("package-unfit", package="redis", text=live.text_of(error))
    params = getattr(live.backend, "connparams", None) or {}
    return Failure("option-unknown", option=option) if option in params else None


def _of_the_server(error: BaseException, live: Live) -> Optional[Failure]:
    """What the server answers, or redis-py itself says."""
    text = said(error)
    denied = re.search(r"has no permissions to (run the '([^']+)'|access one of the (keys|channels))", text)
    if denied and denied.group(2):
        return Failure("acl-command", command=denied.group(2).upper().replace("|", " "))
    if denied:
        return Failure("acl-" + denied.group(3), **patterns(live))
    if "No permissions to access a key" in text:  # Redis 7.2 and later
        return Failure("acl-keys", **patterns(live))
    if "No permissions to access a channel" in text:
        return Failure("acl-channels", **patterns(live))
    for saying, cause in SAYINGS:
        if re.search(saying, text):
            return Failure(cause, text=live.text_of(text))
    return None


def said(error: BaseException) -> str:
    """What the server said, without what redis-py puts before it for a pipeline (the command with its arguments)."""
    return str(error).rpartition("of pipeline caused error: ")[2]


def patterns(live: Live) -> Facts:
    """The keys and channels that Celery uses, as ACL patterns."""
    prefixes = [live.backend.task_keyprefix, live.backend.group_keyprefix, live.backend.chord_keyprefix]
    names = [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in prefixes]
    return {
        "keys": " ".join("~" + name + "*" for name in names),
        "channels": " ".join("&" + name + "*" for name in names[:2]),
    }


def host_of(live: Live) -> str:
    """The host of the server."""
    return str(live.where.get("host") or "")


def tls_of(live: Live) -> bool:
    """Whether the backend speaks TLS."""
    connection = (getattr(live.backend, "connparams", None) or {}).get("connection_class")
    return "SSL" in getattr(connection, "__name__", "")
