"""Any backend: store a result, read it back, forget it, with nothing but what every backend of Celery has."""

from typing import Any, List, Optional

from .protocol import Facts, Failure, Live, Step

KIND = "generic"
VALUE = "stored by celery-backend-lint verify"


def where(live: Live) -> Facts:
    """The name of its class: what else there is differs from backend to backend."""
    return {"label": type(live.backend).__name__}


def explain(error: BaseException, live: Live) -> Optional[Failure]:
    """What any backend may raise."""
    if isinstance(error, ImportError) and error.name:
        return Failure("package-missing", package=error.name.partition(".")[0], text=live.text_of(error))
    if isinstance(error, ConnectionRefusedError):
        return Failure("refused-connection", text=live.text_of(error))
    return None


def steps(live: Live) -> List[Step]:
    """Store, read, forget."""
    result = Result(live)
    return [
        Step("store", result.store, writes=True),
        Step("read", result.read, needs=("store",)),
        Step("forget", result.forget, needs=("store",), writes=True),
    ]


class Result:
    """A result of this run's own, under a new task id."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.name = live.task_id

    def store(self) -> None:
        """Store it as a worker does that ends a task."""
        backend = self.live.backend
        self.live.making("result", self.name, self.undo, expires_of(backend))
        backend.store_result(self.live.task_id, VALUE, "SUCCESS")

    def read(self) -> None:
        """Read it back as ``AsyncResult`` does, not from the backend's own cache."""
        meta = self.meta()
        if meta.get("status") == "PENDING":
            raise Failure("not-kept", key=self.name)
        if meta.get("result") != VALUE or meta.get("status") != "SUCCESS":
            raise Failure("other-value", key=self.name, status=str(meta.get("status")))

    def forget(self) -> None:
        """Forget it, and see that it is gone."""
        try:
            self.live.backend.forget(self.live.task_id)
        except NotImplementedError:
            self.live.note("cannot-forget", name=self.name)
            return
        self.see_it_gone()
        self.live.removed(self.name)

    def undo(self) -> None:
        """Remove it if it is there, whatever came before: some backends raise when they delete what is not."""
        if self.meta().get("status") == "PENDING":
            return
        self.live.backend.forget(self.live.task_id)
        self.see_it_gone()

    def see_it_gone(self) -> None:
        """Raise Failure when it is not."""
        if self.meta().get("status") != "PENDING":
            raise Failure("still-there", key=self.name)

    def meta(self) -> Any:
        """What is stored of the task."""
        return self.live.backend.get_task_meta(self.live.task_id, cache=False)


def expires_of(backend: Any) -> Optional[float]:
    """After how many seconds the backend itself removes a result, None: never, or only when somebody cleans up."""
    expires = getattr(backend, "expires", None)
    if not getattr(backend, "supports_autoexpire", False) or not expires:
        return None
    return float(getattr(expires, "total_seconds", lambda: expires)())
