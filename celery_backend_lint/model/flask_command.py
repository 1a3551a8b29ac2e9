"""What ``flask run`` starts: Flask's own command loads ``.env`` before it imports the app.

``flask.cli`` (seen with 1.1.4 and 3.0.3, since 1.0): where python-dotenv is installed and FLASK_SKIP_DOTENV is not set,
``.env`` and ``.flaskenv`` are looked for from the working directory upwards and loaded, then FLASK_APP, ``--app``, else
``wsgi.py`` or ``app.py``, is imported. ``python app.py``, gunicorn and the like, and ``celery`` do no such thing.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.imported_modules import packages_above, reaches
from celery_backend_lint.model.deployment.commands import module_files
from celery_backend_lint.model.file_mentions import DOCUMENTATION, HISTORY, holding
from celery_backend_lint.model.versions import exact, parse_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from celery_backend_lint.model import Model

_OPTIONS = rb"(?:[ \t]+-[\w-]+(?:[= \t][^\s-]\S*)?)*"
_FLASK_RUN = rb"(?m)(?:^|[\s;&|(/$>])flask" + _OPTIONS + rb"[ \t]+run(?![\w.])"
_FLASK_APP = rb"FLASK_APP[ \t]*[=:][ \t]*([\w./:-]+)|(?:^|[\s;&|(/$>])flask[ \t][^\n]*?(?:--app|-A)[= \t]+([\w./:-]+)"
_DEFAULTS = ("wsgi", "app")
_PYTHON = rb"(?m)(?:^|[\s;&|(/$>])python[\d.]*(?:\.exe)?((?:[ \t]+-[A-Za-z]+)*[ \t]+[\w./\\-]+)"
_SERVER = rb"(?m)\b(?:gunicorn|uwsgi|uvicorn|hypercorn|daphne|waitress-serve|mod_wsgi-express)\b([^\n]*)"
_SERVER_FILE = rb"(?m)^[ \t]*(?:module|wsgi-file|wsgi_app|mount)[ \t]*=[ \t]*([^\n]*)"
_CELERY = rb"(?m)\bcelery\b([^\n]*)"
_CELERY_APP = rb"(?:-A|--app)[= \t]*([\w.]+)"
_WORKING = rb"[ \t](?:worker|beat|multi)\b"
_NAMES = rb"[\w./\\]+"


def loads_env_first(model: Model, start: str, reads: Collection[str], env_file: str) -> bool:
    """Whether ``env_file`` is in the environment of whatever imports ``start``: nothing but ``flask run`` is said to do
    so, and a worker is said to be started with another module, which imports none of the modules ``reads``.
    """
    told = [_as_lines(path, data) for path, data in _starting(model)]
    if not any(re.search(_FLASK_RUN, text) for text in told) or not _is_found(model, start, env_file):
        return False
    if any(holding(model.project, ["FLASK_SKIP_DOTENV"])) or _is_too_old(model, start):
        return False
    if not any(_imports(model, path, {start}) for path in _flask_apps(model, told)):
        return False
    if any(_imports(model, path, {start}) for path in _started_otherwise(model, told)):
        return False
    workers = set(_workers(model, told))
    return bool(workers) and not any(_imports(model, path, reads) for path in workers)


def _starting(model: Model) -> Iterator[tuple[str, bytes]]:
    """The files that may start a process, or tell people how to, with what they hold."""
    for path, data in holding(model.project, ["flask", "FLASK_APP", "python", "celery", "corn", "wsgi", "waitress"]):
        name = path.rpartition("/")[2].lower()
        if not path.endswith(".py") and not (name.endswith(DOCUMENTATION) and name.startswith(HISTORY)):
            yield path, data


def _as_lines(path: str, data: bytes) -> bytes:
    """A file's text, each command on one line and without quotes and comments."""
    text = re.sub(rb"(?m)^[ \t]*(?:#|//|;).*$", b"", data.replace(b"\r\n", b"\n"))
    text = re.sub(rb"\\\n\s*", b" ", text)
    if path.endswith((".yml", ".yaml")):
        text = re.sub(rb"\n\s*-[ \t]+", b" ", text)
    return re.sub(rb"[\"'`,\[\]]+", b" ", text)


def _is_found(model: Model, start: str, env_file: str) -> bool:
    """Whether Flask finds an env file: it stands in the folder from which ``start`` is imported, or above."""
    above = packages_above(model.evaluator, start)
    folder = (above[0].rpartition("/")[0] if above else start).rpartition("/")[0]
    place, _, name = env_file.rpartition("/")
    return name in (".env", ".flaskenv") and (not place or f"{folder}/".startswith(f"{place}/"))


def _is_too_old(model: Model, start: str) -> bool:
    """Whether the declared Flask is one before 1.0, whose command loads nothing."""
    release = parse_release(exact(model.manifests.for_path(start).specifier("flask") or "") or "")
    return release is not None and release < (1,)


def _imports(model: Model, path: str, wanted: Collection[str]) -> bool:
    """Whether importing a module imports one of ``wanted``, in whatever function."""
    own = {path, *packages_above(model.evaluator, path)}
    return any(one in own or reaches(model.evaluator, own, one) for one in wanted)


def _flask_apps(model: Model, told: list[bytes]) -> Iterator[str]:
    """The modules that Flask's command may import the app from."""
    named = {found[1] or found[2] for text in told for found in re.finditer(_FLASK_APP, text)}
    for name in named or {one.encode() for one in _DEFAULTS}:
        yield from _files(model, name.decode().partition(":")[0])


def _started_otherwise(model: Model, told: list[bytes]) -> Iterator[str]:
    """The modules that Python itself, or a web server, is started with."""
    for text in told:
        for pattern in (_PYTHON, _SERVER, _SERVER_FILE):
            for found in re.finditer(pattern, text):
                for name in re.findall(_NAMES, found[1]):
                    yield from _files(model, name.decode())


def _workers(model: Model, told: list[bytes]) -> Iterator[str]:
    """The modules that workers and beat are started with."""
    for text in told:
        for found in re.finditer(_CELERY, text):
            app = re.search(_CELERY_APP, found[1]) if re.search(_WORKING, found[1]) else None
            for file in module_files(app[1].decode()) if app is not None else ():
                yield from _ending(model, file)


def _files(model: Model, name: str) -> Iterator[str]:
    """The files of the project that a module, a path, or a module with an attribute may mean."""
    stem = name.removeprefix("./").removesuffix(".py").replace("\\", "/").replace(".", "/").strip("/")
    for file in (f"{stem}.py", f"{stem}/__init__.py") if stem else ():
        yield from _ending(model, file)


def _ending(model: Model, file: str) -> Iterator[str]:
    """The files of the project that ``file`` is the path of, from whatever folder."""
    yield from (path for path in model.project.paths() if path == file or path.endswith(f"/{file}"))
