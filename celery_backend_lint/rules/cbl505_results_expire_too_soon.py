"""CBL505: results, and what chords count with them, expire before the parts of a chord are all back."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.chord_delays import Delay
    from celery_backend_lint.model.results.reads import Chord

RULE = Rule("CBL505", "results-expire-too-soon", Severity.WARNING, since="0.1.0")


def check_results_expire_too_soon(model: Model) -> Iterator[Finding]:
    """`result_expires` is shorter than the parts of a chord may lie apart.

    ## What it does
    For apps that keep results in Redis with an explicit `result_expires` (or `result_chord_expires`, which Celery 5.7
    reads instead) it looks for chords, and for groups that something follows, and at what the project says of their
    parts: `countdown`, `eta`, retries with their delay, `time_limit` and `soft_time_limit` of the task or the app.

    ## Why is this bad?
    Celery counts a chord's parts in Redis, in keys that expire when no part comes back for as long, the first included.
    Once they are gone the count starts again and never becomes whole: the callback does not run, and the chord stays
    `PENDING` for ever, without an error anywhere.

    ## Example
    ```python
    result_expires = 60
    chord([fetch.s(1), fetch.s(2).set(countdown=300)])(merge.s())
    ```

    ## Use instead
    ```python
    result_expires = 3600
    chord([fetch.s(1), fetch.s(2).set(countdown=300)])(merge.s())
    ```

    ## Fix safety
    There is no fix: how long results are needed is the project's to decide.

    ## Known limits
    Only Redis counts that way. Parts are looked at as far as their tasks are known; how long they really take, and how
    long they wait in a queue, is not. A retry with `retry_backoff` waits by chance and is not looked at.

    ## References
    - [Celery: chords](https://docs.celeryq.dev/en/stable/userguide/canvas.html#chords)
    - [Celery: result_expires](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires)
    """
    told: set[Location] = set()
    for app in model.checked_apps:
        if "result_expires" not in app.settings and "result_chord_expires" not in app.settings:
            continue
        found = _shortest(model, app)
        if found is None:
            continue
        seconds, location, written = found
        late = _late(model, app, seconds)
        if late is None or location in told:
            continue
        chord, delay = late
        told.add(location)
        yield RULE.finding(
            location,
            f"{written} is {seconds:g} seconds, and a part of a chord may come back {delay.seconds:g} seconds later "
            f"({delay.what}): its count in Redis is gone by then, and the chord stays pending for ever",
            help=f"`{written} = {_longer(delay.seconds)}` or longer",
            app=app.name,
            related=(Related(chord.location, "the chord"), Related(delay.location, delay.what)),
        )


def _shortest(model: Model, app: App) -> tuple[float, Location, str] | None:
    """The seconds after which what chords count expires, where they are set and in which setting; None for never."""
    from celery_backend_lint.model.backend_outcomes import stores_results
    from celery_backend_lint.model.expiry import REDIS, expiry_outcomes
    from celery_backend_lint.model.facts import setting_releases
    from celery_backend_lint.model.serializers import written_name

    kinds = stores_results(model, app)
    if not kinds or not set(kinds) <= REDIS:
        return None
    name = "result_expires"
    own = "result_chord_expires"
    if own in app.settings and app.declared.version >= setting_releases(own)[0][0]:
        name = own
    numbers = []
    for outcome in expiry_outcomes(app, name):
        plain = float(outcome.plain) if isinstance(outcome.plain, str) and outcome.plain.isdigit() else outcome.plain
        if isinstance(plain, bool) or not isinstance(plain, (int, float)) or outcome.sequence or plain < 1:
            return None
        numbers.append((float(plain), outcome.location))
    return (*max(numbers, key=lambda one: one[0]), written_name(app, name)) if numbers else None


def _late(model: Model, app: App, seconds: float) -> tuple[Chord, Delay] | None:
    """The chord of an app with the part that comes back latest, where that is too late."""
    chords = model.results.chords()
    if not chords:
        return None
    from celery_backend_lint.model.chord_delays import chord_delays

    worst: tuple[Chord, Delay] | None = None
    for chord in chords:
        owners = model.results.apps_of(chord.flow.owner) or model.checked_apps
        if app not in owners or (chord.flow.owner is None and len(owners) > 1):
            continue
        for delay in chord_delays(model, app, chord):
            if delay.seconds > seconds and (worst is None or delay.seconds > worst[1].seconds):
                worst = chord, delay
    return worst


def _longer(seconds: float) -> int:
    """A round number of seconds that is well above some."""
    return next((one for one in (600, 3600, 21600, 86400, 604800) if one >= 2 * seconds), int(2 * seconds))
