"""A cache of Django's (``django-cache``): which one, whether other processes see what is stored there, a result."""
# mypy: disable-error-code="import-untyped"

import os
import re
import select
from functools import partial
from typing import Any, Dict, Iterator, List, Optional, Tuple

from . import database_errors, worker_steps
from .database_steps import DatabaseResult
from .database_way import steps_of_the_way
from .generic_steps import VALUE
from .protocol import Facts, Failure, Live, Step

KIND = "django"
PORTS = {"redis": 6379, "rediss": 6379, "": 11211}
SERVER = re.compile(r"(?:(\w+)://(?:[^@/]*@)?)?([\w.-]+|\[[0-9a-fA-F:]+\])(?::(\d+))?(?:[/?].*)?$")
"""Where a cache keeps things, in LOCATION: a URL, or the host and port of a memcached."""


def where(live: Live) -> Facts:
    """The cache that the setting cache_backend names."""
    alias = alias_of(live)
    settings = cache_settings(alias)
    name = str(settings.get("BACKEND", "")).rpartition(".")[2]
    return {
        "label": f"{name or 'a cache'} (CACHES[{alias!r}])",
        "alias": alias,
        "cache": name,
        "address": ", ".join("{}:{}".format(*server) for server in servers_of(settings)),
        "setting": f"CACHES[{alias!r}]['LOCATION']",
    }


def alias_of(live: Live) -> str:
    """The alias in CACHES."""
    return str(live.app.conf.cache_backend or "default")


def cache_settings(alias: str) -> Dict[str, Any]:
    """What CACHES has for an alias."""
    from django.conf import settings

    return dict(settings.CACHES.get(alias) or {})


def servers_of(settings: Dict[str, Any]) -> List[Tuple[str, int]]:
    """Hosts and ports of the servers, where it has any."""
    location = settings.get("LOCATION") or []
    places = re.split("[;,]", location) if isinstance(location, str) else list(location)
    kind = str(settings.get("BACKEND", "")).lower()
    if "redis" not in kind and "memcache" not in kind:
        return []
    found = [SERVER.match(str(place).strip()) for place in places]
    return [
        (one.group(2).strip("[]"), int(one.group(3) or PORTS[one.group(1) or ""]))
        for one in found
        if one and (one.group(1) or "") in PORTS
    ]


def missing_folders(settings: Dict[str, Any]) -> List[str]:
    """The folders that a cache of files makes, the innermost first."""
    if not str(settings.get("BACKEND", "")).endswith(".FileBasedCache"):
        return []
    folder = os.path.abspath(str(settings.get("LOCATION")))
    found = []
    while not os.path.exists(folder):
        found.append(folder)
        folder = os.path.dirname(folder)
    return found


def remove_folder(folder: str) -> None:
    """Remove a folder that is empty, if it is there."""
    if os.path.isdir(folder):
        os.rmdir(folder)


def explain(error: BaseException, live: Live) -> Optional[Failure]:
    """What a cache raises: a database's errors, or those of sockets."""
    failure = database_errors.explain(error, live)
    if failure is not None and failure.cause == "table-missing":
        location = str(cache_settings(alias_of(live)).get("LOCATION"))
        return Failure("cache-table-missing", table=location, text=failure.facts["text"])
    return failure


def steps(live: Live) -> Iterator[Step]:
    """Every step, in order."""
    cache = Cache(live)
    yield Step("alias", cache.find)
    if not live.outcomes["alias"]:
        return
    ready = "alias"
    [*servers] = servers_of(cache_settings(cache.alias))
    if len(servers) == 1:  # of several a client may choose
        way = steps_of_the_way(live, *servers[0])
        yield from way
        ready = way[-1].name
    yield Step("watch", cache.watch, needs=(ready,))
    read = Step("read", cache.read, needs=("store",))
    yield Step("store", cache.store, needs=("watch",), writes=True)
    yield read
    yield Step("shared", cache.see_shared, needs=("read",))
    yield Step("forget", cache.forget, needs=("store",), writes=True)
    if live.worker:
        yield from worker_steps.steps(live, [read])


class Cache(DatabaseResult):
    """A result in the cache, and another process that looks for it there."""

    def __init__(self, live: Live) -> None:
        super().__init__(live)
        self.alias = alias_of(live)
        key = live.backend.get_key_for_task(live.task_id)
        self.name = key.decode() if isinstance(key, bytes) else str(key)
        self.asking = self.answering = -1

    def find(self) -> None:
        """Find the cache, and load its class."""
        from django.conf import settings
        from django.utils.module_loading import import_string

        if self.alias not in settings.CACHES:
            raise Failure("alias-missing", known=sorted(settings.CACHES))
        if "dummy" in str(settings.CACHES[self.alias].get("BACKEND", "")).lower():
            raise Failure("keeps-nothing")
        import_string(settings.CACHES[self.alias]["BACKEND"])

    def store(self) -> None:
        """Store it; a cache of files makes its folder when it is loaded."""
        for folder in reversed(missing_folders(cache_settings(self.alias))):
            self.live.making("folder", folder, partial(remove_folder, folder))
        super().store()

    def watch(self) -> None:
        """Fork a process, before anything is stored, that will look for the result when it is told to."""
        if not self.live.write:
            return
        asked, self.asking = os.pipe()
        self.answering, answer = os.pipe()
        if os.fork():
            os.close(asked)
            os.close(answer)
            return
        try:
            os.close(self.asking)
            os.close(self.answering)
            if os.read(asked, 1):
                os.write(answer, b"1" if self.seen_elsewhere() else b"0")
        finally:
            os._exit(0)

    def seen_elsewhere(self) -> bool:
        """Whether this process, which did not store it, finds it with a client of its own."""
        from django.core.cache import caches

        make = getattr(caches, "create_connection", None) or caches._create_cache  # noqa: SLF001 - before Django 3.2
        found = make(self.alias).get(self.name)
        return isinstance(found, dict) and found.get("result") == VALUE

    def see_shared(self) -> None:
        """Ask it."""
        patience = self.live.limit * 0.8
        os.write(self.asking, b"1")
        ready, _, _ = select.select([self.answering], [], [], patience)
        answer = os.read(self.answering, 1) if ready else b""
        if answer == b"0":
            raise Failure("not-shared")
        if not answer:
            self.live.note("sharing-unknown")
        if not self.live.app.conf.result_expires:
            self.live.note("never-expires")
