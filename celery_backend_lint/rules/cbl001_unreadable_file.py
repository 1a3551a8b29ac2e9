"""CBL001: a file that the reading of an app needs, and that cannot be read."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.configuration_chain import broken_files
from celery_backend_lint.model.env_files import PYTHON_SIGNS
from celery_backend_lint.rules.rule import Rule
from celery_backend_lint.syntax.dotenv import COLON_MESSAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.model.manifests.declared import Problem

RULE = Rule("CBL001", "unreadable-file", Severity.ERROR, since="0.1.0")


MAIN = "requirements.txt"


def check_unreadable_file(model: Model) -> Iterator[Finding]:
    """A file that the reading of a Celery app needs cannot be read or parsed.

    ## What it does
    Checks the Python files that an app and its settings are read from, the manifests that hold for it, and the examples
    of its environment: bytes that are no UTF-8, Python and TOML with syntax errors, lines of requirements that pip
    refuses, lines of an env example that no reader takes. One bad line in an otherwise good file is a warning.

    ## Why is this bad?
    Python, pip and the other tools cannot read the file either. And what stands in it is not known here: other rules
    are silent about it, or speak without it.

    ## Example
    ```toml
    [project
    dependencies = ["celery[redis]>=5.5"]
    ```

    ## Use instead
    ```toml
    [project]
    dependencies = ["celery[redis]>=5.5"]
    ```

    ## Known limits
    Python is only called broken where neither the parser of this tool nor the Python that runs it takes the file,
    and it looks neither like Python 2 nor like a template. Of what the parser takes and Python refuses, only a
    `return` outside of a function is seen, and a keyword that `Celery()` or `conf.update()` is given twice, or
    before a positional argument. UTF-8 with a BOM and UTF-16 requirements are fine: pip reads both. Some releases
    of Python take bytes that are no UTF-8 where they stand in a comment; this tool does not. Files larger than 2
    MiB are skipped without a finding, and so are requirements in another encoding that nothing names, beside a
    `requirements.txt`. `NAME: value` in an env example, which compose takes, is only told where Python
    reads env files.

    ## References
    - [pip: requirements file format](https://pip.pypa.io/en/stable/reference/requirements-file-format/)
    - [TOML 1.0](https://toml.io/en/v1.0.0)
    """
    for broken in broken_files(model):
        yield RULE.finding(
            broken.location,
            f"the file {broken.reason}: {broken.consequence}",
            help="repair it" if broken.parsed else "save it as UTF-8, or declare its encoding in the first line",
        )
    for problem in _manifest_problems(model):
        encoded = problem.whole_file and _is_undecodable(model, problem.location.path)
        if encoded and _is_beside_the_installed(model, problem.location.path):
            continue
        consequence = "nothing in it is known here" if problem.whole_file else "it is left out here"
        yield RULE.finding(
            problem.location,
            f"{problem.message}: {consequence}",
            help="save it as UTF-8" if encoded else "repair it" if problem.whole_file else "repair the line",
            severity=Severity.ERROR if problem.whole_file else Severity.WARNING,
        )
    for example in {file.path: file for app in model.checked_apps for file in _examples(model, app)}.values():
        unreadable = example.problem
        if unreadable is not None and not unreadable.skipped:
            yield RULE.finding(
                _line(example.path, unreadable.line),
                f"the example of the environment {unreadable.reason}: nobody can copy it, nothing in it is known here",
                help="save it as UTF-8",
            )
        for number, reason in example.bad_lines:
            if reason == COLON_MESSAGE and not model.project.python_files_mentioning(PYTHON_SIGNS):
                continue  # compose takes it, and nothing else reads env files here
            yield RULE.finding(
                _line(example.path, number),
                f"the line {reason}: python-dotenv passes it over, and others take another value",
                help="write `NAME=value`, with quotes around the whole value or none, or `#` before a comment",
                severity=Severity.WARNING,
            )


def _manifest_problems(model: Model) -> Iterator[Problem]:
    """The problems of the manifests that hold for the apps, and of those in the folders around them, each once."""
    seen = set()
    around = {folder for app in model.checked_apps for folder in _folders(app.path)}
    for app in model.checked_apps:
        for problem in model.manifests.for_path(app.path).problems:
            seen.add(problem)
    for problem in model.manifests.all.problems:
        if problem in seen or (problem.whole_file and problem.location.path.rpartition("/")[0] in around):
            yield problem


def _is_undecodable(model: Model, path: str) -> bool:
    source = model.project.source(path)
    return source is not None and source.problem is not None


def _is_beside_the_installed(model: Model, path: str) -> bool:
    """Whether requirements lie beside those that are installed and nothing names them: ``requirements_gbk.txt``."""
    folder, _, name = path.rpartition("/")
    manifest = model.manifests.manifests.get(path)
    if manifest is None or manifest.format != "requirements" or name == MAIN:
        return False
    main = model.manifests.manifests.get(f"{folder}/{MAIN}" if folder else MAIN)
    if main is None or main.problems or not main.requirements:
        return False
    named = (name.rpartition(".")[0].encode(),)
    return not any(other != path and model.project.mentions(other, named) for other in model.project.paths())


def _examples(model: Model, app: App) -> tuple[EnvFile, ...]:
    return model.env_files.examples_for(app.path)


def _folders(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path


def _line(path: str, number: int) -> Location:
    return Location(path, Span(number, 1, number, 1))
