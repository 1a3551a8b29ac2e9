"""Causes of a broker: that of ``rpc://``, and that of the worker which ``--worker`` starts for any backend."""

from __future__ import annotations

from celery_backend_lint.verify.causes.words import Words

BROKER = "the broker at {broker}"
HOST = "see the host in broker_url, as it is seen from here (the name of a service resolves only in its own network)"
CA = "name the file of the CA that signed it as ca_certs in broker_use_ssl (with cert_reqs: ssl.CERT_REQUIRED)"

CAUSES = {
    "broker-package-missing": Words(
        "a package that kombu needs for this broker is missing: {text}",
        "install it in the environment of the worker: the extra for broker_url brings all that kombu needs, such as"
        " celery[redis] or celery[sqs]",
    ),
    "broker-package-unfit": Words(
        "the package that speaks with this broker is not one that this kombu works with: {text}",
        "install a release that kombu asks for: celery[redis] or kombu[redis] does",
    ),
    "broker-memory": Words(
        "the broker memory:// lives in one process: a worker in another gets no task",
        "set broker_url to a broker that both reach, such as amqp:// or redis://",
    ),
    "broker-host-unknown": Words(f"the name of {BROKER} is not known: {{text}}", HOST),
    "broker-refused": Words("nothing listens at {broker}", "see that the broker runs, and that broker_url names it"),
    "broker-tcp-timeout": Words(
        f"{BROKER} cannot be reached within {{seconds}} seconds", "see firewalls and security groups on the way to it"
    ),
    "broker-unreachable": Words("{broker}, one of the brokers of broker_url, cannot be reached: {text}"),
    "broker-silent": Words(
        f"{BROKER} takes the connection and does not answer: {{text}}",
        "see that the port is the broker's (5672, with TLS 5671), that what stands between passes it on, and that"
        " RabbitMQ has no alarm",
    ),
    "broker-closed": Words(
        f"{BROKER} closes the connection: {{text}}",
        "where it speaks TLS on this port, begin broker_url with amqps://; else see the broker's log",
    ),
    "broker-speaks-tls": Words(
        f"{BROKER} speaks TLS, and broker_url does not",
        "begin broker_url with amqps:// (RabbitMQ's port without TLS is 5672)",
    ),
    "broker-way": Words(f"the connection to {BROKER} fails: {{text}}", "see the network on the way to it"),
    "broker-tls-file": Words(
        "a file that the connection to the broker needs cannot be read: {text}",
        "see ca_certs, certfile and keyfile in broker_use_ssl",
    ),
    "broker-not-amqp": Words(
        "what listens at {broker} does not speak AMQP: {text}",
        "correct the port in broker_url: RabbitMQ's is 5672, with TLS 5671 (15672 is that of its web pages)",
    ),
    "broker-certificate-expired": Words(
        f"the certificate of {BROKER} has expired", "renew the broker's certificate; do not turn verification off"
    ),
    "broker-certificate-untrusted": Words(
        f"the certificate of {BROKER} is signed by nobody that is trusted here: {{text}}", CA
    ),
    "broker-certificate-other-host": Words(
        f"the certificate of {BROKER} is for another host: {{text}}", "name the broker in broker_url as it does"
    ),
    "broker-not-tls": Words(
        f"{BROKER} does not speak TLS: {{text}}",
        "begin broker_url with amqp:// and leave broker_use_ssl out, or name the port where it does (5671)",
    ),
    "broker-tls-failed": Words(f"TLS with {BROKER} fails: {{text}}", "see the broker's log, and broker_use_ssl"),
    "broker-password": Words(
        f"{BROKER} does not take the user or the password: {{text}}",
        "correct them in broker_url (special characters written as %40 …); RabbitMQ takes guest from its own host only",
    ),
    "broker-redis-password": Words(
        f"{BROKER} does not take the user or the password: {{text}}",
        "correct them in broker_url (special characters written as %40 …); a password without a user stands behind a"
        " colon, redis://:***@HOST",
    ),
    "broker-redis-password-missing": Words(
        f"{BROKER} wants a password, and there is none",
        "give it in broker_url, redis://:***@HOST, from the environment",
    ),
    "broker-limit": Words(
        f"{BROKER} takes no more connections: {{text}}",
        "see `rabbitmqctl list_vhost_limits` and `list_user_limits`, and what holds connections open",
    ),
    "vhost-unknown": Words(
        f"{BROKER} has no virtual host {{vhost}}",
        "correct the path in broker_url (amqp://HOST// is the virtual host /, amqp://HOST/x is x), or create it:"
        " `rabbitmqctl add_vhost {vhost}`",
    ),
    "vhost-refused": Words(
        f"user {{user}} may not use the virtual host {{vhost}} of {BROKER}: {{text}}",
        "let it: `rabbitmqctl set_permissions -p {vhost} {user} CONFIGURE WRITE READ`",
    ),
    "broker-permission": Words(
        "user {user} lacks the permission to {permission} for the {what} {name} in the virtual host {vhost}",
        "let it: `rabbitmqctl set_permissions -p {vhost} {user} CONFIGURE WRITE READ`; Celery configures and reads the"
        " queues of tasks and of replies (whose names are random with rpc://), and writes to amq.default",
    ),
    "queue-refused": Words(
        f"{BROKER} does not take the queue: {{text}}",
        "see what the text names: an expiry of 0 or less (result_expires), a limit, or a queue of another kind",
    ),
    "queue-stays": Words("the queue {queue} is still there after it was deleted", "see the broker's log"),
    "broker-refuses": Words(f"{BROKER} refuses: {{text}}", "see the broker's log"),
}
