"""Every app's settings as one html page that needs nothing but itself: no script, no font, no image from elsewhere."""

from __future__ import annotations

from html import escape

from celery_backend_lint import __version__
from celery_backend_lint.report.html_page import page
from celery_backend_lint.report.settings_view import GROUPS, view
from celery_backend_lint.report.style import printable
from celery_backend_lint.report.text import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.variable_evidence import VariableEvidence
    from celery_backend_lint.report.settings_view import AppView, Place, SaidOf, SettingView
    from celery_backend_lint.report.value_words import Outcome


def render(apps: Sequence[App], project: str, evidence: VariableEvidence | None = None) -> str:
    """The page. ``project`` is what to call the project, such as the name of its folder, ``evidence`` what the
    repository says of variables.
    """
    seen = [view(app, evidence) for app in apps]
    return page(f"Celery settings of {project}", "".join(f"{line}\n" for line in _body(seen, project)), filtered=True)


def _body(apps: Sequence[AppView], project: str) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>Celery settings of <strong>{text(project)}</strong></h1>"
    yield (
        "<p>What Celery will have when it loads this project, read from the source without running it. "
        "Credentials are hidden as <code>***</code>.</p>"
    )
    yield "</header>"
    yield "<main>"
    if apps:
        yield from _summary(apps)
    else:
        yield "<p>No Celery app was found.</p>"
    for number, app in enumerate(apps, 1):
        yield from _app(app, number)
    yield "</main>"
    yield "<footer>"
    yield (
        "<p><code>${NAME}</code> is a variable of the environment, <code>${NAME:-x}</code> one with a default, "
        "<code>${NAME:?}</code> one that must be set. A <code>CELERY_RESULT_BACKEND</code> in the environment of a "
        "process beats whatever the code says.</p>"
    )
    yield f"<p>Written by celery-backend-lint {__version__}.</p>"
    yield "</footer>"


def _summary(apps: Sequence[AppView]) -> Iterator[str]:
    yield '<section aria-labelledby="summary">'
    yield '<h2 id="summary">Summary</h2>'
    yield '<div class="scroll"><table class="summary">'
    yield f"<caption>{counted(len(apps), 'app')}</caption>"
    heads = ("App", "Result backend", "Celery", "Settings", "Not known")
    yield "<thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>"
    yield "<tbody>"
    for number, app in enumerate(apps, 1):
        yield "<tr>"
        yield f'<th scope="row"><a href="#app-{number}">{text(app.name)}</a><br>{where(app.location)}</th>'
        yield f"<td>{_backend(app)}</td>"
        yield f"<td>{text(app.declared)}<br><small>read for {text(app.release)}</small></td>"
        yield f"<td>{len(app.settings)}</td>"
        yield f"<td>{_unknown(app)}</td>"
        yield "</tr>"
    yield "</tbody></table></div>"
    yield "</section>"


def _backend(app: AppView) -> str:
    lines = [f"<strong>{text(app.backend)}</strong>"]
    if app.backend_from:
        lines.append(text(app.backend_from))
    if app.backend_place is not None:
        lines.append(where(app.backend_place))
    lines += [f"or {text(other)}" for other in app.alternatives]
    return "<br>".join(lines)


def _unknown(app: AppView) -> str:
    lines = [f"<li><code>{text(name)}</code>: {text(why)}</li>" for name, why in app.unknown]
    if app.refused:
        lines.insert(0, f"<li><strong>{text(app.refused)}</strong></li>")
    if app.unread:
        lines.insert(0, f"<li>more may be set: {text(app.unread)}</li>")
    return f"<ul>{''.join(lines)}</ul>" if lines else "nothing"


