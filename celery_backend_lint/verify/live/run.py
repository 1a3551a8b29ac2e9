"""Tries the backends of loaded apps and tells the caller of each step."""

import _thread
import os
import select
import signal
import time
from typing import Any, Callable, List, Tuple

from . import worker_process, worker_steps
from .backends import class_of, create, explain_creation, steps_module
from .protocol import Facts, Interrupted, Live, Step, place_of

# Taken before the project is imported, which may replace them (gevent, eventlet).
start_thread = _thread.start_new_thread
new_poll = select.poll
sleep = time.sleep

IMPORTING = 10.0
"""Seconds that creating a backend may take at least."""
GRACE = 5.0
"""Seconds to clean up in when the caller is gone."""


class Interruption:
    """Whether the process was asked to end; a signal that comes while it cleans up changes nothing any more."""

    def __init__(self) -> None:
        self.asked = False
        self.cleaning = False

    def ask(self, _signal: int, _frame: Any) -> None:
        """What a signal does."""
        self.asked = True
        if not self.cleaning:
            raise Interrupted

    def check(self) -> None:
        """Raise what was raised where nobody could catch it, in a callback of C or in ``__del__``."""
        if self.asked:
            raise Interrupted


def try_backends(apps: List[Tuple[int, Any]], settings: Facts, emit: Callable[[Facts], None], out: int) -> None:
    """Run the steps of each app; ``emit`` sends one event, ``out`` is the descriptor that it writes to."""
    interruption = Interruption()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interruption.ask)
    start_thread(watch, (out, os.getpid()))

    def tell(event: Facts) -> None:
        try:
            emit(event)
        except OSError:  # the caller is gone, which `watch` sees
            pass

    for index, app in apps:
        live = Live(app, index, settings, tell)
        try:
            try_backend(live, interruption.check)
        except Interrupted:
            pass
        except Exception as error:  # outside of any step: whatever was made is to be removed all the same
            live.tell("crash", text=live.text_of(error), place=place_of(error))
        interruption.cleaning = True
        live.clean()
        live.tell("done")
        if interruption.asked:
            return
        interruption.cleaning = False


def try_backend(live: Live, check: Callable[[], None]) -> None:
    """Create an app's backend and run its steps; ``check`` raises when that is to end."""
    hide_credentials(live)
    # FilesystemBackend writes a file and removes it again when it is created.
    writes = str(live.app.conf.result_backend or "").startswith("file:")
    # The backend's packages are imported, which takes what it takes.
    step = Step("backend", lambda: create(live), writes=writes, limit=max(live.limit, IMPORTING))
    if not live.run(step, explain_creation):
        return
    live.hide_in(getattr(live.backend, "connparams", None) or {})
    module = steps_module(live.backend)
    live.where = module.where(live)
    live.tell("backend", **{"class": class_of(live.backend), "kind": module.KIND, "facts": live.where})
    steps = module.steps(live)
    # A module whose steps depend on what those before found has them come one by one, those of a worker among them.
    whole = isinstance(steps, list)
    if live.worker and whole and module.KIND != "disabled" and all(step.name != "worker" for step in steps):
        steps += worker_steps.steps(live, steps)
    for step in steps:
        check()
        live.run(step, module.explain)


def serve_worker(
    reply: Facts,
    apps: List[Any],
    request: Facts,
    emit: Callable[[Facts], None],
    out: int,
    describe: Callable[..., Facts],
) -> int:
    """Be the worker that another process of this tool asked for, which reads what is told. Returns the exit code."""

    def tell(event: Facts) -> None:
        try:
            emit(event)
        except OSError:  # that process is gone, which `watch` sees
            pass

    start_thread(watch, (out, os.getpid()))
    if reply["error"] or request["index"] >= len(apps):
        error = reply["error"] or {"stage": "modules", "type": "LookupError", "text": "the app is gone", "place": None}
        tell(dict(error, event="failed", stage="modules"))
        return 1
    return worker_process.serve(apps[request["index"]], request["serve"], tell, describe)


def hide_credentials(live: Live) -> None:
    """Learn every credential that the process knows of, so that it is masked whatever prints it."""
    conf = live.app.conf
    for name in list(conf):
        try:
            value = conf[name]
        except Exception:
            continue
        live.hide_in(value, str(name))
    for name in ("result_backend", "broker_url", "broker_read_url", "broker_write_url"):
        try:
            live.hide_in(getattr(conf, name), name)
        except Exception:
            continue
    live.hide_in({name: value for name, value in os.environ.items() if name not in ("PWD", "OLDPWD")})


def watch(out: int, process: int) -> None:
    """End this process when nobody reads any more what it says: the caller was killed."""
    poller = new_poll()
    poller.register(out, 0)  # only errors: the other end is closed
    while not poller.poll(1000):
        pass
    os.kill(process, signal.SIGTERM)
    sleep(GRACE)
    os.killpg(os.getpgid(process), signal.SIGKILL)
