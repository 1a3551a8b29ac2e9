"""Causes of the worker that ``--worker`` starts, and of the task that it is sent."""

from __future__ import annotations

from celery_backend_lint.verify.causes.words import Words

DEBUG = "run the worker yourself with -l debug"

CAUSES = {
    "worker-old-python": Words("a worker can be started with Python 3.8 and newer", "leave out --worker"),
    "worker-modules": Words(
        "no worker can start: importing the modules of tasks gives {text} ({place})",
        "correct it, or the names in imports, include and autodiscover_tasks; a worker imports them when it starts",
    ),
    "worker-refused": Words(
        "Celery cannot create the worker: {text} ({place})",
        f"see the settings whose names begin with worker_ and broker_; {DEBUG}",
    ),
    "worker-ended": Words("the worker ended by itself (exit code {code}): {text}", DEBUG),
    "worker-lost-broker": Words(
        "the worker lost the connection to the broker: {text}",
        "see the broker's log, and timeouts of what stands between",
    ),
    "worker-killed": Words(
        "the worker did not end within {seconds} seconds of SIGTERM and was killed",
        "see what holds it: the shutdown of one that runs may take as long",
    ),
    "task-undecodable": Words(
        "the worker does not take the message of the task: {text}",
        "have accept_content name what task_serializer is",
    ),
    "task-not-received": Words(
        "the worker did not get the task from {queue} within {seconds} seconds",
        "see that broker_read_url and broker_write_url are the same broker, and the broker's log",
    ),
    "task-not-stored": Words(
        "the worker ran the task and could not store its result: {text}",
        "see that the worker reaches the result backend as this process does",
    ),
    "task-being-stored": Words(
        "the worker ran the task and has not stored its result after {seconds} seconds: {text}",
        "see that the worker reaches the result backend; it may have tried again and again",
    ),
    "task-result-missing": Words(
        "the worker stored the task's result, and it cannot be read here after {seconds} seconds",
        "see that workers and callers have the same result_backend and the same key prefix",
    ),
    "task-cannot-forget": Words("this backend cannot forget a result; that of {name} stays there"),
    "task-still-there": Words(
        "the result of {key} can still be read after it was forgotten",
        "see that reads and deletes go to the same server (a replica may lag behind)",
    ),
    "task-other-result": Words(
        "the result that came back is not what the task returned",
        "see that result_serializer and result_accept_content fit",
    ),
}