def _app(app: AppView, number: int) -> Iterator[str]:
    yield f'<section aria-labelledby="app-{number}">'
    yield f'<h2 id="app-{number}">{text(app.name)} <small>{where(app.location)}</small></h2>'
    namespace = f" · namespace <code>{text(app.namespace)}</code>" if app.namespace else ""
    yield f"<p>{_backend(app).replace('<br>', ' · ')}{namespace}</p>"
    if app.refused:
        yield f'<p class="note"><strong>{text(app.refused)}</strong></p>'
    if app.unread:
        yield f'<p class="note">More may be set than could be read: {text(app.unread)}.</p>'
    if app.settings:
        yield '<table class="settings">'
        yield f"<caption>{counted(len(app.settings), 'setting')} of {text(app.name)}</caption>"
        heads = ("Setting", "Value", "From", "Beats")
        yield "<thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>"
        for group in GROUPS:
            settings = [setting for setting in app.settings if setting.group == group]
            if settings:
                yield "<tbody>"
                yield f'<tr class="group"><th scope="rowgroup" colspan="4">{group}</th></tr>'
                for setting in settings:
                    yield from _setting(setting)
                yield "</tbody>"
        yield "</table>"
    else:
        yield "<p>Nothing is set.</p>"
    if app.defaults:
        yield from _defaults(app)
    yield "</section>"


def _setting(setting: SettingView) -> Iterator[str]:
    yield '<tr class="setting">'
    yield f'<th scope="row"><code>{text(setting.name)}</code></th>'
    if setting.same_as:
        yield f'<td colspan="3" class="quiet">that of <code>{text(setting.same_as)}</code></td>'
    else:
        yield f"<td>{_value(setting.outcomes)}{''.join(map(_said, setting.said))}</td>"
        doubt = f'<p class="note">{text(setting.doubt)}</p>' if setting.doubt else ""
        yield f"<td>{''.join(map(_origin, setting.from_places)) or 'Celery'}{doubt}</td>"
        beaten = "".join(f"{_origin(one)}<p><code>{text(one.value)}</code></p>" for one in setting.beaten)
        if beaten and not setting.from_places:
            beaten = f'<p class="note">{setting.beaten_by}</p>{beaten}'
        yield f'<td class="beats">{beaten}</td>' if beaten else '<td class="quiet none">–</td>'
    yield "</tr>"


def _value(outcomes: Sequence[Outcome]) -> str:
    lines = []
    for one in outcomes:
        mark = "unknown" if one.why_unknown else "quiet" if one.default else "value"
        when = f' <span class="when">{text(one.when)}</span>' if one.when else ""
        lines.append(f'<code class="{mark}">{text(one.text)}</code>{when}')
    if len(lines) == 1:
        return lines[0]
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def _said(one: SaidOf) -> str:
    example = "" if one.strong else ", which may be an example"
    assigned = f"<code>{text(one.variable)}={text(one.value)}</code>"
    return f'<p class="said">{where(one.location)} <span class="quiet">says</span> {assigned}{example}</p>'


def _origin(one: Place) -> str:
    written = f", as <code>{text(one.written)}</code>" if one.written else ""
    return f'<p>{where(one.location)}<br><span class="quiet">{text(one.words)}{written}</span></p>'


def _defaults(app: AppView) -> Iterator[str]:
    yield f"<details><summary>{len(app.defaults)} more that this result backend reads, at Celery's defaults</summary>"
    yield '<table class="defaults">'
    yield f"<caption>Not set by {text(app.name)}: Celery's defaults</caption>"
    yield '<thead><tr><th scope="col">Setting</th><th scope="col">Default</th></tr></thead>'
    yield "<tbody>"
    for name, words in app.defaults:
        head = f'<th scope="row"><code>{text(name)}</code></th>'
        yield f'<tr class="setting">{head}<td><code>{text(words)}</code></td></tr>'
    yield "</tbody></table></details>"


def text(words: str) -> str:
    """A masked text for the page: escaped, control characters written out."""
    return escape(printable(words))


def where(location: Location) -> str:
    """A place, ``path:line``, with room for a line break after each ``/``."""
    path = text(f"{location.path}:{location.line}").replace("/", "/<wbr>")
    return f'<span class="place">{path}</span>'
