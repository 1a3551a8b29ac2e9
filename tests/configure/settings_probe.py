"""Tries settings with the Celery that runs this, and prints what happened as JSON.

Arguments: the settings, as JSON; then what to do. A time is how long something took until it raised ``error``.
"""

import json
import logging
import socket
import sys
import threading
import time
import uuid
import warnings

from celery import Celery

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def make(settings):
    """An app with settings, and nobody else's."""
    app = Celery("probe", broker="memory://", set_as_current=False)
    app.conf.update(settings)
    return app


def timed(call):
    """How long a call takes, and what comes of it."""
    start = time.monotonic()
    try:
        value, error = call(), ""
    except Exception as raised:
        value, error = None, type(raised).__name__
    return {"seconds": time.monotonic() - start, "value": value, "error": error}


def wait(settings, seconds, timeout):
    """Wait for a result that another app stores after some seconds."""
    waiting, storing = make(settings), make({"result_backend": settings["result_backend"]})
    task = str(uuid.uuid4())
    result = waiting.AsyncResult(task)
    threading.Timer(seconds, lambda: storing.backend.store_result(task, 42, "SUCCESS")).start()
    return timed(lambda: result.get(timeout=timeout))


def crowd(settings, threads):
    """Store and read in many threads of one process at once.

    Results are kept until the end: up to Celery 5.3 ``AsyncResult.__del__`` unsubscribes, and where that happens while
    the same thread subscribes it waits for its own lock (redis-py ``PubSub._lock``), whatever the pool.
    """
    app, wrong, kept = make(settings), [], []

    def work(number):
        try:
            for turn in range(5):
                task = f"{number}-{turn}-{uuid.uuid4()}"
                app.backend.store_result(task, turn, "SUCCESS")
                result = app.AsyncResult(task)
                kept.append(result)
                assert result.get(timeout=10) == turn
        except Exception as raised:
            wrong.append(type(raised).__name__)

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return wrong


def silent_server():
    """The port of a server that accepts connections and never says a word."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(50)
    return server, server.getsockname()[1]


def store(settings, patience):
    """Store a result; None where that takes longer than ``patience`` seconds."""
    done = []
    app = make(settings)
    thread = threading.Thread(
        target=lambda: done.append(timed(lambda: app.backend.store_result("probe", 1, "SUCCESS"))), daemon=True
    )
    thread.start()
    thread.join(patience)
    return done[0] if done else None


def write(settings):
    """Write to Redis, and count how often that is tried."""
    backend, tries = make(settings).backend, []
    plain = backend._set

    def counted(*given):
        tries.append(given)
        return plain(*given)

    backend._set = counted
    return {**timed(lambda: backend.set("probe", b"1")), "tries": len(tries)}


def main():
    settings = json.loads(sys.argv[1])
    what = sys.argv[2]
    if what == "wait":
        told = [wait(settings, 3.2, 10), wait(settings, 2.2, None)]
    elif what == "crowd":
        told = crowd(settings, int(sys.argv[3]))
    elif what == "store":
        told = store(settings, float(sys.argv[3]))
    elif what == "exhaust":
        pool = make(settings).backend.client.connection_pool
        told = timed(lambda: len([pool.get_connection("GET") for _ in range(int(sys.argv[3]))]))
    elif what == "set":
        told = write(settings)
    elif what == "silent":
        server, port = silent_server()
        settings["result_backend"] = settings["result_backend"].replace("PORT", str(port))
        told = store(settings, float(sys.argv[3]))
        server.close()
    elif what == "replies":
        queue = make(settings).backend.binding
        told = {"durable": queue.durable, "auto_delete": queue.auto_delete, "expires": queue.expires}
    print(json.dumps(told))
    sys.stdout.flush()
    import os

    os._exit(0)  # threads that hang do not keep it


if __name__ == "__main__":
    main()
