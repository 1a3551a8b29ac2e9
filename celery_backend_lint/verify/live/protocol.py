"""What steps are written with: a step, its failure, its time limit, and a context that tells the caller of each."""

import os
import re
import signal
import time
import traceback
import uuid
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple
from urllib.parse import quote, unquote

MASK = "***"
SHORTEST_SECRET = 3
LONGEST_TEXT = 500
MOST_FRAMES = 50
UNDOING = 2.0
"""Seconds that undoing one thing may take."""

SECRET_NAME = re.compile(
    r"passw|passphrase|pwd|secret|token|credential|(?:api|access|account|auth)_?key", re.IGNORECASE
)
URL_PASSWORD = re.compile(r"://[^\s/@]*?:([^\s/]+)@")

Facts = Dict[str, Any]


class Failure(Exception):
    """Why a step failed: the code of a cause and its facts (see the package's contract)."""

    def __init__(self, cause: str, **facts: Any) -> None:
        super().__init__(cause)
        self.cause = cause
        self.facts = facts


class Late(BaseException):
    """Raised in a step that takes too long; no ``except Exception`` of a library's retries holds it."""


class Interrupted(BaseException):
    """Raised where the process is when it is asked to end."""


class Step(NamedTuple):
    """One thing to try."""

    name: str
    run: Callable[[], None]
    needs: Tuple[str, ...] = ()
    writes: bool = False
    limit: Optional[float] = None


class Made(NamedTuple):
    """What was, or is about to be, made on the server. ``expires`` is in seconds, None: never."""

    what: str
    name: str
    undo: Callable[[], Any]
    expires: Optional[float]


