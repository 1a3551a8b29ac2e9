"""``rule``: print the documentation that stands in the rules themselves."""

from __future__ import annotations

from celery_backend_lint.commands.output import write
from celery_backend_lint.commands.session import complain
from celery_backend_lint.options import suggestion
from celery_backend_lint.report.documentation import render, render_json
from celery_backend_lint.rules.catalogue import available, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace


def run(arguments: SimpleNamespace) -> int:
    """Print what the arguments ask for and return the exit code."""
    entries = available()
    if not arguments.all:
        asked: str = arguments.rule
        entries = tuple(entry for entry in entries if asked.upper() == entry.code or asked.lower() == entry.name)
        if not entries:
            known = [word for entry in available() for word in (entry.code, entry.name)]
            hint = suggestion(asked.upper(), known) or suggestion(asked.lower(), known)
            return complain(f"no rule is called {asked!r}{hint or '; `celery-backend-lint rule --all` lists them'}")
    loaded = [load(entry) for entry in entries]
    if arguments.output_format == "json":
        write(render_json(loaded, as_list=arguments.all))
    else:
        write("\n".join(render(each) for each in loaded))
    return 0
