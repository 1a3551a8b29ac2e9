"""Versions and what a requirement admits, by PEP 440.

Final releases (``5.4.0``) and plain clauses are compared here as tuples; everything else (pre-releases, local
versions, ``===``) goes to ``packaging``, whose import costs more than the rest of a clean run.
"""

from __future__ import annotations

import re
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CLAUSE = re.compile(r"(~=|==|!=|<=|>=|<|>)\s*([0-9]+(?:\.[0-9]+)*)(\.\*)?")


@lru_cache(4096)  # each of a package's releases is held against each clause, and so for every manifest
def parse_release(text: str) -> tuple[int, ...] | None:
    """The numbers of a final release, ``"5.4.0"`` to ``(5, 4, 0)``; None for anything that is not one."""
    parts = text.strip().split(".")
    if not all(part.isdigit() and part.isascii() for part in parts):
        return None
    return tuple(int(part[-18:]) for part in parts)


def release_key(release: tuple[int, ...]) -> tuple[int, ...]:
    """A release without trailing zeros, by which releases compare: ``5.4`` and ``5.4.0`` are the same."""
    end = len(release)
    while end > 1 and not release[end - 1]:
        end -= 1
    return release[:end]


def admits(specifier: str, version: str) -> bool:
    """Whether ``version`` satisfies ``specifier``.

    ``specifier`` is a PEP 440 specifier set, or several of them with ``||`` between (Poetry's "or"). An empty one
    admits everything. A pre-release counts like any version here. False where either cannot be read.
    """
    return any(_admits(part, version) for part in specifier.split("||"))


def admitted(specifier: str, versions: Iterable[str]) -> list[str]:
    """Those of ``versions`` that pip may install for ``specifier``, oldest first.

    Pre-releases count only where the specifier names one itself, or where nothing else is admitted (PEP 440,
    "Handling of pre-releases"). Versions that cannot be read are left out.
    """
    return list(_admitted(specifier, tuple(versions)))


@lru_cache(256)  # a command that writes reads the project again after each step
def _admitted(specifier: str, published: tuple[str, ...]) -> tuple[str, ...]:
    versions = list(dict.fromkeys(published))
    finals = [(release_key(release), version) for version in versions if (release := parse_release(version))]
    chosen = [(key, version) for key, version in finals if admits(specifier, version)]
    if len(finals) < len(versions):
        early = sum(1 for version in versions if re.fullmatch(r"[0-9.]+(?:a|b|rc)[0-9]+", version))
        if not chosen or len(finals) + early < len(versions) or not _is_plain(specifier):
            return tuple(_admitted_by_packaging(specifier, versions))
    return tuple(version for _, version in sorted(chosen, key=lambda pair: pair[0]))


def newest(specifier: str, versions: Sequence[str]) -> str | None:
    """The newest of ``versions`` that pip would install for ``specifier``; None when it admits none of them."""
    found = admitted(specifier, versions)
    return found[-1] if found else None


def exact(specifier: str) -> str | None:
    """The one version that ``specifier`` pins (``==5.4.0``, ``===5.4.0``), or None when it leaves a choice."""
    found = re.fullmatch(r"===?\s*([^\s,*|]+)", specifier.strip())
    return found[1] if found else None


def floor(specifier: str) -> tuple[int, ...]:
    """The highest release that a clause of ``specifier`` states as its lower bound; empty when there is none."""
    bounds = [
        release_key(release)
        for operator, text, _ in _CLAUSE.findall(specifier)
        if operator in ("~=", "==", ">=", ">") and (release := parse_release(text))
    ]
    return max(bounds, default=())


def _is_plain(specifier: str) -> bool:
    return all(
        not clause.strip() or _CLAUSE.fullmatch(clause.strip())
        for part in specifier.split("||")
        for clause in part.split(",")
    )


def _admits(specifier: str, version: str) -> bool:
    release = parse_release(version)
    if release is None:
        return _admits_by_packaging(specifier, version)
    verdict = True
    for clause in specifier.split(","):
        if clause.strip():
            one = _final_admitted(clause.strip(), release)
            if one is None:
                return _admits_by_packaging(specifier, version)
            verdict = verdict and one
    return verdict


def _final_admitted(clause: str, release: tuple[int, ...]) -> bool | None:
    """Whether one clause admits a final release; None where the clause is not a plain one."""
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return None
    operator, text, star = found.groups()
    bound = parse_release(text)
    if bound is None:  # pragma: no cover - the pattern admits releases only
        return None
    if star:
        if operator not in ("==", "!="):
            return None
        padded = release + (0,) * (len(bound) - len(release))
        return (padded[: len(bound)] == bound) == (operator == "==")
    ours, theirs = release_key(release), release_key(bound)
    if operator == "==":
        return ours == theirs
    if operator == "!=":
        return ours != theirs
    if operator == ">=":
        return ours >= theirs
    if operator == "<=":
        return ours <= theirs
    if operator == ">":
        return ours > theirs
    if operator == "<":
        return ours < theirs
    if len(bound) < 2:
        return None
    prefix = bound[:-1]
    padded = release + (0,) * (len(prefix) - len(release))
    return ours >= theirs and padded[: len(prefix)] == prefix


def _admits_by_packaging(specifier: str, version: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return False


def _admitted_by_packaging(specifier: str, versions: Sequence[str]) -> list[str]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    readable: dict[str, Version] = {}
    for version in versions:
        try:
            readable[version] = Version(version)
        except InvalidVersion:
            continue
    chosen: set[str] = set()
    for part in specifier.split("||"):
        try:
            chosen.update(SpecifierSet(part).filter(readable))
        except InvalidSpecifier:
            continue
    return sorted(chosen, key=lambda version: readable[version])
