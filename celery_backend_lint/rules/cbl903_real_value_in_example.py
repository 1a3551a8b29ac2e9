"""CBL903: a secret in the example of the environment."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.model.celery_variables import feeds_celery
from celery_backend_lint.model.secrets import is_secret
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.syntax.dotenv import Entry

RULE = Rule("CBL903", "real-value-in-example", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_real_value_in_example(model: Model) -> Iterator[Finding]:
    """A value in the example of the environment is a secret and no placeholder.

    ## What it does
    Looks at the values of the examples (`.env.example`, `env.sample`, …): passwords of URLs, values behind the name of
    a secret, tokens that detect-secrets knows. An error where the variable reaches Celery, else advice. What is
    commented out counts where it would reach Celery.

    ## Why is this bad?
    The example is in git. Whoever filled it in from a running system published that system's password, and the history
    keeps it after the line is changed.

    ## Example
    ```shell
    CELERY_RESULT_BACKEND=redis://:n0t-f0r-pr0d@cache.example.com:6379/1
    ```

    ## Use instead
    ```shell
    CELERY_RESULT_BACKEND=redis://:your_redis_password_here@cache.example.com:6379/1
    ```

    ## Fix safety
    Nothing reads the example while the project runs. The secret is replaced wherever it stands in the file; the rest of
    a URL stays. Git's history keeps the secret: it has to be changed where it is in use.

    ## Known limits
    Placeholders in some twenty languages, empty values, references (`${…}`), passwords that are the name of the user or
    the product, and default accounts on hosts of this machine or network are no secrets. Words on a public host are
    taken for a password.

    ## References
    - [detect-secrets](https://github.com/Yelp/detect-secrets)
    """
    near = [app.path for app in model.checked_apps]
    fed = [(app.path, frozenset(name.lower() for name in feeds_celery(app))) for app in model.checked_apps]
    for example in model.env_files.examples:
        if not model.env_files.concerns(example.path, near):
            continue
        values = example.values()
        feeding = _feeding(model, example, fed)
        # Asking detect-secrets costs 0.2 s; what nobody will see is only wanted by a comment that silences it.
        every = model.wants_advice or model.project.mentions(example.path, (b"cbl:", b"allowlist"))
        for entry in example.compose_entries:
            feeds = entry.key.lower() in feeding
            if not feeds and (entry.commented or not every):
                continue
            if not entry.value or not is_secret(entry.key, entry.value, values):
                continue
            placeholder = _placeholder(entry.key, entry.value)
            propose = partial(_replace, model, example, entry)
            yield RULE.finding(
                Location(example.path, entry.value_span),
                f"the example holds a real value for `{entry.key}`"
                f"{', which reaches Celery' if feeds else ''}: whoever has the repository has it",
                help=f"write a placeholder, `{placeholder}`; change the secret where it is in use",
                severity=None if feeds else Severity.ADVICE,
                propose=propose,
            )


def _feeding(model: Model, example: EnvFile, fed: list[tuple[str, frozenset[str]]]) -> frozenset[str]:
    """The variables, in lower case, whose values reach Celery, also through another value of the example.

    ``fed`` are the paths of the apps, each with the variables that its configuration reads.
    """
    feeding = {name for path, names in fed if model.env_files.concerns(example.path, (path,)) for name in names}
    waiting = list(feeding)
    values = {entry.key.lower(): entry.value or "" for entry in example.compose_entries}
    while waiting:
        for inner in re.findall(r"\$\{?(\w+)", values.get(waiting.pop(), "")):
            if inner.lower() not in feeding:
                feeding.add(inner.lower())
                waiting.append(inner.lower())
    return frozenset(feeding)


def _replace(model: Model, example: EnvFile, entry: Entry) -> Fix:
    """Put placeholders in the place of the secrets of a value, wherever they stand in the file."""
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.example_secrets import replaced

    edits = replaced(model, example, entry)
    note = f"change the secret of `{entry.key}` where it is in use: git's history keeps it"
    return Fix(f"Write a placeholder for `{entry.key}`", Applicability.SAFE, tuple(edits), note)


def _placeholder(name: str, value: str) -> str:
    """A placeholder for the secret: the product's password in a URL, else the variable's own name."""
    scheme = re.match(r"(?:\w+\+)?([a-z]+)[\w+]*://", value)
    subject = f"{scheme[1]}_password" if scheme else name.lower()
    return f"your_{re.sub(r'[^a-z0-9_]', '_', subject)}_here"
