"""What ``configure`` asks on a terminal: one question at a time, each with a default and a line about each answer."""

from __future__ import annotations

import sys

from celery_backend_lint.fixes.configuration.choices import (
    AVAILABILITIES,
    BACKENDS,
    BESIDE,
    DIALECTS,
    EXPLAINED,
    Choices,
    count,
    seconds,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    T = TypeVar("T")


def ask(given: Choices, said: frozenset[str]) -> Choices:
    """Ask for what was not said on the command line; Enter takes what is proposed.

    ``given`` are the proposals with what was said, ``said`` the names of the fields that were. Questions go to standard
    error, so that the summary can be piped. Raises EOFError when the input ends.
    """

    def question(field: str, text: str, read: Callable[[str], T], default: T, shown: str) -> T:
        return default if field in said else _question(text, read, default, shown)

    backend = question("backend", "Result backend", _one_of(BACKENDS), given.backend, given.backend)
    availability, dialect = given.availability, given.dialect
    persistent = given.persistent and (backend == given.backend or "persistent" in said)
    if backend == "redis":
        availability = question("availability", "Server", _one_of(AVAILABILITIES), availability, availability)
    if backend == "database":
        dialect = question("dialect", "Database", _one_of(DIALECTS), dialect, dialect)
    if backend in ("redis", "rpc"):
        text = "Shall results outlive a restart of the server"
        persistent = question("persistent", text, _yes_or_no, persistent, "yes" if persistent else "no")
    expires = question(
        "expires", "How long are results kept (600s, 12h, 7d)", seconds, given.expires, _days(given.expires)
    )
    concurrency = question(
        "concurrency", "How many tasks does a worker run at once", count, given.concurrency, str(given.concurrency)
    )
    health_check = given.health_check
    if "health_check" not in said:
        text = "Write a health check for Docker's and Kubernetes' probes"
        health_check = BESIDE if _question(text, _yes_or_no, False, "no") else ""
    driver = given.driver if dialect == given.dialect else ""
    decided = set(said)
    if persistent != given.persistent:
        decided.add("persistent")
    if expires != given.expires:
        decided.add("expires")
    if concurrency != given.concurrency:
        decided.add("concurrency")
    return Choices(
        backend,
        expires,
        concurrency,
        availability,
        dialect,
        driver,
        persistent,
        health_check,
        frozenset(decided),
    )


def _question(text: str, read: Callable[[str], T], default: T, shown: str) -> T:
    while True:
        _say(f"{text} [{shown}]: ")
        answer = sys.stdin.readline()
        if not answer:
            raise EOFError
        if not answer.strip():
            return default
        try:
            return read(answer.strip().lower())
        except ValueError as error:
            _say(f"  {error}\n")


def _one_of(answers: Sequence[str]) -> Callable[[str], str]:
    for answer in answers:
        _say(f"  {answer}: {EXPLAINED[answer]}\n")

    def read(text: str) -> str:
        if text not in answers:
            raise ValueError(f"expected one of {', '.join(answers)}")
        return text

    return read


def _yes_or_no(text: str) -> bool:
    if text not in ("y", "yes", "n", "no"):
        raise ValueError("expected yes or no")
    return text.startswith("y")


def _days(number: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600)):
        if number % size == 0:
            return f"{number // size}{unit}"
    return f"{number}s"


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
