"""Run by the project's own Python in the project's folder: the process that sends tasks and reads their results.

``caller.py APP TASK QUEUE`` takes one command a line from standard input and answers each with a line of JSON:
``add`` sends the task and reads its result, ``send`` only sends it, ``cleanup`` sends the one that deletes results,
``forget ID`` drops one. The process ends when its input does.
"""

from __future__ import annotations

import json
import sys

from celery.app.utils import find_app

PATIENCE = 60


def main() -> None:
    sys.path.insert(0, ".")
    app = find_app(sys.argv[1])
    app.loader.import_default_modules()
    task, queue = app.tasks[sys.argv[2]], sys.argv[3]
    expires = app.backend.prepare_expires(app.conf.result_expires, type=int)
    for line in sys.stdin:
        command, *arguments = line.split()
        answer: dict[str, object] = {"done": True}
        if command in ("add", "send"):
            result = task.apply_async((2, 3), queue=queue)
            answer = {"id": result.id, "expires": expires, "reply_queue": getattr(app.backend, "oid", "")}
            if command == "add":
                answer["value"] = result.get(timeout=PATIENCE)
        elif command == "cleanup":
            app.tasks["celery.backend_cleanup"].apply_async(queue=queue)
        elif command == "forget":
            app.AsyncResult(arguments[0]).forget()
        print(json.dumps(answer), flush=True)


main()
