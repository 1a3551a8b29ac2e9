"""Faults that any backend may have, shown with a backend of a project's own that keeps files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from textwrap import dedent, indent

from tests.verify.live.site import APP, Fault, Site, nothing

OWN_BACKEND = """\
    import os

    from celery import Celery
    from celery.backends.base import KeyValueStoreBackend

    FOLDER = {folder!r}


    class Backend(KeyValueStoreBackend):
        def get(self, key):
            try:
                with open(os.path.join(FOLDER, key.decode()), "rb") as file:
                    return file.read()
            except FileNotFoundError:
                return None

        def set(self, key, value):
            with open(os.path.join(FOLDER, key.decode()), "w") as file:
                file.write(value)

        def delete(self, key):
            os.remove(os.path.join(FOLDER, key.decode()))

{broken}


    app = Celery("shop", backend="tasks:Backend")
"""
"""A project with a backend of its own that keeps results as files, and a method that is broken."""


def own_backend(broken: str = "") -> Callable[[Path], AbstractContextManager[Site]]:
    """A site with `OWN_BACKEND`."""

    @contextmanager
    def start(folder: Path) -> Iterator[Site]:
        results = folder / "results"
        results.mkdir()
        method = indent(dedent(broken), " " * 8)
        files = {"tasks.py": OWN_BACKEND.format(folder=str(results), broken=method)}
        yield Site(files, lambda: [path.name for path in results.iterdir()])

    return start


@contextmanager
def unknown_backend(_: Path) -> Iterator[Site]:
    """A project whose backend is spelt wrongly."""
    yield Site({"tasks.py": APP.format(backend="reddis://:hunter2secret@cache/1")}, nothing, ("hunter2secret",))


@contextmanager
def refused(_: Path) -> Iterator[Site]:
    """A project whose backend Celery refuses to create."""
    yield Site({"tasks.py": APP.format(backend="file:///no/such/folder")}, nothing)


FAULTS = [
    Fault("a backend that is spelt wrongly", unknown_backend, "backend", "unknown-backend", "is called reddis"),
    Fault("a folder that is not there", refused, "backend", "refused", "The configured path"),
    Fault(
        "a backend that keeps nothing",
        own_backend("def get(self, key): return None"),
        "read",
        "not-kept",
        "is not there when it is read",
    ),
    Fault(
        "a backend that cannot delete",
        own_backend("def delete(self, key): raise PermissionError('read-only')"),
        "forget",
        "error",
        "PermissionError: read-only (tasks.py:",
        left=1,
    ),
    Fault(
        "a backend that keeps what is deleted",
        own_backend("def delete(self, key): pass"),
        "forget",
        "still-there",
        "can still be read after it was forgotten",
        left=1,
    ),
    Fault(
        "a backend that waits for ever when it stores",
        own_backend("def set(self, key, value): import time; time.sleep(60)"),
        "store",
        "no-answer",
        "no answer within 1 seconds",
        arguments=("--step-timeout", "1"),
    ),
    Fault(
        "a backend that blocks every signal when it reads",
        own_backend(
            """\
            def get(self, key):
                import signal, time
                if os.listdir(FOLDER):
                    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM, signal.SIGTERM])
                    time.sleep(60)
            """
        ),
        "read",
        "no-answer",
        "no answer within 1 seconds",
        left=1,
        arguments=("--step-timeout", "1"),
    ),
    Fault(
        "a project that ends the process when a result is stored",
        own_backend("def set(self, key, value): os._exit(3)"),
        "store",
        "ended",
        "the process ended in this step",
        doubtful=1,
    ),
]
