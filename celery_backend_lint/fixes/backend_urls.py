"""The URL of a result backend changed where it is written, or where it is used if others use it as well."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.needed_packages import declared_for
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.python.style import quote_of, string_code
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.fixes.written_text import changed, rewritten
from celery_backend_lint.model import facts
from celery_backend_lint.model.packages import Packages
from celery_backend_lint.model.redis_tls import CERT_REQS, nearest
from celery_backend_lint.model.sqlalchemy_drivers import admitted_sqlalchemy
from celery_backend_lint.syntax.python import children_of, location_of, string_prefix, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.syntax.python import Node

CERT_REQS_REQUIRED = "ssl_cert_reqs=required"
_GIVEN = r"(?<=[?&]ssl_cert_reqs=)[^&#]*"

_MYSQL = (("pymysql", ("pymysql",)), ("mysqldb", ("mysqlclient",)))
_DRIVERS = {
    "postgresql": (
        ("psycopg2", ("psycopg2", "psycopg2-binary")),
        ("psycopg", ("psycopg",)),
        ("pg8000", ("pg8000",)),
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
}
"""Synchronous drivers of each dialect with the distributions of which one brings it."""

_REFERENCES = ("identifier", "attribute", "subscript", "call")
"""Expressions that a text can be put before or behind."""


def use_known_backend(model: Model, app: App, value: BackendValue, better: str) -> Fix:
    """Write a backend that loads in the place of one that does not (CBL102), and declare the package that it needs.

    Raises CannotFixError where the value is not written in one place, or serves something else as well.
    """
    edits = _changed(model, app, value, better)
    change = declared_for(model, app, better)
    scheme = better.partition("://")[0] + ("://" if "://" in better else "")
    title = f"Write `{scheme}`"
    if change is not None:
        return Fix(f"{title} and declare its package", Applicability.SAFE, (*edits, *change.edits), change.note)
    return Fix(title, Applicability.SAFE, tuple(edits))


def make_text(model: Model, value: BackendValue) -> Fix:
    """Take away what makes a text none: the comma of a tuple with one item, the ``b`` of bytes (CBL102)."""
    refuse_shared(model, model.checked_apps, ("result_backend",), value.location)
    place = place_of(model, value.location)
    node = place.node
    plain = value.value.value if isinstance(value.value, Literal) else None
    if isinstance(plain, bytes) and plain.isascii() and node.type == "string" and string_prefix(node) == "b":
        edit = replace(place.source, node.start_byte, node.start_byte + 1, "")
        return Fix("Make it text", Applicability.SAFE, (edit,))
    items = children_of(node)
    if (
        node.type in ("tuple", "expression_list")
        and len(items) == 1
        and items[0].type in ("string", "concatenated_string")
    ):
        edit = replace(place.source, node.start_byte, node.end_byte, _without_comma(place, node, items[0]))
        return Fix("Remove the comma", Applicability.SAFE, (edit,))
    raise CannotFixError(f"what the value in {place.where} is meant to be is not known")


def _without_comma(place: Place, node: Node, item: Node) -> str:
    if any(child.type == "comment" for child in node.children):
        raise CannotFixError(f"a comment stands inside the value in {place.where}")
    text = text_of(item)
    return f"({text})" if item.start_point[0] != item.end_point[0] else text


def use_rpc(model: Model, app: App, value: BackendValue) -> Fix:
    """Write ``rpc://`` in the place of ``amqp`` (CBL103); where the broker uses the same constant, at its use."""
    quote = quote_of(_root(place_of(model, value.location).node))
    code = string_code("rpc://", quote)
    try:
        refuse_shared(model, model.checked_apps, ("result_backend",), value.location)
        edit = replace_expression(model, value.location, code)
    except CannotFixError as error:
        use = _use(model, app, value)
        if use is None:
            raise error from None
        edit = replace_expression(model, location_of(use.source, use.node), code)
    title = "Write `rpc://`: only the process that sends a task can then read its result, once"
    return Fix(title, Applicability.UNSAFE, (edit,))


