"""Causes that a Redis may have, and the way to it."""

from __future__ import annotations

from celery_backend_lint.verify.causes.words import Words

SERVER = "{host}:{port}"
ACL = "allow it on the server, `ACL SETUSER {user} "

CAUSES = {
    # The client
    "option-unknown": Words(
        "the redis package that is installed there knows no option {option}",
        "correct its name, or take it out, where it is given: behind the ? of result_backend, in"
        " result_backend_transport_options or in redis_backend_use_ssl",
    ),
    # The way
    "host-unknown": Words(
        "there is no host {host}: {text}",
        "correct the host in result_backend; names of Docker and Kubernetes are known in their networks only",
    ),
    "dns-unavailable": Words(
        "no name server tells where {host} is: {text}",
        "see /etc/resolv.conf; names of Docker and Kubernetes are known in their networks only",
    ),
    "no-answer@dns": Words(
        "no name server told within {seconds} seconds where {host} is",
        "see /etc/resolv.conf; allow more with --step-timeout",
    ),
    "refused-here": Words(
        f"nothing listens on {SERVER}, which is this machine",
        "start Redis; inside of a container localhost is the container itself, so name the service there",
    ),
    "refused-there": Words(
        f"{SERVER} refuses the connection",
        "see that Redis runs there, that its setting bind lets others in, and that the port is right",
    ),
    "tcp-timeout": Words(
        f"no connection to {SERVER} within {{seconds}} seconds",
        "see that the host is up and that firewalls, security groups and network policies let the port through",
    ),
    "unreachable": Words(
        f"there is no way to {SERVER}: {{text}}", "see routes, VPN and firewalls between here and there"
    ),
    "no-answer@tls": Words(
        f"{SERVER} takes the connection and does not begin TLS within {{seconds}} seconds",
        "see that the server is not stopped or overloaded, and that it is Redis with TLS that listens on this port",
    ),
    "no-answer@auth": Words(
        f"{SERVER} takes the connection and says nothing within {{seconds}} seconds",
        "see that the server is not stopped or overloaded, and that it is Redis that listens on this port",
    ),
    "timed-out": Words(
        f"{SERVER} did not answer in the time that redis_socket_timeout allows: {{text}}",
        "see that the server is not stopped or overloaded",
    ),
    "closed@tls": Words(
        f"{SERVER} closes the connection when TLS begins: {{text}}",
        "see the server's log: whether it speaks TLS on this port, and whether it has all the clients that it takes",
    ),
    "closed": Words(
        f"{SERVER} closes the connection: {{text}}",
        "see the server's log; where it asks for a client certificate, set ssl_certfile and ssl_keyfile",
    ),
    "closed-perhaps-tls": Words(
        f"{SERVER} closes the connection: {{text}}",
        "where the server speaks TLS on this port, begin result_backend with rediss://; else see the server's log",
    ),
    "socket-missing": Words(
        "there is no socket {host}",
        "see that Redis runs, and that its setting unixsocket names this path",
    ),
    "socket-permission": Words(
        "user {user_here} may not use the socket {host}", "see unixsocketperm in redis.conf, and the user's groups"
    ),
    "socket-refused": Words("nothing listens on the socket {host}", "start Redis"),
    # TLS
    "certificate-expired": Words(
        f"the certificate of {SERVER} has expired", "renew the server's certificate; do not turn verification off"
    ),
    "certificate-not-yet-valid": Words(
        f"the certificate of {SERVER} is not valid yet", "see the clocks of the server and of this machine"
    ),
    "certificate-untrusted": Words(
        f"the certificate of {SERVER} is signed by nobody that is trusted here: {{reason}}",
        "give the CA that signed it, as ssl_ca_certs in the URL or in redis_backend_use_ssl",
    ),
    "certificate-self-signed": Words(
        f"the certificate of {SERVER} is signed by itself",
        "give that certificate as ssl_ca_certs in the URL or in redis_backend_use_ssl, or have it signed by a CA",
    ),
    "certificate-other-host": Words(
        f"the certificate of {SERVER} is for another host: {{reason}}",
        "name the server in result_backend as its certificate does",
    ),
    "certificate-refused": Words(
        f"the certificate of {SERVER} does not pass: {{reason}}", "see the certificate, and ssl_ca_certs"
    ),
    "certificate-wanted": Words(
        f"{SERVER} wants a certificate of the client that it trusts: {{text}}",
        "set ssl_certfile and ssl_keyfile in redis_backend_use_ssl",
    ),
    "not-tls": Words(
        f"{SERVER} does not speak TLS: {{text}}",
        "begin result_backend with redis://, or name the port where the server speaks TLS (its tls-port)",
    ),
    "tls-file": Words(
        "the file {file} that the TLS options name cannot be read: {text}", "correct its path, or its permissions"
    ),
    "tls-file-unusable": Words(
        "the files that the TLS options name cannot be used: {text}",
        "see that ssl_ca_certs, ssl_certfile and ssl_keyfile are PEM files, and that key and certificate fit",
    ),
    "tls-failed": Words(
        f"TLS with {SERVER} does not come about: {{text}}",
        "see the server's log: it may want a certificate of the client (ssl_certfile, ssl_keyfile), or another version",
    ),
    # Who one is
    "password-wrong": Words(
        f"{SERVER} does not take the password of user {{user}}",
        "correct it in result_backend (special characters written as %40 …), or in redis_password and redis_username",
    ),
    "password-missing": Words(
        f"{SERVER} wants a password, and there is none",
        "give it in result_backend, redis://:PASSWORD@{host}, from the environment",
    ),
    "password-unwanted": Words(
        f"a password is given, and {SERVER} has none for user {{user}}",
        "take it out of result_backend, or give the server one (requirepass); or this is another server than you mean",
    ),
    "protected-mode": Words(
        f"{SERVER} is in protected mode: {{text}}", "give the server a password (requirepass) and a bind address"
    ),
    "acl-command": Words(
        "user {user} may not run {command}",
        ACL + "+{command}`; Celery runs GET, MGET, SET, SETEX, DEL, EXPIRE, PUBLISH, SUBSCRIBE, MULTI and others",
    ),
    "acl-keys": Words("user {user} may not use the keys of results", ACL + "{keys}`"),
    "acl-channels": Words("user {user} may not use the channels of results", ACL + "{channels}`"),
    # What the server says
    "database-out-of-range": Words(
        f"{SERVER} has no database {{database}}: {{text}}",
        "choose a lower number in result_backend, or raise databases in redis.conf (16 by default: 0 to 15)",
    ),
    "cluster": Words(
        f"{SERVER} is a node of a cluster: {{text}}",
        "Celery's backend does not speak with a Redis Cluster: name a server, Sentinels, or a proxy",
    ),
    "clients-full": Words(
        f"{SERVER} has as many clients as it takes",
        "raise maxclients of the server, or lower redis_max_connections, the workers' concurrency and their number",
    ),
    "pool-too-small": Words(
        "the pool of connections is too small: {text}",
        "raise redis_max_connections: waiting for a result takes a connection beside the one for commands",
    ),
    "loading": Words(f"{SERVER} still loads its data: {{text}}", "try again when it is through"),
    "busy": Words(f"{SERVER} runs a script: {{text}}", "see what it is; SCRIPT KILL ends one that has written nothing"),
    "replica": Words(
        f"{SERVER} is a replica that takes no writes: {{text}}", "name the master in result_backend, or use sentinel://"
    ),
    "replica-without-master": Words(
        f"{SERVER} is a replica that has lost its master: {{text}}",
        "name the master in result_backend, or use sentinel://",
    ),
    "writable-replica": Words(
        f"{SERVER} is a replica of {{master}} that takes writes; the next synchronisation loses them",
        "name the master in result_backend, or use sentinel://",
    ),
    "memory-full": Words(
        f"{SERVER} has used all the memory it may and takes no results: {{text}}",
        "raise maxmemory, lower result_expires, or give results a Redis of their own",
    ),
    "cannot-save": Words(
        f"{SERVER} takes no writes, for it cannot save its data: {{text}}",
        "see its log, its disk, and the folder `dir`",
    ),
    "too-few-replicas": Words(
        f"{SERVER} takes no writes, for too few replicas follow it: {{text}}",
        "see the replicas, and min-replicas-to-write",
    ),
    "command-unknown": Words(
        f"{SERVER} lacks a command: {{text}}",
        "see rename-command in redis.conf, and whether a service or a proxy offers only a part of Redis",
    ),
    # A result
    "not-notified": Words(
        "storing a result is not told to who waits for it: no message came",
        "see that what stands between (a proxy) passes PUBLISH on; else AsyncResult.get() waits for ever",
    ),
    "ttl-missing": Words(
        "the result has no expiry, though result_expires is {expires} seconds",
        "see what else writes there, and whether the server is Redis: results stay for ever",
    ),
    "ttl-differs": Words(
        "the result expires in {left} seconds, though result_expires is {expires} seconds",
        "see what else sets expiries there (a proxy, a script, a subclass of the backend)",
    ),
    "never-expires": Words(
        "results never expire: the server keeps each until somebody deletes it",
        "set result_expires to a number of seconds",
    ),
    # The server, as notes
    "evicts": Words(
        "at {limit} the server drops keys (maxmemory-policy {policy}), results too; {used} are used",
        "set maxmemory-policy to noeviction, or give results a Redis of their own",
    ),
    "memory-nearly-full": Words(
        "{used} of the {limit} that the server may use are used; then it takes no results any more",
        "raise maxmemory, or lower result_expires",
    ),
    "pool-above-limit": Words(
        "redis_max_connections is {pool} for each process, and the server takes {limit} clients in all",
        "lower redis_max_connections, or raise maxclients of the server",
    ),
    "clients-nearly-full": Words(
        "{connected} of the {limit} clients that the server takes are connected", "raise maxclients of the server"
    ),
    "not-persistent": Words("the server saves nothing: results are gone when it restarts"),
    "save-failed": Words(
        "the server's last attempt to save its data failed", "see its log, its disk, and the folder `dir`"
    ),
    "info-not-allowed": Words("the server does not tell INFO {section}: nothing is known of it"),
    "ttl-not-allowed": Words("the server does not tell a key's time to live: whether results expire is not known"),
    "ping-not-allowed": Words("user {user} may not run PING, which Celery does not need"),
}
