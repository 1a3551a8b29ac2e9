"""CBL307: a credential of the result backend or broker in a deployment file."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.records import Service, Variable

RULE = Rule("CBL307", "credential-in-deployment-file", Severity.ERROR, since="0.1.0")


def check_credential_in_deployment_file(model: Model) -> Iterator[Finding]:
    """A password of the result backend or broker stands in a compose file, a Dockerfile or another deployment file.

    ## What it does
    Looks at what deployment files give to the processes of the project: docker compose under whatever name, `ENV` in
    Dockerfiles, Procfiles, Kubernetes manifests and ConfigMaps, Helm values, units, scripts, platforms' files. Checked
    are the variables from which Celery's connections are made, and `-b` and `--result-backend` of the `celery` command;
    defaults such as `${REDIS_PASSWORD:-…}` count.

    ## Why is this bad?
    Deployment files are in git, and what a Dockerfile's `ENV` holds is in the image as well: whoever has either can
    read and change every task and every result.

    ## Example
    ```yaml
    environment:
      CELERY_RESULT_BACKEND: redis://:n0t-f0r-pr0d@cache.example.com:6379/1
    ```

    ## Use instead
    ```yaml
    environment:
      CELERY_RESULT_BACKEND: ${CELERY_RESULT_BACKEND:?}
    ```

    ## Known limits
    Stand-ins on hosts that only this machine or network reaches are not reported: a password that is the user, the
    product or the service, `guest`, `password`, `postgres`. Nor are files for tests, nor Kubernetes Secrets, whose
    values are often encrypted before they are committed. The server's own variables are no business of this rule.

    ## References
    - [Compose: Secrets](https://docs.docker.com/compose/how-tos/use-secrets/)
    - [Kubernetes: Secrets](https://kubernetes.io/docs/concepts/configuration/secret/)
    """
    from celery_backend_lint.model.process_environment import apps_of, services_mentioning

    feeding = {app: _connecting(app) for app in model.checked_apps}
    needles = sorted({name.encode() for names in feeding.values() for name in names})
    if not feeding:
        return
    for service in services_mentioning(model, [*needles, b"--result-backend", b"--broker", b" -b "]):
        apps = apps_of(model, service)
        named = {name: app for app in reversed(apps) for name in feeding[app]}
        beside = _beside(service) if named else {}
        for variable in service.variables:
            if variable.name in named:
                text = _constant(variable)
                if text and _gives_away(model, variable.name, text, beside):
                    yield _finding(named[variable.name], variable, text)
        for command in service.commands if apps else ():
            for option, given in (("--result-backend", command.result_backend), ("--broker", command.broker)):
                if given and "://" in given and _gives_away(model, option, given, beside):
                    from celery_backend_lint.findings.masking import mask

                    yield RULE.finding(
                        command.location,
                        f"`{option}` of a command in `{service.path}` holds a password (`{mask(given)}`): whoever "
                        "reads the repository, or the list of processes, can use it",
                        help="leave the option out and let the configuration read it from the environment",
                        app=apps[0].name,
                    )


def _connecting(app: App) -> frozenset[str]:
    """The variables that a connection's credentials may come from: those of settings that hold some, Celery's own."""
    from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
    from celery_backend_lint.model.celery_variables import reads_of
    from celery_backend_lint.model.credentials import holds_credentials

    found = {name for one in reads_of(app) if holds_credentials(one.setting, app) for name in one.read.variables}
    return frozenset({*OWN_VARIABLES.values(), "RESULT_BACKEND", "BROKER_URL"} | found)


def _constant(variable: Variable) -> str:
    """What of a value the file itself holds: references stay as ``{NAME}``, their defaults are filled in."""
    if variable.form.startswith("compose"):  # its text may come from compose's own ``.env``
        from celery_backend_lint.model.deployment.substitution import fill

        return fill(variable.written, lambda _: None).text or ""
    return variable.text or ""


def _beside(service: Service) -> dict[str, str]:
    """What names the service and the accounts that it is given: a password made of these words is a stand-in."""
    beside = {one.name: one.text for one in service.variables if one.text and "://" not in one.text}
    beside["SERVICE_NAME"] = service.name
    beside["PROJECT_NAME"] = service.folder.rpartition("/")[2]
    return beside


def _gives_away(model: Model, name: str, text: str, beside: dict[str, str]) -> bool:
    from celery_backend_lint.model.image_accounts import is_default_account
    from celery_backend_lint.model.secrets import is_secret
    from celery_backend_lint.model.urls import split

    if not is_secret(name, text, beside):
        return False
    url = split(text)
    if url is None or url.user is None or url.password is None:
        return True
    return not is_default_account(model, url.user.text, url.password.text, url.host.text)


def _finding(app: App, variable: Variable, text: str) -> Finding:
    from celery_backend_lint.findings.masking import mask

    shown = f" (`{mask(text)}`)" if "://" in text else ""
    return RULE.finding(
        variable.location,
        f"`{variable.name}`, which Celery connects with, holds a credential in `{variable.location.path}`{shown}: "
        "whoever reads the repository can use it",
        help=f"{_INSTEAD.get(variable.form, 'take it from a secret')}; change it at the server",
        app=app.name,
    )


_INSTEAD = {
    "compose": "write a reference, `${…:?}`, and keep the value in an env file that git ignores",
    "compose list": "write a reference, `${…:?}`, and keep the value in an env file that git ignores",
    "dockerfile": "leave it out of the image and set it where the container is started",
    "kubernetes": "take it from a Secret, `valueFrom: secretKeyRef`",
    "helm": "take it from a Secret that the values only name",
}
