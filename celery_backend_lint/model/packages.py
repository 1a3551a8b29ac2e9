"""Which distributions a result backend needs, and whether what a project declares brings them.

Only what is certain counts as missing: a package that nothing visible brings, while nothing that cannot be looked into
could bring it. Celery's own requirements come from ``facts`` (read from its wheels); what other distributions bring was
read from the metadata of some of them on the index; the other names are common knowledge.
"""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.model import facts
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.model.versions import floor
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.declared import Manifest, Requirement
    from celery_backend_lint.model.manifests.locks import LockFile
    from celery_backend_lint.model.manifests.selection import ManifestSet
    from celery_backend_lint.project.discovery import Project


@record
class Need:
    """Distributions of which one must be installed, the usual one first; ``extra``: Celery's extra that brings one."""

    distributions: tuple[str, ...]
    extra: str = ""


def backend_needs(kind: str, text: str, version: Version) -> tuple[Need, ...]:
    """What the backend of a kind (``backend_kind.kind_of``) needs beside Celery; ``text`` is the start of its value.

    Celery's class imports it (celery.backends, each release). Empty where nothing is needed or nothing is known.
    """
    if kind == "cache" and not _is_memcached(text):
        return ()
    found = facts.backend(kind, version)
    if found is not None:
        extra = found.extras[0] if found.extras else ""
        return tuple(Need(group, extra) for group in found.packages)
    third_party = facts.third_party_backend(kind)
    return (Need((third_party[0],)),) if third_party is not None else ()


def _is_memcached(text: str) -> bool:
    """Whether a ``cache`` backend names a memcached client; ``cache+memory://`` and a bare ``cache`` need none."""
    return re.match(r"cache\+(?:memcache|memcached|pylibmc|pymemcache)://", text) is not None


_NAMES = {
    "redis": (
        r"redis|redbeat|redlock|huey-monitor|django-cacheops|django-eb-cache|\brq\b|\barq\b|\bsaq\b|walrus|celery-once"
        r"|celery-singleton|bullmq|limitd|django-defender|flask-session-captcha|pottery|wakaq|flask-sse|fastapi-limiter"
    ),
    "sqlalchemy": (
        r"sqlalchemy|\balembic\b|flask-migrate|flask-appbuilder|sqlmodel|geoalchemy|sqladmin|sqlacodegen|marshmallow-sqlalchemy"
        r"|\bdataset\b|\bdatabases\b|\bormar\b|\bgino\b|advanced-alchemy|\brecords\b|mlflow|optuna|langchain|jupyterhub"
        r"|great-expectations|\bprefect\b|pyhive|invenio|sqlacodegen|ipython-sql|jupysql|snowflake|fastapi-users-db"
        r"|\bdagster\b|alchemy|flask-admin-sqla"
    ),
    "pymongo": r"mongo|^motor$|\bbeanie\b|odmantic|^djongo|umongo|\bmarrow\b",
    "boto3": r"boto3|^aws|[-_]aws|[-_]s3|^s3|dynamo|sagemaker|^zappa$|^moto$|django-ses|watchtower|chalice|sceptre",
    "elasticsearch": r"elasticsearch|haystack|wagtail",
    "django-celery-results": r"django-celery-results",
    "psycopg2": r"psycopg2(?!cffi)|^aiopg|postgres(?!ql$)|redshift|^pgcli$|^odoo$|^ckan$",
    "psycopg": r"psycopg(?!2)|procrastinate|langgraph-checkpoint-postgres|pytest-postgresql|langchain-postgres",
    "mysqlclient": r"mysqlclient|flask-mysqldb|providers-mysql|^mysql-python$",
    "pymysql": r"pymysql|^aiomysql$",
    "pymemcache": r"pymemcache",
    "pylibmc": r"pylibmc",
    "python-memcached": r"python-memcached",
    "celery": r"celery|^flower$|^pyramid-|^ckan|^invenio|^openwisp|^dandi|^wagtail|^django-oscar|^django-(?:cms|shop)",
    "google-cloud-storage": r"google-cloud-storage|gcsfs|firebase|google-cloud-(?:aiplatform|bigquery)|vertexai",
    "google-cloud-firestore": r"google-cloud-firestore|firebase",
}
"""Names of other distributions that bring one, as patterns: what is certain (django-redis, celery-redbeat, alembic) and
what may be (``company-redis-tools``)."""

_BRING_NOTHING = (
    r"types-|.*-(?:stubs|types)$|.*stubs$|hiredis$|aioredis$|opentelemetry-|pytest-(?!redis|mongo)|mongomock"
)
"""Distributions whose names say more than they bring: stubs, instrumentation, test plug-ins."""

