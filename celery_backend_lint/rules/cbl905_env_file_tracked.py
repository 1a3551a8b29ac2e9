"""CBL905: an env file with real credentials in git."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.model.env_credentials import credentials_in
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model

RULE = Rule("CBL905", "env-file-tracked", Severity.ERROR, since="0.1.0")


def check_env_file_tracked(model: Model) -> Iterator[Finding]:
    """Git tracks an env file that holds real credentials.

    ## What it does
    Reads the env files that git tracks, examples excepted and those in left-out copies of a folder included, and looks
    for passwords, tokens and keys in them, those of URLs and private keys in PEM included.

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
    development, tests and examples (`.env.dev`, `.envs/.local/`, `.devcontainer/.env`, a heading such as `# for local
    development only`) are no credentials, nor are those of servers on this machine or network in a file that says what
    it is for (`FLASK_ENV=development`), with the keys that such a project signs with where the file names no other
    host. Neither is what a front end publishes, what is encrypted (SOPS, dotenvx), what says where the secret is kept
    (`arn:…`, `vault:…`), keys of emulators that everybody has, and private keys that are cut off or encrypted.

    ## References
    - [GitHub: Removing sensitive data from a repository](https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository)
    """
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.model.env_names import is_env_file

    apps = [app.path for app in model.checked_apps]
    copies = [(EnvFile(model.project, path), twin) for path, twin in model.project.copied.items() if is_env_file(path)]
    in_use = [(file, file.path) for file in model.env_files.in_use]
    for file, original in [*in_use, *((file, twin) for file, twin in copies if not file.example)]:
        if not file.tracked or not model.env_files.concerns(original, apps):
            continue
        secrets = credentials_in(file)
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


def _quoted(path: str) -> str:
    return path if re.fullmatch(r"[\w./@+-]+", path) else "'" + path.replace("'", "'\\''") + "'"
