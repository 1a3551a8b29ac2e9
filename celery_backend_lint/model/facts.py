"""What Celery, kombu and SQLAlchemy do, release by release, answered from the tables in ``model/data``.

Nothing is imported before it is asked for, and nothing here runs Celery. A ``Version`` is the numbers of a release,
``(5, 7, 0)``; missing ones count as 0. A release older than the tables is answered as their oldest (Celery 4.4.0,
kombu 4.6.7, SQLAlchemy 1.3), one newer than they know as their newest. ``release_of`` makes a Version of text.
"Since ``()``" means since the oldest or before.

Every table is read from published wheels by ``scripts/generate_celery_data.py``, where each fact's source is named.
"""

from __future__ import annotations

from functools import cache

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    from celery_backend_lint.model.data import Table, Version

    Value = TypeVar("Value")


@record
class Setting:
    """A setting of one release of Celery.

    ``type`` is Celery's word: string, int, float, bool, dict, list, tuple, any, str, bytes. ``default`` is a literal;
    lists come as tuples, a timedelta as ``("timedelta", seconds)``. ``old_names`` are the upper-case names of Celery 3,
    ``section`` the prefix of the group it belongs to ("" at top level). ``deprecated``, ``removed`` and ``instead``
    speak of the setting itself, not of its old names. ``listed`` is False for a setting that Celery's code reads but
    that ``celery.app.defaults`` does not list (``redis_client_name``): it has no declared type and no default.
    """

    name: str
    type: str
    default: Any
    old_names: tuple[str, ...]
    section: str
    deprecated: str | None
    removed: str | None
    instead: str | None
    listed: bool


@record
class Backend:
    """A result backend of one release of Celery.

    ``settings`` are those its class and base classes read; ``transport_options`` the keys of
    ``result_backend_transport_options`` that they read. ``packages`` are groups of distributions: of each group one is
    needed, the usual one is first. ``supports`` names the class attributes that are true, such as
    ``supports_autoexpire``. ``extras`` are Celery's extras that bring the packages.
    """

    alias: str
    class_path: str
    settings: frozenset[str]
    transport_options: frozenset[str]
    packages: tuple[tuple[str, ...], ...]
    supports: frozenset[str]
    extras: tuple[str, ...]


@record
class Serializer:
    """A serializer that kombu registers; using it needs one of ``packages`` where there are any."""

    name: str
    content_type: str
    content_encoding: str
    packages: tuple[str, ...]


@record
class Compression:
    """A compression method of kombu; it exists where one of ``packages`` is installed, or where there are none."""

    name: str
    content_type: str
    packages: tuple[str, ...]


@record
class Driver:
    """A driver of an SQLAlchemy dialect.

    ``modules`` are what it imports besides Python's own. ``packages`` bring them: of each group one is needed, the
    usual one first; a module that nothing here is known to bring has no group. ``asynchronous`` drivers do not work in
    Celery's database backend, which is synchronous.
    """

    dialect: str
    name: str
    modules: tuple[str, ...]
    packages: tuple[tuple[str, ...], ...]
    asynchronous: bool


def releases(package: str) -> tuple[str, ...]:
    """The published final releases of a package, oldest first.

    Knows celery (from 4.4), kombu (4.6.7), redis (3), sqlalchemy (1.3) and django-celery-results (1.2); yanked and post
    releases are left out. Raises KeyError for another package.
    """
    from celery_backend_lint.model.data.releases import RELEASES

    return RELEASES[package]


def newest(package: str, specifier: str = "") -> str | None:
    """The newest published release of a package (see ``releases``) that a PEP 440 specifier admits, None for none."""
    if not specifier:
        return releases(package)[-1]
    from celery_backend_lint.model import versions

    return versions.newest(specifier, releases(package))


@cache
def celery_versions() -> tuple[Version, ...]:
    """The releases of Celery that the tables speak of, oldest first."""
    return tuple(release_of(text) for text in releases("celery"))


@cache
def release_of(version: str) -> Version:
    """The release that a version belongs to: ``"5.6.0rc1"`` and ``"v5.6"`` give ``(5, 6, 0)`` and ``(5, 6)``.

    Empty where the text does not start with a number.
    """
    numbers = []
    for part in version.strip().lstrip("vV").split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if digits:
            numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def requires_python(package: str, version: Version) -> str:
    """``Requires-Python`` of a release of celery or kombu, "" where it states none."""
    return "".join(extra(package, version, "python"))


@cache
def setting(name: str, version: Version) -> Setting | None:
    """The setting of that new name, None where this Celery has none. Old names: see ``canonical``."""
    from celery_backend_lint.model.data.settings import SETTINGS, UNLISTED

    row = _at(SETTINGS, name, version)
    if row is not None:
        return Setting(name, *row, True)
    if _at(UNLISTED, name, version) is not None:
        return Setting(name, "any", None, (), "", None, None, None, False)
    return None