def use_synchronous_driver(model: Model, app: App, value: BackendValue) -> Fix:
    """Write a driver that works without asyncio in the place of one that needs it (CBL120), and declare its package."""
    text = value.text or ""
    scheme, separator, rest = text.partition("://")
    alias, dialect, _ = scheme.split("+", 2)
    packages = Packages(model, app)
    releases = admitted_sqlalchemy(packages.set, app.declared.version)
    driver = _synchronous(packages, dialect, releases[0] if releases else (2, 0))
    better = f"{alias}+{dialect}+{driver}" if driver else f"{alias}+{dialect}"
    edits = _changed(model, app, value, f"{better}{separator}{rest}")
    change = declared_for(model, app, f"{better}://")
    if change is None:
        return Fix(f"Write `{better}://`", Applicability.UNSAFE, tuple(edits))
    return Fix(
        f"Write `{better}://` and declare its package", Applicability.UNSAFE, (*edits, *change.edits), change.note
    )


def _synchronous(packages: Packages, dialect: str, sqlalchemy: Version) -> str:
    """A synchronous driver of a dialect, "" for the default one: the first that is declared, else the usual one."""
    if dialect == "sqlite":
        return ""
    for name, distributions in _DRIVERS.get(dialect, ()):
        if packages.declares(distributions) and facts.driver(dialect, name, sqlalchemy) is not None:
            return name
    usual = {"postgresql": "psycopg" if sqlalchemy >= (2,) else "psycopg2", "oracle": "oracledb"}
    return usual.get(dialect, "pymysql")


def say_cert_reqs(model: Model, app: App, value: BackendValue) -> Fix:
    """Say how the certificate is checked, in the query of a ``rediss://`` URL (CBL106)."""
    text = value.text or ""
    return Fix(f"Say `{_said(text)}`", Applicability.SAFE, tuple(_changed(model, app, value, with_cert_reqs(text))))


def use_tls_scheme(model: Model, app: App, value: BackendValue, *, said_elsewhere: bool) -> Fix:
    """Write ``rediss://`` for ``redis://`` (CBL107), and how the certificate is checked where nothing says it.

    ``said_elsewhere`` is whether ``redis_backend_use_ssl`` says that.
    """
    text = value.text or ""
    scheme, separator, rest = text.partition("://")
    better = f"{scheme}s{separator}{rest}"
    if not said_elsewhere or re.search(_GIVEN, text):
        better = with_cert_reqs(better)
    return Fix("Write `rediss://`", Applicability.SAFE, tuple(_changed(model, app, value, better)))


def with_cert_reqs(text: str) -> str:
    """A URL that says a valid ``ssl_cert_reqs``: the one that it means, else ``required``."""
    given = re.search(_GIVEN, text)
    if given is not None:
        valid = given[0] in CERT_REQS
        return text if valid else text[: given.start()] + nearest(given[0]) + text[given.end() :]
    end = text.find("#")
    end = len(text) if end < 0 else end
    before = text[:end]
    separator = "" if before.endswith(("?", "&")) else "&" if "?" in before else "?"
    return f"{before}{separator}{CERT_REQS_REQUIRED}{text[end:]}"


def _said(text: str) -> str:
    found = re.search(_GIVEN, with_cert_reqs(text))
    return f"ssl_cert_reqs={found[0] if found is not None else 'required'}"


def _changed(model: Model, app: App, value: BackendValue, better: str) -> list[Edit]:
    """The edits that change a value: where it is written, else where the setting takes it."""
    before = value.text or ""
    try:
        refuse_shared(model, model.checked_apps, ("result_backend",), value.location)
        return [rewritten(model, value.location, before, better)]
    except CannotFixError as error:
        use = _use(model, app, value)
        start, end, content = changed(before, better)
        if use is None or start != end or start not in (0, len(before)):
            raise error from None
    code, added = text_of(use.node), string_code(content, quote_of(_root(use.node)))
    new = f"{code} + {added}" if start else f"{added} + {code}"
    return [replace_expression(model, location_of(use.source, use.node), new)]


def _use(model: Model, app: App, value: BackendValue) -> Place | None:
    """The place where the setting takes a value that is written elsewhere: ``result_backend = REDIS_URL``."""
    for assignment in app.settings["result_backend"].assignments:
        if assignment.value != value.value:
            continue
        place = place_of(model, assignment.location)
        node: Node | None = place.node
        while node is not None and node.type not in ("assignment", "keyword_argument", "pair"):
            node = node.parent
        given = (
            node.child_by_field_name("right" if node.type == "assignment" else "value") if node is not None else None
        )
        if given is not None and given.type in _REFERENCES and location_of(place.source, given) != value.location:
            return type(place)(place.source, given)
    return None


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node
