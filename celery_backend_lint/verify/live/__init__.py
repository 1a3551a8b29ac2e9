"""Steps that try a project's result backend, run by the probe in the project's own interpreter.

The contract for whoever writes steps for a backend:

**Where this runs.** In the project's process, after its app is loaded, where celery-backend-lint is not installed: the
syntax of Python 3.6 (annotations included: ``Optional[str]``), the standard library, Celery, and what the backend
brings. The probe loads this folder as the package ``_celery_backend_lint_live``, so modules here import each other
relatively and nothing else of celery-backend-lint; what the project may lack is imported inside functions.

**A backend** is a module ``<kind>_steps.py`` here and a row for its class in ``backends.MODULES``. The module has

- ``KIND``: the name of its table of causes (below);
- ``steps(live) -> List[Step]``: its steps in order. Their state lives in an object that ``steps`` makes, or in
  closures. Where it depends on what the steps before found which there are, it is a generator (and has the steps of
  ``worker_steps`` itself);
- ``where(live) -> Dict``: facts of where it connects (``host``, ``port``, ``database`` …), never a credential. They
  are shown in the report's headline and may be used in the wording of every cause; ``label`` is the headline itself.
  A step that finds more out tells it with ``live.place(**facts)``;
- ``explain(error, live) -> Optional[Failure]``: the cause of an exception that a step raised, None where it is not
  known (then the cause is ``error`` with the exception's masked text, so nothing need be caught in steps).

**A step** is ``Step(name, run, needs=(), writes=False, limit=None)``. ``run()`` returns None when all is well, calls
``live.note(cause, **facts)`` for what is worth saying all the same, and raises ``Failure(cause, **facts)`` when it is
not. It is skipped when a step that it ``needs`` did not end well, and when it ``writes`` and the user said --no-write
(a step that changes anything on the server, if only for a moment, writes). After ``limit`` seconds (default: the
user's --step-timeout) ``Late`` is raised in it; it derives from BaseException and must not be caught. A library that
waits where no Python runs is killed by the caller, which then tells which step it was.

**--worker** sets ``live.worker``: a task is then to be sent to a worker and its result awaited. Steps of a backend that
cannot be tried without one look at it too.

**Causes** are codes. Their wording stands on the caller's side, in ``verify/causes/<kind>.py``: code to
``Words(message, remedy)``, with ``{fact}`` in them; those of ``verify/causes/generic.py`` hold for every backend.
Facts are data (text, numbers, lists of them). Free text of an exception or a server goes only into the fact ``text``,
made by ``live.text_of(error)``, which masks it; a credential that is not in Celery's settings is told to
``live.hide(secret)`` first.

**Clean-up.** Whatever a step makes on a server is registered before it is made, ``live.making(what, name, undo,
expires)``, and ``live.removed(name)`` is called when a step itself removes it again. Whatever is left is undone when
the steps are through, when one failed and when the run is interrupted (SIGINT, SIGTERM, the caller's end), each in at
most a few seconds; what could not be undone is told with its name and when it expires. Nothing is removed that was not
registered, and names must be new (``live.task_id`` is), so that what is undone was made here.

**Tests.** tests/verify/live holds them (the fixture ``connect`` runs the command): one that the steps pass on the real
server, and a row of ``FAULTS`` (tests/verify/live/faults.py, one module of rows a kind) for each cause with the real
fault, which adds it to the tests and to the table that scripts/verify_faults.py prints. test_causes.py checks that each
code raised here has its words, and each wording its facts.
"""
