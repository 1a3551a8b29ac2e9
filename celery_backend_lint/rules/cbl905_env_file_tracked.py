"""CBL905: an env file with real credentials in git."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.model.env_names import FRONT_END
from celery_backend_lint.model.secrets import credentials_in_urls, is_local, is_real_secret
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.syntax.dotenv import Entry

RULE = Rule("CBL905", "env-file-tracked", Severity.ERROR, since="0.1.0")

THROW_AWAY = (
    r"(?:^|[/._-])(?:dev|devel|develop|development|docker-compose|tests?|testing|ci|circleci|travis|e2e|demo)(?=$|[/._-])"
    r"|(?:^|/)\.?local/"
)
"""Paths of env files for machines that hold nothing; ``.env.local`` is none: it is a person's own."""


def check_env_file_tracked(model: Model) -> Iterator[Finding]:
    """Git tracks an env file that holds real credentials.

    ## What it does
    Reads the env files that git tracks, examples excepted, and looks for passwords, tokens and keys in them, those of
    URLs included.

    ## Why is this bad?
    Everybody with access to the repository, a fork or a backup of it can use them. A line in `.gitignore` changes
    nothing: git goes on committing a file that it tracks, and keeps what it once had.

    ## Example
    ```console
    $ git ls-files
    .env
    .gitignore
    ```

    ## Use instead
    ```console
    $ git rm --cached .env
    $ echo .env >> .gitignore
    ```

    ## Known limits
    Placeholders, default accounts on hosts of this machine or network, and the made-up passwords of files for
    development and tests (`.env.dev`, `.envs/.local/`) are no credentials, nor are those of servers on this machine or
    network in a file that says what it is for (`FLASK_ENV=development`); neither is what a front end publishes.

    ## References
    - [GitHub: Removing sensitive data from a repository](https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository)
    """
    apps = [app.path for app in model.checked_apps]
    for file in model.env_files.in_use:
        if not file.tracked or not model.env_files.concerns(file.path, apps):
            continue
        secrets = _credentials(file)
        if not secrets:
            continue
        names = ", ".join(f"`{entry.key}`" for entry in secrets[:3]) + (" and others" if len(secrets) > 3 else "")
        still = ", although a pattern ignores it" if file.ignored else ""
        yield RULE.finding(
            Location(file.path, secrets[0].value_span),
            f"git tracks `{file.path}`{still}: whoever has the repository has {names}",
            help=f"run `git rm --cached {_quoted(file.path)}`, ignore the file, and change the credentials where they "
            "are in use: git's history keeps them",
            related=tuple(
                Related(Location(file.path, entry.value_span), f"`{entry.key}` is another one") for entry in secrets[1:]
            ),
        )


def _credentials(file: EnvFile) -> list[Entry]:
    values = file.values()
    throw_away = re.search(THROW_AWAY, file.path.lower()) is not None
    development = _is_for_development(values)
    return [
        entry
        for entry in file.entries
        if entry.value
        and not entry.commented
        and not re.match(FRONT_END, entry.key)
        and not (development and _is_of_a_local_server(entry.value))
        and is_real_secret(entry.key, entry.value, values, throw_away=throw_away)
    ]


def _is_for_development(values: Mapping[str, str]) -> bool:
    """Whether the file itself says so: ``FLASK_ENV=development``."""
    return any(
        re.fullmatch(r"(?i)(?:\w+_)?env(?:ironment)?", key) and re.match(r"(?i)dev|local|test", value)
        for key, value in values.items()
    )


def _is_of_a_local_server(value: str) -> bool:
    """Whether the credentials of a value are those of URLs with hosts of this machine or network only."""
    urls = credentials_in_urls(value) if "://" in value else ()
    return bool(urls) and all(is_local(url.host) for url in urls)


def _quoted(path: str) -> str:
    return path if re.fullmatch(r"[\w./@+-]+", path) else "'" + path.replace("'", "'\\''") + "'"