class Live:
    """What steps know of the run, and how they tell the caller.

    ``backend`` is set when the first step has created it, ``where`` is what the module of its steps says of its place.
    ``limit`` is the time a step has, in seconds.
    """

    def __init__(self, app: Any, index: int, settings: Facts, emit: Callable[[Facts], None]) -> None:
        self.app = app
        self.write = bool(settings.get("write"))
        self.worker = bool(settings.get("worker"))
        self.limit = float(settings["limit"])
        self.load: Facts = dict(settings.get("load") or {}, index=index)
        self.backend: Any = None
        self.where: Facts = {}
        self.task_id = "celery-backend-lint-verify-" + str(uuid.uuid4())
        self.outcomes: Dict[str, bool] = {}
        self._index = index
        self._emit = emit
        self._forbidden: Set[str] = set()
        self._hung: List[str] = []
        self._secrets: Set[str] = set()
        self._made: List[Made] = []
        self._notes: List[Facts] = []

    def tell(self, event: str, **facts: Any) -> None:
        """Tell the caller of something that happened to this app."""
        self._emit(dict(facts, event=event, app=self._index))

    def place(self, **facts: Any) -> None:
        """Tell what was found out of where the backend is; ``where`` holds all of it."""
        self.where.update(facts)
        self.tell("where", facts=facts)

    def note(self, cause: str, **facts: Any) -> None:
        """Say something of the step that runs, which does not make it fail."""
        self._notes.append({"cause": cause, "facts": facts})

    def making(self, what: str, name: str, undo: Callable[[], Any], expires: Optional[float] = None) -> None:
        """Register what is about to be made, and how it is undone."""
        self._made.append(Made(what, name, undo, expires))
        self.tell("making", what=what, name=name, expires=expires)

    def removed(self, name: str) -> None:
        """Say that what was registered under a name is not there any more."""
        self._made = [made for made in self._made if made.name != name]
        self.tell("removed", name=name)

    def clean(self) -> None:
        """Undo whatever was made and is still there, the last first."""
        for made in reversed(list(self._made)):
            self.tell("cleaning", limit=UNDOING)
            try:
                with limited(UNDOING):
                    made.undo()
            except (Exception, Late):
                continue  # then the caller is not told that it was removed
            self.removed(made.name)

    def hide(self, secret: Any) -> None:
        """Mask a credential in every text from now on."""
        if isinstance(secret, bytes):
            secret = secret.decode("utf-8", "replace")
        if isinstance(secret, str):
            forms = {secret, unquote(secret), quote(secret, safe=""), repr(secret)[1:-1]}
            self._secrets.update(form for form in forms if len(form) >= SHORTEST_SECRET)

    def hide_in(self, value: Any, name: str = "", depth: int = 0) -> None:
        """Hide every credential in a setting's value: what a telling name holds, and passwords of URLs."""
        if depth > 10:
            return
        if isinstance(value, dict):
            for key, item in value.items():
                self.hide_in(item, name if SECRET_NAME.search(name) else str(key), depth + 1)
        elif isinstance(value, (list, tuple, set, frozenset)):
            for item in value:
                self.hide_in(item, name, depth + 1)
        elif isinstance(value, (str, bytes)):
            if SECRET_NAME.search(name):
                self.hide(value)
            if isinstance(value, str):
                for found in URL_PASSWORD.finditer(value):
                    self.hide(found.group(1))
                    for part in found.group(1).split("@"):
                        self.hide(part)

    def text_of(self, error: Any) -> str:
        """The text of an exception (or of a server) on one line, every known credential masked."""
        text = " ".join(str(error).split())
        if isinstance(error, BaseException):
            text = type(error).__name__ + (": " + text if text else "")
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"

    def run(self, step: Step, explain: Callable[[BaseException, "Live"], Optional[Failure]]) -> bool:
        """Run a step, tell how it ended, and return whether it ended well."""
        # A server that hung once is not asked again: each answer would be waited for.
        unmet = self._hung or [name for name in step.needs if not self.outcomes.get(name, False)]
        self.outcomes[step.name] = False
        forbidden = (step.writes and not self.write) or any(name in self._forbidden for name in unmet)
        if unmet or forbidden:
            if forbidden:
                self._forbidden.add(step.name)
            cause, facts = ("no-write", {}) if forbidden else ("needs", {"step": unmet[0]})  # type: Tuple[str, Facts]
            self.tell("end", step=step.name, status="skipped", seconds=0.0, cause=cause, facts=facts, notes=[])
            return False
        limit = step.limit or self.limit
        self._notes = []
        self.tell("begin", step=step.name, limit=limit)
        begun = time.monotonic()
        failure: Optional[Failure] = None
        try:
            with limited(limit):
                step.run()
        except Late as late:
            # What is retried again and again is waited for inside of `except`: the error says more than the lateness.
            # A failed look-up does not: that is how libraries find out what there is.
            context = None if isinstance(late.__context__, (LookupError, AttributeError)) else late.__context__
            failure = self._explained(context, explain) if context is not None else None
            failure = failure or Failure("no-answer", seconds=limit)
        except Interrupted:
            self._end(step, begun, Failure("interrupted"))
            raise
        except BaseException as error:  # a project's own exit included
            failure = self._explained(error, explain)
        self._end(step, begun, failure)
        if failure is not None and failure.cause == "no-answer":
            self._hung.append(step.name)
        self.outcomes[step.name] = failure is None
        return failure is None

    def _end(self, step: Step, begun: float, failure: Optional[Failure]) -> None:
        self.tell(
            "end",
            step=step.name,
            status="ok" if failure is None else "failed",
            seconds=round(time.monotonic() - begun, 6),
            cause=failure and failure.cause,
            facts=failure.facts if failure else {},
            notes=self._notes,
        )

    def _explained(
        self, error: BaseException, explain: Callable[[BaseException, "Live"], Optional[Failure]]
    ) -> Failure:
        if isinstance(error, Failure):
            return error
        try:
            found = explain(error, self)
        except Exception:
            found = None
        return found or Failure("error", text=self.text_of(error), place=place_of(error))


def place_of(error: BaseException) -> str:
    """The last line that raised, as ``file.py:12``, without the folder."""
    frames = traceback.extract_tb(error.__traceback__, MOST_FRAMES)
    return os.path.basename(frames[-1][0]) + ":" + str(frames[-1][1]) if frames else ""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise Late in the body once it has taken so long, and each second from then on."""
    over = []  # type: List[bool]

    def late(_signal: int, _frame: Any) -> None:
        if not over:
            raise Late

    previous = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        over.append(True)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
