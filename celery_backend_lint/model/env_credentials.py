"""Which entries of an env file in use give away a credential that opens something."""

from __future__ import annotations

import re

from celery_backend_lint.model.env_names import FRONT_END
from celery_backend_lint.model.secrets import credentials_in_urls, is_local, is_real_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.syntax.dotenv import Entry

THROW_AWAY = (
    r"(?:^|[/._-])(?:dev|devel|develop|development|devcontainer|docker-compose|tests?|testing|pytest|ci|circleci|travis"
    r"|e2e|demo|examples?|samples?|tutorials?|quickstart|playground|benchmarks?)(?=$|[/._-])"
    r"|(?:^|/)\.?local(?:/|\.env$)|\.localhost$"
)
"""Paths of env files for machines that hold nothing; ``.env.local`` is none: it is a person's own."""

SAYS_DEVELOPMENT = (
    r"(?i)\b(?:local(?:ly)?|dev(?:elopment)?)(?:[ \t]+\w+){0,2}[ \t]+only\b"
    r"|\bonly[ \t]+(?:(?:be[ \t]+)?(?:used|meant|intended)[ \t]+)?(?:for|in)[ \t]+(?:\w+[ \t]+)?"
    r"(?:local|dev(?:elopment)?)\b"
    r"|\b(?:never|not)[ \t]+(?:be[ \t]+)?(?:used?|meant|intended|deploy(?:ed)?)\b[^\n.]*\b"
    r"(?:in|for|to)[ \t]+prod(?:uction)?\b"
)
"""What the comments at the head of a file say where it is for developers' machines."""

OF_THE_PROJECT = (
    r"(?i)(?:.*_)?(?:secret_?key|jwt_secret\w*|jwt_(?:private_)?key|signing_key|cookie_secret|session_secret|fernet_key)"
    r"|(?:.*_)?(?:db|database|postgres\w*|mysql|mariadb|redis|rabbitmq|amqp|mongo\w*|minio|flower|celery|broker)\w*_pass\w*"
)
"""Secrets that open the project's own servers, or sign what they hand out."""

HOST_OF_A_URL = r"://(?:[^/@\s]*@)?([^:/?#\s]+)"

DEBUG = r"(?i)(?:(?:django|flask|app)_)?debug"


def credentials_in(file: EnvFile) -> list[Entry]:
    """The entries of a file that are no placeholders, dummies of development and tests, or things for browsers."""
    values = file.values()
    development = _is_for_development(values)
    own = development and not _names_a_public_host(values)
    throw_away = re.search(THROW_AWAY, file.path.lower()) is not None or _says_development(file, values)
    return [
        entry
        for entry in file.compose_entries
        if entry.value
        and not entry.commented
        and not entry.key.startswith(FRONT_END)
        and not (development and _is_of_a_local_server(entry.value))
        and not (own and re.fullmatch(OF_THE_PROJECT, entry.key))
        and is_real_secret(entry.key, entry.value, values, throw_away=throw_away)
    ]


def _is_for_development(values: Mapping[str, str]) -> bool:
    """Whether the file itself says so: ``FLASK_ENV=development``."""
    return any(
        re.fullmatch(r"(?i)(?:\w+_)?env(?:ironment)?", key) and re.match(r"(?i)dev|local|test", value)
        for key, value in values.items()
    )


def _names_a_public_host(values: Mapping[str, str]) -> bool:
    """Whether anything of the file lies elsewhere than on this machine or network."""
    for key, value in values.items():
        hosts = re.findall(HOST_OF_A_URL, value)
        if not hosts and re.search(r"(?i)(?:^|_)(?:hosts?|server|domain|endpoint)$", key):
            hosts = value.split(",")
        if not all(is_local(host.strip()) for host in hosts):
            return True
    return False


def _is_debugged(values: Mapping[str, str]) -> bool:
    """Whether Django or Flask shows its errors, which is no proof: some do so in production."""
    return any(
        re.fullmatch(DEBUG, key) and value.lower() in ("1", "true", "yes", "on") for key, value in values.items()
    )


def _says_development(file: EnvFile, values: Mapping[str, str]) -> bool:
    """Whether the file's heading says so.

    A comment right above the first entry may be about that one: it is the file's where an entry hints at the same.
    """
    heading = file.heading
    if "only" not in heading.lower() and "prod" not in heading.lower():
        return False
    paragraphs = re.split(r"\n[ \t]*\r?\n", heading)
    if not _is_for_development(values) and not _is_debugged(values):
        paragraphs.pop()
    return any(re.search(SAYS_DEVELOPMENT, one) for one in paragraphs)


def _is_of_a_local_server(value: str) -> bool:
    """Whether the credentials of a value are those of URLs with hosts of this machine or network only."""
    urls = credentials_in_urls(value) if "://" in value else ()
    return bool(urls) and all(is_local(url.host) for url in urls)
