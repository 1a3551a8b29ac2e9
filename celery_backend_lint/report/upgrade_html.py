"""What another release of Celery would change in a project, as one html page that needs nothing but itself."""

from __future__ import annotations

from celery_backend_lint import __version__
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.model.backend_values import dotted
from celery_backend_lint.report.html_page import page
from celery_backend_lint.report.settings_html import text, where
from celery_backend_lint.report.settings_view import place_view
from celery_backend_lint.report.upgrade import WORDS, backend_of, headline, left_open, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.upgrade import Change, Side, Upgrade


def render(upgrade: Upgrade, project: str) -> str:
    """The page. ``project`` is what to call the project, such as the name of its folder."""
    title = f"{project}: Celery {dotted(upgrade.before)} to {dotted(upgrade.after)}"
    return page(title, "".join(f"{line}\n" for line in _body(upgrade, project)))


def _body(upgrade: Upgrade, project: str) -> Iterator[str]:
    yield "<header>"
    yield (
        f"<h1>What going from Celery {dotted(upgrade.before)} to {dotted(upgrade.after)} changes in "
        f"<strong>{text(project)}</strong></h1>"
    )
    yield "<p>Both releases' settings are read from the source without running it. Credentials are hidden.</p>"
    yield "</header>"
    yield "<main>"
    yield f"<p><strong>{text(headline(upgrade))}</strong></p>" if upgrade.apps else "<p>No Celery app was found.</p>"
    for number, app in enumerate(upgrade.apps, 1):
        name = text(mask(app.before.name)) or "app without a name"
        yield f'<section aria-labelledby="app-{number}">'
        yield f'<h2 id="app-{number}">{name} <small>{where(app.before.location)}</small></h2>'
        yield f"<p>Result backend: {text(backend_of(app))}</p>"
        for line in left_open(app):
            yield f'<p class="note">{text(line)}</p>'
        if app.changes:
            yield from _table(f"What changes for {name}", app.changes, upgrade)
        else:
            yield "<p>Nothing changes.</p>"
        yield "</section>"
    if upgrade.packages:
        yield '<section aria-labelledby="packages">'
        yield '<h2 id="packages">Packages</h2>'
        yield from _table("What a fresh install asks for", upgrade.packages, upgrade)
        yield "</section>"
    yield "</main>"
    yield f"<footer><p>Written by celery-backend-lint {__version__}.</p></footer>"


def _table(caption: str, changes: Sequence[Change], upgrade: Upgrade) -> Iterator[str]:
    yield '<div class="scroll"><table class="changes">'
    yield f"<caption>{caption}</caption>"
    heads = ("What", f"Celery {dotted(upgrade.before)}", f"Celery {dotted(upgrade.after)}", "Why")
    yield "<thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>"
    yield "<tbody>"
    for change in changes:
        yield '<tr class="setting">'
        yield f'<th scope="row"><code>{text(change.name)}</code><br><span class="when">{WORDS[change.kind]}</span></th>'
        yield _cell(change, change.before, upgrade.before)
        yield _cell(change, change.after, upgrade.after)
        yield f"<td>{text(change.why)}</td></tr>"
    yield "</tbody></table></div>"


def _cell(change: Change, side: Side, version: Version) -> str:
    mark = "quiet" if side.value is None else "value"
    cell = f'<code class="{mark}">{text(told(change, side, version))}</code>'
    if side.assignment is None:
        return f"<td>{cell}</td>"
    one = place_view(side.assignment)
    written = f", as <code>{text(one.written)}</code>" if one.written else ""
    return f'<td>{cell}<p>{where(one.location)}<br><span class="quiet">{text(one.words)}{written}</span></p></td>'