def setting_names(version: Version) -> tuple[str, ...]:
    """The new names of all settings that this Celery lists or reads, sorted."""
    from celery_backend_lint.model.data.settings import SETTINGS, UNLISTED

    return tuple(sorted({*_keys(SETTINGS, version), *_keys(UNLISTED, version)}))


@cache
def canonical(name: str, version: Version) -> str | None:
    """The new name that a new or old name stands for in this Celery, None for a name that it does not know.

    Names are taken as they are: new ones in lower case, old ones in upper case (``BROKER_URL``,
    ``CELERY_RESULT_BACKEND``). A namespace's prefix is the caller's to strip.
    """
    if not name.isupper():
        return name if _is_setting(name, version) else None
    from celery_backend_lint.model.data.settings import OLD_NAMES

    return _at(OLD_NAMES, name, version) or (name if _is_setting(name, version) else None)


@cache
def is_old_name(name: str, version: Version) -> bool:
    """Whether a name is the old (upper-case) name of a setting of this Celery."""
    from celery_backend_lint.model.data.settings import OLD_NAMES

    return _at(OLD_NAMES, name, version) is not None


def default_of(name: str, version: Version) -> Any:
    """The default of a setting, as in ``Setting.default``; None where the setting has none or is not known."""
    found = setting(name, version)
    return found.default if found else None


def type_of(name: str, version: Version) -> str | None:
    """The type of a setting in Celery's words, None where it is not known."""
    found = setting(name, version)
    return found.type if found else None


def setting_releases(name: str) -> tuple[tuple[Version, Version | None], ...]:
    """When Celery knew a setting of that new name: (since, until), ``until`` being the first release without it.

    Empty for a name that no Celery from 4.4 on knows.
    """
    from celery_backend_lint.model.data.settings import SETTINGS, UNLISTED

    rows = [row[:2] for row in SETTINGS.get(name, ())] + [row[:2] for row in UNLISTED.get(name, ())]
    spans: list[tuple[Version, Version | None]] = []
    for since, until in sorted(rows, key=lambda row: row[0]):
        if spans and spans[-1][1] == since:
            spans[-1] = (spans[-1][0], until)
        else:
            spans.append((since, until))
    return tuple(spans)


def changed_settings(before: Version, after: Version) -> Iterator[tuple[str, Setting | None, Setting | None]]:
    """Yield (name, then, now) for each setting whose record differs between two releases of Celery, sorted by name."""
    for name in sorted({*setting_names(before), *setting_names(after)}):
        then, now = setting(name, before), setting(name, after)
        if then != now:
            yield name, then, now


def is_backend_setting(name: str, version: Version) -> bool:
    """Whether nothing in Celery but its result backends mentions a setting: without its backend it has no effect."""
    from celery_backend_lint.model.data.settings import BACKEND_ONLY, UNLISTED

    if _at(BACKEND_ONLY, name, version):
        return True
    readers = _at(UNLISTED, name, version) or ()
    return bool(readers) and all(module.startswith("celery.backends.") for module in readers)


# Other distributions make their backends known under this group of entry points (celery.app.backends.by_name).
ENTRY_POINT_GROUP = "celery.result_backends"


@cache
def backends(version: Version) -> Mapping[str, str]:
    """The aliases that this Celery can load by itself, to the paths of their classes.

    An alias whose module is gone (``riak`` since 5.0.0) is left out. ``celery.app.backends.by_url`` takes the scheme up
    to ``+`` as the alias, so these are the schemes as well.
    """
    from celery_backend_lint.model.data.backends import ALIASES

    found = ((alias, _at(ALIASES, alias, version)) for alias in ALIASES)
    return {alias: row[0] for alias, row in found if row is not None and row[1]}


@cache
def backend(alias: str, version: Version) -> Backend | None:
    """What this Celery's backend of an alias reads and needs, None for an alias that it cannot load by itself."""
    from celery_backend_lint.model.data.backends import ALIASES, BACKENDS

    path, row, shared = _at(ALIASES, alias, version), _at(BACKENDS, alias, version), _at(BACKENDS, "", version)
    if path is None or row is None or shared is None or not alias:
        return None
    settings, options, packages, supports, extras = row
    reads = frozenset(shared[0] + settings)
    return Backend(alias, path[0], reads, frozenset(options), packages, frozenset(supports), extras)


def removed_backend(alias: str) -> Version | None:
    """The first Celery that no longer loads an alias (amqp, riak: 5.0.0), None where the newest does or none did."""
    from celery_backend_lint.model.data.backends import ALIASES

    removed = None
    for since, until, (_, present) in ALIASES.get(alias, ()):
        removed = until if present else removed or since
    return removed


def third_party_backend(alias: str) -> tuple[str, str] | None:
    """The (distribution, class path) that gives an alias through an entry point, such as ``django-db``; else None."""
    from celery_backend_lint.model.data.backends import THIRD_PARTY

    row = _at(THIRD_PARTY, alias, (999,))
    return (row[1], row[0]) if row else None