_FRAMEWORKS = (
    r"apache-airflow|apache-superset|^superset$|^ckan$|^sentry$|^invenio|^nautobot$|^netbox|^saleor$|^pulpcore|^kiwitcms|^weblate$"
    r"|^pretix|^openedx|^edx-|^frappe|^redash$|^inventree|^mayan|^galaxy|^label-studio|^doccano"
)
"""Applications that are installed as a package and bring a whole environment."""

_SQLALCHEMY_EXTRAS = {
    "postgresql": "psycopg2",
    "postgresql-psycopg2binary": "psycopg2-binary",
    "postgresql-psycopg2cffi": "psycopg2cffi",
    "postgresql-psycopg": "psycopg",
    "postgresql-psycopgbinary": "psycopg",
    "postgresql-pg8000": "pg8000",
    "postgresql-asyncpg": "asyncpg",
    "mysql": "mysqlclient",
    "mysql-connector": "mysql-connector-python",
    "mariadb-connector": "mariadb",
    "pymysql": "pymysql",
    "aiomysql": "pymysql",
    "asyncmy": "asyncmy",
    "mssql": "pyodbc",
    "mssql-pyodbc": "pyodbc",
    "mssql-pymssql": "pymssql",
    "oracle": "cx-oracle",
    "oracle-oracledb": "oracledb",
    "aiosqlite": "aiosqlite",
}
"""The drivers that SQLAlchemy's extras bring (its metadata, 1.4 to 2.1)."""

BRINGS_CELERY = (
    r"django-celery(?:-beat|-results|-email)?|flower|celery-(?:redbeat|once|singleton|batches|progress)|flask-celeryext"
)
"""Distributions that require celery."""

_REQUIREMENT_FOLDERS = ("requirements", "requirement", "reqs", "deps", "dependencies")
_OWN = frozenset({"celery", "kombu", "billiard", "vine", "amqp", "django", "flask", "fastapi"})
"""Distributions known to bring no backend package, wherever they are installed from."""

_PUBLIC = (
    r"pypi\.(?:python\.)?org|pythonhosted|pytorch\.org|nvidia\.|piwheels|pypi\.tuna|mirrors?[./]|aliyun|douban"
    r"|anaconda"
)
_INDEX = (
    r"^\s*(?:--(?:extra-)?index-url|--find-links|-i|-f)[\s=]+(\S+)"
    r"|^\s*\[\[(?:tool\.(?:poetry\.source|uv\.index|pdm\.source)|source)\]\][^\[]*?^\s*url\s*=\s*[\"']([^\"']+)"
)
_INSTALLERS = (
    r"\b(?:pip3?(?:\.\d+)?|pipenv|uv|poetry|pdm|conda|mamba|micromamba|easy_install)\b[^\n&|;]*?"
    r"\b(?:install|add)\b([^\n&|;]*)"
)
_SCRIPTS = r"(?i)dockerfile|containerfile|makefile|justfile|taskfile|procfile|jenkinsfile|vagrantfile"
_SCRIPT_ENDINGS = (".sh", ".bash", ".yml", ".yaml", ".ini", ".cfg", ".mk", ".toml", ".ps1", ".bat", ".dockerfile")


