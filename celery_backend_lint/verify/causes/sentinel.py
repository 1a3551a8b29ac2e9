"""Causes that Sentinels may have; the master that they name has those of Redis."""

from __future__ import annotations

from celery_backend_lint.verify.causes import redis
from celery_backend_lint.verify.causes.words import Words

OPTIONS = "result_backend_transport_options"

CAUSES = {
    **redis.CAUSES,
    "no-answer@sentinels": Words(
        "no Sentinel says anything within {seconds} seconds: {sentinels}",
        "see that the Sentinels are not stopped or overloaded, and that it is Sentinels that listen there",
    ),
    "sentinels-unreachable": Words(
        "no Sentinel can be reached: {sentinels} ({text})",
        "see that they run, and that result_backend names them with their own port (26379), not with that of Redis",
    ),
    "no-sentinel": Words(
        "what answers at {sentinels} is no Sentinel",
        "name the Sentinels in result_backend, with their own port (26379), not the Redis that they watch",
    ),
    "sentinel-password-missing": Words(
        "the Sentinels want a password, and there is none: the one in result_backend is for Redis only",
        f"give it as {OPTIONS} = {{{{'sentinel_kwargs': {{{{'password': …}}}}}}}}, from the environment",
    ),
    "sentinel-password-wrong": Words(
        "the Sentinels do not take the password that sentinel_kwargs gives",
        f"correct it in {OPTIONS}['sentinel_kwargs']",
    ),
    "sentinels-silent": Words(
        "of the Sentinels, some cannot be reached: {silent} ({text})",
        "see that they run; with those that are left, a failover may not happen",
    ),
    "master-name-missing": Words(
        f"{OPTIONS} does not name the master; the Sentinels know: {{known}}",
        f"set {OPTIONS} = {{{{'master_name': '{{known}}'}}}}",
    ),
    "master-unknown": Words(
        "the Sentinels know no master {master}; they know: {known}", f"correct master_name in {OPTIONS}"
    ),
    "master-down": Words(
        "the Sentinels say that the master {master} ({address}) is down, and have not replaced it",
        "see that server, its replicas, and the Sentinels' logs: a failover needs a replica and a quorum",
    ),
    "master-unreachable": Words(
        "the Sentinels say that the master {master} is {host}:{port}, and no connection can be made to it: {text}",
        "where it has just died, wait for the failover; where that address is one inside of a network of containers,"
        " have it announce another (replica-announce-ip, sentinel announce-ip, resolve-hostnames)",
    ),
    "no-replica": Words(
        "the master {master} has no replica: when it dies, there is nothing to replace it", "add a replica"
    ),
    "no-quorum": Words(
        "the Sentinels know {known} of themselves and need {quorum} to agree: they cannot replace the master",
        "start the others, or lower the quorum",
    ),
}