def extra(package: str, version: Version, name: str = "") -> tuple[str, ...]:
    """What an extra of celery or kombu asks for, as PEP 508 text; what is always required for the name "".

    Newer Celery hands some on to kombu: ``celery[redis]`` of 5.7.0 is ``("kombu[redis]",)``. Empty for an extra that
    this release does not have. Raises KeyError for another package.
    """
    from celery_backend_lint.model.data.requirements import CELERY, KOMBU

    return _at({"celery": CELERY, "kombu": KOMBU}[package], name, version) or ()


def extras(package: str, version: Version) -> tuple[str, ...]:
    """The names of the extras of a release of celery or kombu, sorted."""
    from celery_backend_lint.model.data.requirements import CELERY, KOMBU

    names = _keys({"celery": CELERY, "kombu": KOMBU}[package], version)
    return tuple(name for name in names if name not in ("", "python"))


def kombu_specifier(version: Version) -> str:
    """The kombu that a Celery requires, as a specifier: ``>=5.7.0``."""
    return next(text.removeprefix("kombu") for text in extra("celery", version) if text.startswith("kombu"))


@cache  # several rules ask
def kombu_of(version: Version) -> Version:
    """The kombu that a fresh install of a Celery gets: the newest published that it admits."""
    found = newest("kombu", kombu_specifier(version))
    return release_of(found or releases("kombu")[-1])


def distributions(module: str) -> tuple[str, ...]:
    """The distributions that bring a module (``MySQLdb``: mysqlclient), the usual one first; empty where unknown."""
    from celery_backend_lint.model.data.distributions import DISTRIBUTIONS

    return DISTRIBUTIONS.get(module, ())


def serializers(kombu: Version) -> dict[str, Serializer]:
    """The serializers that a kombu registers by itself, by name. Their content types are accepted in their place."""
    from celery_backend_lint.model.data.kombu import SERIALIZERS

    found = {name: _at(SERIALIZERS, name, kombu) for name in SERIALIZERS}
    return {name: Serializer(name, row[0], row[1], _first(row[2])) for name, row in found.items() if row is not None}


def compressions(kombu: Version) -> dict[str, Compression]:
    """The compression methods of a kombu, by each of their names and by content type."""
    from celery_backend_lint.model.data.kombu import COMPRESSIONS

    found = {name: _at(COMPRESSIONS, name, kombu) for name in COMPRESSIONS}
    return {name: Compression(name, row[0], _first(row[1])) for name, row in found.items() if row is not None}


def dialects(sqlalchemy: Version) -> dict[str, str]:
    """The dialects that come with an SQLAlchemy, to their default drivers: ``{"postgresql": "psycopg", …}`` in 2.1."""
    from celery_backend_lint.model.data.sqlalchemy import DIALECTS

    found = {name: _at(DIALECTS, name, sqlalchemy) for name in DIALECTS}
    return {name: driver for name, driver in found.items() if driver is not None}


def default_driver(dialect: str, sqlalchemy: Version) -> str | None:
    """The driver of a URL that names none (``mysql://``: ``mysqldb``), None for a dialect that SQLAlchemy lacks."""
    from celery_backend_lint.model.data.sqlalchemy import DIALECTS

    return _at(DIALECTS, dialect, sqlalchemy)


def driver(dialect: str, name: str, sqlalchemy: Version) -> Driver | None:
    """A driver of a dialect, ``name`` being what follows the ``+``; None where SQLAlchemy does not bring it."""
    from celery_backend_lint.model.data.sqlalchemy import DRIVERS

    row = _at(DRIVERS, f"{dialect}+{name}", sqlalchemy)
    if row is None:
        return None
    modules, asynchronous = row
    packages = tuple(found for found in map(distributions, modules) if found)
    return Driver(dialect, name, modules, packages, asynchronous)


def close_names(name: str, candidates: Iterable[str], count: int = 3) -> list[str]:
    """The candidates that a name may be a slip of, closest first, at most ``count``."""
    import difflib

    return difflib.get_close_matches(name, list(candidates), count, 0.8)


def _is_setting(name: str, version: Version) -> bool:
    from celery_backend_lint.model.data.settings import SETTINGS, UNLISTED

    return _at(SETTINGS, name, version) is not None or _at(UNLISTED, name, version) is not None


def _first(modules: tuple[str, ...]) -> tuple[str, ...]:
    """The usual distribution of each of some modules that will do for each other."""
    return tuple(found[0] for found in map(distributions, modules) if found)


def _at(table: Table[Value], key: str, version: Version) -> Value | None:
    """The value of a key in one release; None where that release has none."""
    rows = table.get(key)
    if rows is None:  # as most names that are asked for are none of the table's
        return None
    release = (*version, 0, 0)[: max(3, len(version))]  # tables give three numbers, or two that three compare well with
    for since, until, value in rows:
        if since <= release and (until is None or release < until):
            return value
    return None


def _keys(table: Table[Value], version: Version) -> Iterator[str]:
    """The keys that a table has for one release."""
    return (key for key in table if _at(table, key, version) is not None)