class Packages:
    """What is installed where an app runs, as far as the project says."""

    __slots__ = ("_app", "_development", "_locks", "_manifests", "_project", "_requirements", "set")

    def __init__(self, model: Model, app: App, *, development: bool = True) -> None:
        """``development`` False leaves out what only groups and files for development or tests bring."""
        self._development = development
        self.set = model.manifests.for_path(app.path)
        self._app = app
        self._project = model.project
        home = _home(app.path, self.set.manifests)
        self._manifests = [one for one in model.manifests.manifests.values() if _counts(one.path, _names(one), home)]
        self._manifests += [one for one in self.set.manifests if one not in self._manifests]
        self._locks = [one for one in model.manifests.locks.values() if _counts(one.path, one.index(), home)]
        self._locks += [one for one in self.set.locks if one not in self._locks]
        self._requirements: list[Requirement] = [
            one
            for manifest in self._manifests
            for one in manifest.requirements
            if one.kind != "constraint" and (development or one.kind != "development")
        ]

    def gives(self, distributions: Iterable[str]) -> bool:
        """Whether one of some distributions (normalised names) is installed, or may be for all that can be seen."""
        return any(self._gives(one) for one in distributions)

    def declares(self, distributions: Iterable[str]) -> bool:
        """Whether one of some distributions is declared or locked by name, or asked for by an extra of Celery."""
        return any(self._declares(one) for one in distributions)

    def hides_something(self) -> bool:
        """Whether something is installed that cannot be looked into, so that a package may come with it.

        A lock file with celery in it says all there is. Else: anything from a repository, an address or a folder that
        is not in the tree, an included file that is not there, a manifest that cannot be read, a private index.
        """
        if any("celery" in lock.index() for lock in self._locks):
            return False
        known = {manifest.path for manifest in self._manifests}
        provided = {manifest.provides for manifest in self._manifests if manifest.provides}
        for one in self._requirements:
            if one.url and one.kind != "lock" and one.name not in _OWN and one.name not in provided:
                return True
            if re.search(_FRAMEWORKS, one.name):
                return True
        for manifest in self._manifests:
            if any(problem.whole_file for problem in manifest.problems):
                return True
            if any(not one.constraint and one.required and one.path not in known for one in manifest.includes):
                return True
            if any(not _has_package(self._manifests, folder) for folder in manifest.locals):
                return True
            if _leads_away(self._project, manifest):
                return True
        return False

    def surely_lack(self, distributions: Sequence[str]) -> bool:
        """Whether none of some helpers (``plain_distributions.HELPERS``) is installed, which any package may bring."""
        from celery_backend_lint.model.plain_distributions import all_plain, brings_packaging

        if self.gives(map(normalized, distributions)) or self.hides_something():
            return False
        if "packaging" in distributions and any(
            map(brings_packaging, (*self._requirements, *self.set.requirements("redis")))
        ):
            return False
        return any("celery" in lock.index() for lock in self._locks) or all_plain(self._requirements)

    def manifest_of_celery(self) -> Requirement | None:
        """The requirement that declares celery, one for development last, else one of a package that brings it
        (django-celery-beat, flower).

        None where nothing explains celery: then it is installed by other means, and so may be what it needs. So it is
        where the Dockerfile beside the app installs it, and only another service has a manifest that declares it.
        """
        declared = sorted(self.set.declares("celery"), key=lambda one: one.kind == "development")
        found = next(iter(declared), None)
        if found is not None:
            folder, own = folder_of(found.location.path), posixpath.dirname(self._app.path)
            is_of_another = bool(folder) and not f"{own}/".startswith(f"{folder}/")
            if is_of_another and _is_installed_by_script(self._project, "celery", f"{own}/"):
                return None
            return found
        return next((one for one in self._requirements if re.fullmatch(BRINGS_CELERY, one.name)), None)

    def _declares(self, name: str) -> bool:
        if any(one.name == name for one in self._requirements) or any(self._locked(lock, name) for lock in self._locks):
            return True
        return any(
            name in _brought_by_extra(one.name, extra, self._app.declared.version)
            for one in self._requirements
            for extra in one.extras
        )

    def _locked(self, lock: LockFile, name: str) -> bool:
        if name not in lock.index():
            return False
        return self._development or any(not one.group for one in lock.named(name))

    def _gives(self, name: str) -> bool:
        if self._declares(name):
            return True
        pattern = _NAMES.get(name.removesuffix("-binary"))
        if pattern is not None:
            for one in self._requirements:
                asked = [one.name, *(f"{one.name}-{extra}" for extra in one.extras)]
                if any(re.search(pattern, text) for text in asked) and not re.match(_BRING_NOTHING, one.name):
                    return True
        return (
            bool(self._project.installed(name))
            or _is_vendored(self._project, name)
            or _is_installed_by_script(self._project, name)
        )


def _brought_by_extra(name: str, extra: str, version: Version) -> set[str]:
    """The distributions that an extra of celery, kombu or SQLAlchemy brings, through kombu's extras as well."""
    if name == "sqlalchemy":
        driver = _SQLALCHEMY_EXTRAS.get(extra)
        return {driver} if driver is not None else set()
    if name not in ("celery", "kombu"):
        return set()
    found: set[str] = set()
    release = version if name == "celery" else facts.kombu_of(version)
    for text in facts.extra(name, release, extra):  # noqa: S610 - Celery's, not Django's
        asked = re.match(r"([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?", text)
        if asked is None:
            continue
        other = normalized(asked[1])
        found.add(other)
        for inner in (asked[2] or "").split(","):
            if inner.strip():
                found |= _brought_by_extra(other, normalized(inner.strip()), version)
    return found


def _home(path: str, manifests: Iterable[Manifest]) -> str:
    """The folder that an app belongs to: the nearest one above it with a manifest that holds for it."""
    folder = posixpath.dirname(path)
    holding = {folder_of(manifest.path) for manifest in manifests}
    while folder and folder not in holding:
        folder = posixpath.dirname(folder)
    return folder


