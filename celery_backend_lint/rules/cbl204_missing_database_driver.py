"""CBL204: no driver is declared for the database that the result backend connects to."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.backend_outcomes import backend_outcomes
from celery_backend_lint.model.packages import Packages
from celery_backend_lint.model.sqlalchemy_drivers import admitted_sqlalchemy, needed_driver
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.sqlalchemy_drivers import NeededDriver

RULE = Rule("CBL204", "missing-database-driver", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_missing_database_driver(model: Model) -> Iterator[Finding]:
    """The database driver that the result backend's URL asks for is declared in no manifest.

    ## What it does
    Reads dialect and driver of a `db+dialect+driver://` result backend. Without a driver in the URL it takes the
    dialect's default in the SQLAlchemy that the manifests give: that of the lock file, else the newest that the
    requirement admits. PostgreSQL's default is psycopg2 before SQLAlchemy 2.1 and psycopg from 2.1 on; Oracle's
    cx_Oracle, then oracledb; MySQL's and MariaDB's is mysqlclient.

    ## Why is this bad?
    SQLAlchemy brings no driver. Creating the engine imports it, so the first use of the result backend raises
    `ModuleNotFoundError`, in the worker as in the web process.

    ## Example
    ```python
    result_backend = "db+postgresql://db/results"
    ```
    ```text
    celery==5.6.2
    sqlalchemy==2.0.44
    ```

    ## Use instead
    ```text
    celery==5.6.2
    sqlalchemy==2.0.44
    psycopg2-binary
    ```

    ## Fix safety
    Adding the missing driver to the manifests that declare celery is safe. It gets no version, for nothing says which:
    where every other one is pinned, the fix says so. Lock files and what tools write are not changed: the fix says what
    renews them. A file with hashes, or a list that code puts together, is left alone.

    ## Known limits
    A warning where an older SQLAlchemy that the requirement admits would take a driver that is declared. Silent for
    drivers that only asyncio can use (CBL120), for dialects of other distributions, where the manifests do not declare
    celery, and where something is installed that cannot be looked into (see CBL201).

    ## References
    - [SQLAlchemy: dialects](https://docs.sqlalchemy.org/en/21/dialects/)
    """
    for app in model.checked_apps:
        packages: Packages | None = None
        told: set[tuple[str, str]] = set()
        for outcome in backend_outcomes(model, app):
            if outcome.kind != "database":
                continue
            packages = packages or Packages(model, app)
            releases = admitted_sqlalchemy(packages.set, app.declared.version)
            if not releases:
                continue
            needed = needed_driver(outcome.text, releases[0])
            if needed is None or needed.asynchronous or (needed.dialect, needed.name) in told:
                continue
            told.add((needed.dialect, needed.name))
            if (
                packages.manifest_of_celery() is None
                or _is_given(model, packages, needed)
                or packages.hides_something()
            ):
                continue
            others = (needed_driver(outcome.text, release) for release in releases[1:])
            older = next(
                (one for one in others if one and one.name != needed.name and _is_given(model, packages, one)), None
            )
            if older is not None and not packages.declares(("sqlalchemy",)):
                continue  # another package brings SQLAlchemy, and with it a range that is not known here
            yield _finding(model, app, outcome.location, needed, older, packages)


def _is_given(model: Model, packages: Packages, needed: NeededDriver) -> bool:
    if all(packages.gives(group) for group in needed.packages):
        return True
    # PyMySQL can take MySQLdb's place.
    return needed.name == "mysqldb" and bool(model.project.python_files_mentioning([b"install_as_MySQLdb"]))


def _finding(
    model: Model, app: App, location: Location, needed: NeededDriver, older: NeededDriver | None, packages: Packages
) -> Finding:
    group = next(group for group in needed.packages if not packages.gives(group))
    distribution = "psycopg[binary]" if group[0] == "psycopg" else group[0]
    manifest = packages.manifest_of_celery()
    path = manifest.location.path if manifest is not None else "the manifest"
    release = ".".join(str(number) for number in needed.sqlalchemy)
    who = f"{needed.dialect}+{needed.name}" if needed.named else f"{needed.dialect} with SQLAlchemy {release}"
    message = f"{who} needs {' or '.join(group)}, which no manifest declares: creating the backend's engine fails"
    remedy = f"add `{distribution}` to {path}"
    if older is not None:
        last = ".".join(str(number) for number in older.sqlalchemy)
        message += f"; SQLAlchemy {last}, which is admitted too, takes {older.packages[0][0]}"
        remedy += f", or name the driver that is declared: `db+{needed.dialect}+{older.name}://`"
    related = (Related(manifest.location, f"{manifest.name} is declared here"),) if manifest is not None else ()
    severity = Severity.WARNING if older is not None else None
    return RULE.finding(
        location,
        message,
        help=remedy,
        app=app.name,
        related=related,
        severity=severity,
        propose=partial(_declare, model, distribution, app.path),
    )


def _declare(model: Model, distribution: str, near: str) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import add_requirement

    change = add_requirement(model.manifests, model.project, distribution, near)
    if change is None:  # pragma: no cover - then there would be no finding
        raise CannotFixError(f"{distribution} is declared")
    return Fix(change.title, Applicability.SAFE, change.edits, change.note)
