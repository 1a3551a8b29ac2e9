"""Causes of ``rpc://``, results as messages; those of its broker are in `broker`."""

from __future__ import annotations

from celery_backend_lint.verify.causes.words import Words

CAUSES = {
    "address-ignored": Words(
        "result_backend names {address}, which rpc:// does not look at: results go by the broker, {broker}",
        "write result_backend as rpc:// alone",
    ),
    "expires-not-kept": Words(
        "result_expires is {expires} seconds, and a broker of the kind {transport} does not remove queues of replies:"
        " results that nobody fetches stay for ever",
        "use rpc:// with RabbitMQ, or set result_backend to what the broker is (redis://)",
    ),
    "expires-ignored": Words(
        "the broker at {broker} ignores the expiry of queues: results that nobody fetches stay",
        "see that it is RabbitMQ, or give results another backend",
    ),
    "expires-differs": Words(
        "the queue of replies expires {found} seconds after its last use, though result_expires is {expires} seconds",
        "see what else declares it, and subclasses of the backend",
    ),
    "expires-untold": Words("the broker does not tell when the queue of replies expires"),
    "never-expires": Words(
        "queues of replies never expire: one that its process leaves before it fetched a result stays for ever",
        "set result_expires to a number of seconds",
    ),
    "broker-blocked": Words(
        "the broker at {broker} takes no messages, for it is short of memory or disk",
        "see `rabbitmqctl status` (alarms), vm_memory_high_watermark and disk_free_limit; until then tasks and results"
        " wait for ever",
    ),
    "reply-missing": Words(
        "a result was sent to {queue} and did not come within {seconds} seconds",
        "see the broker's log, and whether what stands between passes on what the broker delivers",
    ),
    "reply-other": Words(
        "what came from {queue} is not what was sent", "see that result_serializer and result_accept_content fit"
    ),
    "no-chords": Words(
        "rpc:// refuses chords, and a group that another task follows is one",
        "where the project has such, use redis:// or a database as result_backend",
    ),
    "worker-possible": Words("this process sent the result itself; with --worker a real worker sends one as well"),
}