def folder_of(path: str) -> str:
    """The folder that a manifest speaks for: its own, or the one above ``requirements/``."""
    folder = posixpath.dirname(path)
    last = posixpath.basename(folder).lower()
    return posixpath.dirname(folder) if last in _REQUIREMENT_FOLDERS else folder


def _names(manifest: Manifest) -> set[str]:
    return {one.name for one in manifest.requirements if one.kind != "constraint"}


def _counts(path: str, names: Iterable[str], home: str) -> bool:
    """Whether a manifest may add to what an app of a folder has.

    All do but those of another service: beside the app's folder, with celery of its own.
    """
    folder = folder_of(path)
    inside = not home or folder == home or folder.startswith(home + "/")
    above = not folder or home.startswith(folder + "/")
    return inside or above or "celery" not in set(names)


def _has_package(manifests: Iterable[Manifest], folder: str) -> bool:
    return any(posixpath.dirname(one.path) == folder for one in manifests)


def _leads_away(project: Project, manifest: Manifest) -> bool:
    """Whether a manifest takes in a file from elsewhere, or packages from an index that is not public."""
    source = project.source(manifest.path)
    if source is None:
        return False
    text = source.text
    if manifest.format == "requirements" and re.search(
        r"^\s*(?:-r|--requirement)[\s=]*(?:\S*://|\S*\$\{|\S*\{\{)", text, re.MULTILINE
    ):
        return True
    return any(not re.search(_PUBLIC, found[1] or found[2]) for found in re.finditer(_INDEX, text, re.MULTILINE))


def _is_vendored(project: Project, name: str) -> bool:
    """Whether the tree holds the package itself: at its top, or in a folder for other people's code."""
    module = name.removesuffix("-binary").replace("-", "_")
    end = f"{module}/__init__.py"
    places = r"(?:(?:.*/)?(?:_?vendor(?:ed)?|third_?party|libs?|ext(?:ern(?:al)?)?)/(?:.*/)?|src/)?"
    return any(re.fullmatch(places, path.removesuffix(end)) for path in project.paths() if path.endswith(end))


def _is_installed_by_script(project: Project, name: str, under: str = "") -> bool:
    """Whether a Dockerfile, a script or a pipeline installs a package by name, or by an extra of that name.

    ``under`` is what the paths of those files begin with.
    """
    wanted = rf"(?i)(?<![\w.-]){re.escape(name)}(?![\w-]|://)"
    packaged = rf"\b(?:apt(?:-get)?|apk|dnf|yum)\b[^\n]*\b(?:install|add)\b[^\n]*\b(?:python3?|py3)-{re.escape(name)}\b"
    needle = name.encode()
    for data in scripts(project, under):
        if needle not in data.lower():
            continue
        text = data.decode("utf-8", "replace").replace("\\\r\n", " ").replace("\\\n", " ")
        lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        if re.search(packaged, lines) or any(re.search(wanted, found[1]) for found in re.finditer(_INSTALLERS, lines)):
            return True
    return False


def scripts(project: Project, under: str) -> Iterator[bytes]:
    """The bytes of the Dockerfiles, scripts and pipelines that install something, of paths that begin so."""
    for path in project.paths():
        base = posixpath.basename(path)
        if not path.startswith(under):
            continue
        if re.search(_SCRIPTS, base) or base.endswith(_SCRIPT_ENDINGS):
            source = project.source(path)
            if source is not None and b"install" in source.data:
                yield source.data


def extra_asks(manifests: ManifestSet, extra: str, celery: Version) -> tuple[str, ...]:
    """What an extra of a Celery asks for, as PEP 508 text; empty for one that it does not have.

    Where Celery hands on to kombu's extra, that of the kombu that the manifests give, else of a fresh install's.
    """
    asked = facts.extra("celery", celery, extra)  # noqa: S610 - Celery's, not Django's
    if any(text.startswith("kombu[") for text in asked):
        declared = manifests.resolved_version("kombu", facts.releases("kombu"))
        kombu = facts.release_of(declared) if declared is not None else facts.kombu_of(celery)
        asked = facts.extra("kombu", kombu, extra)  # noqa: S610
    return asked


def extra_floor(manifests: ManifestSet, extra: str, celery: Version) -> Version:
    """The lowest release of its package that an extra of a Celery asks for; ``(0,)`` where it states none."""
    asked = extra_asks(manifests, extra, celery)
    text = next((one for one in asked if re.match(rf"{extra}(?![\w-])", one)), "")
    return floor(text.partition(";")[0]) or (0,)
