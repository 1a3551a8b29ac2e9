"""Causes that every backend may have."""

from __future__ import annotations

from celery_backend_lint.verify.causes.words import Words

CAUSES = {
    "package-missing": Words(
        "the package {package} is not installed there: {text}",
        "install it in the environment of the worker; `celery-backend-lint check` names the requirement to add",
    ),
    "package-unfit": Words(
        "the package {package} that is installed there is not one that this Celery works with: {text}",
        "install a release that Celery asks for; `celery-backend-lint check` names the requirement",
    ),
    "library-missing": Words(
        "the library of this backend is not installed there: {text}",
        "install it in the environment of the worker; `celery-backend-lint check` names the requirement to add",
    ),
    "unknown-backend": Words(
        "Celery has no backend that is called {scheme}, nor is there a module of that name",
        "correct result_backend: its first word names the backend, as in redis://, rediss://, sentinel://, db+, rpc://",
    ),
    "django-results-missing": Words(
        "{scheme} is a backend of django-celery-results, which is not installed there",
        "install django-celery-results in the environment of the worker",
    ),
    "django-results-not-an-app": Words(
        "django_celery_results is not in INSTALLED_APPS, so that Django does not take its models",
        "add it to INSTALLED_APPS, and run `python manage.py migrate django_celery_results`",
    ),
    "refused": Words(
        "Celery cannot create the backend: {text}",
        "see result_backend and the settings of this backend; `celery-backend-lint check` may say which is wrong",
    ),
    "refused-connection": Words(
        "nothing listens there: {text}",
        "see that the server runs, and that result_backend names its host and port as they are seen from here",
    ),
    "no-answer": Words(
        "no answer within {seconds} seconds",
        "see that the server is up and can be reached from here; where it is only slow, allow more with --step-timeout",
    ),
    "error": Words("{text} ({place})", "the text is the library's own; run the worker with -l debug to see more"),
    "interrupted": Words("the run was ended from outside"),
    "ended": Words(
        "the process ended in this step without saying why",
        "run the worker there, or the same import in a shell, to see what ends it",
    ),
    "not-kept": Words(
        "what was stored as {key} is not there when it is read",
        "see that the backend really keeps results: a dummy or a per-process cache does not",
    ),
    "other-value": Words(
        "what is read of {key} is not what was stored: its state is {status}",
        "see that result_serializer and result_accept_content fit, and that nothing else writes there",
    ),
    "still-there": Words(
        "{key} can still be read after it was forgotten",
        "see that reads and deletes go to the same server (a replica may lag behind)",
    ),
    "cannot-forget": Words("this backend cannot forget a result; {name} stays there"),
    "disabled": Words("no result backend is configured: results are not kept, and there is nothing to try"),
    "needs": Words("not tried, for {step} did not end well"),
    "no-write": Words("not tried with --no-write"),
}
