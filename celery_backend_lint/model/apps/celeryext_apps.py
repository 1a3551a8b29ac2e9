"""Apps that flask-celeryext makes: the default app with a copy of a Flask configuration (see `evaluate.celeryext`)."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.flask import config as flask
from celery_backend_lint.evaluate.flask.celeryext import extension_called, factory_of
from celery_backend_lint.evaluate.values import Choice, Entry, Instance, Literal, Mapping, Unknown
from celery_backend_lint.location import Location
from celery_backend_lint.model.apps.configuration_sources import read_source
from celery_backend_lint.model.apps.precedence import Configuration
from celery_backend_lint.model.apps.ways import Followed
from celery_backend_lint.model.data.flask_celeryext import NAMES
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery

_CONF = re.compile(rb"(?i)^[^#\n]*?(celery\w*|current_app)\s*\.\s*conf\s*(?:[.\[)]|\|?=[^=])", re.MULTILINE)
_WRITTEN = "app.conf is used where that is not followed"
_STARTED = re.compile(rb"(?:CeleryExt|\.\s*init_app)\s*(\()")


def celeryext_apps(ev: Evaluator, declared_for: Callable[[str], DeclaredCelery]) -> Iterator[tuple[Location, Followed]]:
    """Each call that makes flask-celeryext configure the default app, with what the app is configured by."""
    project = ev.modules.project
    if not project.python_files_mentioning([b"FlaskCeleryExt"]):
        return
    for path in project.python_files_mentioning([b"CeleryExt", b"init_app"]):
        file = ev.modules.file(path)
        if file is None:
            continue
        for match in _STARTED.finditer(file.source.utf8):
            arguments = file.scope.node.descendant_for_byte_range(*match.span(1))
            call = arguments.parent.parent if arguments is not None and arguments.parent is not None else None
            if call is None or call.type != "call":
                continue
            scope = ev.scope_at(call, file.scope)
            found = extension_called(ev, call, scope)
            app = _flask_app(ev, found[1]) if found is not None else None
            if found is None or app is None or factory_of(found[0]) is not None:
                continue
            where = ev.location(call, scope)
            config = flask.at(ev, app, where)
            entries = tuple(Entry(_renamed(entry.key), entry.value, entry.origin) for entry in config.entries)
            copied = Mapping(entries, config.origin, config.complete, open_when=config.open_when)
            declared = declared_for(path)
            configuration = Configuration(declared.version)
            source, cells = read_source(ev, copied, where)[0]
            configuration.set_source(cells, None)
            unread = source.why_unknown
            if (written := _written(ev)) is not None:
                configuration.blur(Unknown(_WRITTEN, written))
                unread = unread or _WRITTEN
            yield where, Followed(configuration, declared, (source,), unread=unread)


def _written(ev: Evaluator) -> Location | None:
    """The first place outside of tests that may write to ``conf``: what is done to ``ext.celery`` is not followed."""
    for path in ev.modules.project.python_files_mentioning([b".conf"]):
        file = ev.modules.file(path) if not is_test_path(path) else None
        found = _CONF.search(file.source.utf8) if file is not None else None
        if file is not None and found is not None:
            return Location(path, file.source.span(*found.span(1)))
    return None


def _flask_app(ev: Evaluator, value: Value | None) -> Instance | None:
    """The Flask app that a value is, in one of its outcomes."""
    if isinstance(value, Choice):
        return next((app for one in value.alternatives if (app := _flask_app(ev, one.value)) is not None), None)
    return value if isinstance(value, Instance) and flask.is_flask(ev, value) else None


def _renamed(key: Value) -> Value:
    if isinstance(key, Literal) and isinstance(key.value, str):
        return Literal(NAMES.get(key.value, key.value), key.origin)
    return key
