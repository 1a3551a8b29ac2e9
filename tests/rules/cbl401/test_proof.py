"""CBL401 is true: accepted pickle runs code, JSON does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

# A stored "result" that runs a function of its author's choice as soon as it is unpickled.
READ = """
import pickle

class Payload:
    def __reduce__(self):
        return (os.path.join, ("attacker", "ran"))

app = Celery("proof")
app.conf.update({settings})
app.backend.client.set(
    app.backend.get_key_for_task("proof"),
    pickle.dumps({{"status": "SUCCESS", "result": Payload(), "task_id": "proof", "traceback": None, "children": []}}),
)
"""


@pytest.mark.parametrize("name", ["pickle", "application/x-python-serialize"])
def test_reading_a_result_runs_what_its_author_chose(celery: RealCelery, redis_url: str, name: str) -> None:
    settings = {"result_backend": redis_url, "result_serializer": "pickle", "accept_content": [name]}
    bad = celery.evaluate("app.AsyncResult('proof').result", READ.format(settings=settings))
    assert bad.value == "attacker/ran"
    settings = {"result_backend": redis_url, "result_serializer": "json", "accept_content": ["json"]}
    good = celery.evaluate("app.AsyncResult('proof').result", READ.format(settings=settings))
    assert good.error in ("ContentDisallowed", "DecodeError")


def test_pickle_among_what_results_may_be_is_enough(celery: RealCelery, redis_url: str) -> None:
    settings = {"result_backend": redis_url, "result_serializer": "pickle", "result_accept_content": ["pickle"]}
    bad = celery.evaluate("app.AsyncResult('proof').result", READ.format(settings=settings))
    assert bad.value == "attacker/ran"


def test_a_result_is_read_as_its_reader_says_whatever_tasks_are(celery: RealCelery, redis_url: str) -> None:
    settings = {"result_backend": redis_url, "task_serializer": "pickle", "accept_content": ["pickle", "json"]}
    good = celery.evaluate("app.AsyncResult('proof').result", READ.format(settings=settings))
    assert good.error == "DecodeError"


def test_a_task_is_refused_where_only_its_sender_says_pickle(celery: RealCelery) -> None:
    consumed = """
app = Celery("proof", broker="memory://")
app.conf.update({settings})

@app.task(name="t")
def t():
    pass

def read():
    t.delay()
    with app.connection() as connection:
        queue = app.amqp.queues["celery"](connection.default_channel)
        try:
            message = queue.get(accept=app.conf.accept_content)
            return message.payload[0]
        finally:
            queue.purge()
"""
    bad = celery.evaluate(
        "read()", consumed.format(settings={"task_serializer": "pickle", "accept_content": ["pickle"]})
    )
    assert bad.value == ()
    good = celery.evaluate("read()", consumed.format(settings={"task_serializer": "pickle"}))
    assert good.fails_with("ContentDisallowed", "untrusted content of type pickle")


def test_none_is_kombus_own_list_which_has_no_pickle(celery: RealCelery, redis_url: str) -> None:
    settings = {"result_backend": redis_url, "result_serializer": "pickle", "accept_content": None}
    good = celery.evaluate("app.AsyncResult('proof').result", READ.format(settings=settings))
    assert good.fails_with("ContentDisallowed", "Refusing to deserialize disabled content of type pickle")


def test_the_content_type_is_no_serializer(celery: RealCelery) -> None:
    bad = celery.evaluate(
        "app.backend", result_backend="redis://cache", result_serializer="application/x-python-serialize"
    )
    assert bad.fails_with("KeyError", "application/x-python-serialize")
