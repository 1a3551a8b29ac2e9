"""The frame of the html pages: one file that loads nothing, light or dark as the reader's system is, fit to print."""

from __future__ import annotations

from html import escape

from celery_backend_lint.report.style import printable

STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --back: #ffffff; --panel: #f6f8fa;
  --line: #d1d9e0; --accent: #0a5a9c; --warn: #8a4600; --warn-back: #fff4e0; --code: #0f4c2e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --quiet: #9aa5b1; --back: #0f141a; --panel: #182029; --line: #343e4a;
    --accent: #7ab8f5; --warn: #f2b866; --warn-back: #33270f; --code: #8ddba8; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem); max-width: 90rem; background: var(--back);
  color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.7rem; font-weight: 400; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .6rem; scroll-margin-top: 1rem; }
h2 small, .quiet, .when, footer, header p { color: var(--quiet); }
h2 small { font-weight: 400; font-size: .85rem; margin-left: .4rem; }
a { color: var(--accent); }
code, .place { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .86em; }
td code { overflow-wrap: anywhere; }
code.value { color: var(--code); }
code.unknown { color: var(--warn); }
.place { overflow-wrap: anywhere; }
.when, .said { font-size: .88em; } td .said { margin-top: .3rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: separate; border-spacing: 0; border: 1px solid var(--line);
  border-radius: 8px; font-size: .94rem; }
caption { text-align: left; color: var(--quiet); font-size: .88rem; padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-top: 1px solid var(--line); }
th[scope=row] { font-weight: 600; white-space: nowrap; }
.summary th[scope=row] { white-space: normal; min-width: 11rem; }
.summary th[scope=row] .place { font-weight: 400; color: var(--quiet); }
thead th { position: sticky; top: 0; background: var(--panel); border-top: 0; border-bottom: 1px solid var(--line);
  font-size: .82rem; color: var(--quiet); z-index: 1; }
thead th:first-child { border-radius: 8px 0 0 0; } thead th:last-child { border-radius: 0 8px 0 0; }
thead + tbody tr:first-child > * { border-top: 0; }
tr.group th { background: var(--panel); font-size: .82rem; color: var(--accent); padding-block: .3rem; }
tr.setting:hover > * { background: var(--panel); }
td p { margin: 0 0 .3rem; } td p:last-child { margin-bottom: 0; }
td ul { margin: 0; padding-left: 1.1rem; }
.settings td:nth-child(2) { width: 44%; } .settings td:nth-child(3) { width: 24%; }
.note { background: var(--warn-back); border-left: 3px solid var(--warn); padding: .4rem .7rem;
  border-radius: 0 6px 6px 0; }
td .note { display: inline-block; font-size: .88em; }
details { margin-top: .8rem; } summary { cursor: pointer; color: var(--accent); }
details[open] summary { margin-bottom: .6rem; }
.defaults { width: auto; }
.filter { display: block; margin: 1.2rem 0 0; color: var(--quiet); }
.filter input { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
  border-radius: 6px; padding: .35rem .6rem; margin-left: .4rem; min-width: min(22rem, 60vw); }
a:focus-visible, summary:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); font-size: .88rem; }
@media (max-width: 48rem) {
  table:not(.defaults), table:not(.defaults) :is(caption, tbody, tr, th, td) { display: block; border: 0;
    width: auto !important; }
  table:not(.defaults) { border: 1px solid var(--line); } table:not(.defaults) thead { display: none; }
  table:not(.defaults) caption { padding: .4rem .75rem; }
  table:not(.defaults) tr + tr { border-top: 1px solid var(--line); }
  td { padding-top: 0; } td.none { display: none !important; } .filter input { margin-left: 0; }
  td.beats::before { content: "Beats"; color: var(--quiet); font-size: .88em; }
}
@media print {
  :root { --text: #000; --quiet: #444; --back: #fff; --panel: #f2f2f2; --line: #bbb; --accent: #000; --warn: #5a2d00;
    --warn-back: #fff; --code: #000; color-scheme: light; }
  body { padding: 0; max-width: none; font-size: 10pt; } thead { display: table-header-group; }
  thead th { position: static; } tr { break-inside: avoid; } .filter { display: none; } a { text-decoration: none; }
}
"""

FILTER = """
(function () {
  var label = document.createElement("label"), input = document.createElement("input");
  label.className = "filter"; label.textContent = "Show only settings with"; input.type = "search";
  label.appendChild(input); document.querySelector("header").appendChild(label);
  input.addEventListener("input", function () {
    var wanted = input.value.toLowerCase();
    document.querySelectorAll("tr.setting").forEach(function (row) {
      row.hidden = row.textContent.toLowerCase().indexOf(wanted) < 0;
    });
    document.querySelectorAll("tr.group").forEach(function (row) {
      row.hidden = !row.parentNode.querySelector("tr.setting:not([hidden])");
    });
  });
})();
"""
"""An extra: rows that do not hold the words are hidden. The page is whole without it."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""The browser is told to load nothing."""


def page(title: str, body: str, *, filtered: bool = False) -> str:
    """A whole page: ``title`` is text, ``body`` is html whose text is escaped already."""
    script = f"<script>{FILTER}</script>\n" if filtered else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(printable(title))}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}{script}</body>\n</html>\n"
    )
