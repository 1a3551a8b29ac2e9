"""CBL906: the example of the environment is kept out of git."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.model.ignore_lines import idle_lines, line_of
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.env_files import EnvFile

RULE = Rule("CBL906", "example-ignored", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)


def check_example_ignored(model: Model) -> Iterator[Finding]:
    """The `.gitignore` that keeps the env files out of git keeps their example out as well.

    ## What it does
    Asks git which pattern decides about each example of the environment (`.env.example`, `env.sample`, …) that git
    does not track yet, and reports the pattern that ignores it.

    ## Why is this bad?
    `git add` passes the example over in silence. It stays on one machine, and everybody else has to find out from the
    source which variables the broker and the result backend need.

    ## Example
    ```gitignore
    .env*
    ```

    ## Use instead
    ```gitignore
    .env*
    !.env.example
    ```

    ## Fix safety
    One file more can be committed; nothing else changes.

    ## Known limits
    An example that is tracked already stays in git whatever the patterns say. Patterns in `.git/info/exclude` and in
    the user's own list are choices of one machine and not reported. Outside of git the rule is silent.

    ## References
    - [git: gitignore](https://git-scm.com/docs/gitignore#_pattern_format)
    """
    apps = [app.path for app in model.checked_apps]
    hidden: dict[tuple[str, int], list[EnvFile]] = {}
    for example in model.env_files.examples:
        pattern = example.pattern
        if pattern is None or not pattern.ignores or example.tracked:
            continue
        if pattern.file.rpartition("/")[2] == ".gitignore" and model.env_files.concerns(example.path, apps):
            hidden.setdefault((pattern.file, pattern.line), []).append(example)
    for (file, number), examples in hidden.items():
        names = ", ".join(f"`{example.path}`" for example in examples)
        what, it = ("the example", "it") if len(examples) == 1 else ("the examples", "them")
        place = _line(model, file, number) or Location(examples[0].path)
        help_text, related = _correction(model, examples[0], file, number)
        yield RULE.finding(
            place,
            f"this pattern also ignores {what} {names}: `git add` passes {it} over, nobody else gets {it}",
            help=help_text,
            related=related,
            propose=partial(_keep, model, tuple(example.path for example in examples)),
        )


def _keep(model: Model, paths: tuple[str, ...]) -> Fix:
    """Have git take the examples."""
    from celery_backend_lint.findings.fix import Edit, Fix
    from celery_backend_lint.fixes.ignore_file import keep

    edits: dict[Edit, None] = {}
    for path in paths:
        edits.update(dict.fromkeys(keep(model, path)))
    names = " and ".join(f"`{path}`" for path in paths)
    return Fix(f"Have git take {names}", Applicability.SAFE, tuple(edits))


def _correction(model: Model, example: EnvFile, file: str, number: int) -> tuple[str, tuple[Related, ...]]:
    """What to write, and the negation that is there and does nothing."""
    folder, _, name = example.path.rpartition("/")
    for idle in idle_lines(model, file, name, negated=True):
        return f"write `!{name}` on a line of its own below the pattern", (
            Related(idle.location, f"this does not keep it: {idle.why}"),
        )
    outer = next((above for above in _folders(folder) if above in model.project.ignored([above])), None)
    if outer is not None:
        text = f"write `{outer}/*` instead of the pattern, and `!{example.path}` below it"
        if example.pattern is not None and example.pattern.pattern.strip("/") == outer.rpartition("/")[2]:
            text = text.replace(f"`{outer}/*`", f"`**/{outer.rpartition('/')[2]}/*`")
        return f"{text}: in a folder that is ignored whole, git keeps nothing", ()
    early = _negation_above(model, file, number, name)
    if early is not None:
        return f"move `!{name}` below the pattern", (Related(early, "this comes too early: the last match decides"),)
    return f"add `!{name}` below the pattern", ()


def _negation_above(model: Model, file: str, number: int, name: str) -> Location | None:
    source = model.project.source(file)
    for line in range(1, number):
        text = source.line(line) if source is not None else ""
        if text.strip().lstrip("!").rpartition("/")[2] == name and text.startswith("!"):
            return line_of(file, line, text)
    return None


def _line(model: Model, file: str, number: int) -> Location | None:
    """The place of a line of a `.gitignore`, None where that file is outside of what is checked."""
    source = model.project.source(file)
    return line_of(file, number, source.line(number)) if source is not None else None


def _folders(folder: str) -> Iterator[str]:
    """A folder and those above it, outermost first."""
    parts = folder.split("/") if folder else []
    for count in range(1, len(parts) + 1):
        yield "/".join(parts[:count])
