"""CBL805 is true: with RPC only the thread that sent a task gets its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.proofs.worker import running

if TYPE_CHECKING:
    from tests.proofs.real import RealCelery

TASKS = """
import asyncio
import subprocess
import sys

from celery import Celery
from celery.result import AsyncResult

MADE = "app = Celery('proof', broker=BROKER, backend=BACKEND)"
exec(MADE)

@app.task
def add(x=1, y=1):
    return x + y

def sent():
    made = add.delay()
    outcome(lambda: made.get(**WAIT) if BACKEND != "rpc://" else time.sleep(0.2))
    return made.id

def read(number):
    found = AsyncResult(number, app=app)
    return outcome(lambda: (found.get(**BRIEFLY), found.state))

def in_thread(number):
    told = []
    thread = threading.Thread(target=lambda: told.append(read(number)))
    thread.start()
    thread.join()
    return told[0]

def in_process(number):
    text = (
        f"BROKER, BACKEND = {BROKER!r}, {BACKEND!r}\\n"
        f"from celery import Celery\\nfrom celery.result import AsyncResult\\n{MADE}\\n"
        f"found = AsyncResult({number!r}, app=app)\\n"
        "try: print((found.get(timeout=0.2), found.state))\\n"
        "except Exception as error: print(type(error).__name__, found.state)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", text], capture_output=True, text=True)
    return done.stdout.strip()

async def in_loop():
    async def start():
        return sent()

    async def status(number):
        return read(number)

    number = await asyncio.create_task(start())
    return await asyncio.create_task(status(number))
"""
APART = """
from celery.result import _set_task_join_will_block

_set_task_join_will_block(False)  # this process is the sender's; only the worker's declares no queue for replies
"""
WAYS = "[read(sent()), in_thread(sent()), in_process(sent())]"


def test_rpc_gives_results_to_the_sender_alone(celery: RealCelery, rabbitmq_url: str) -> None:
    source = running(TASKS, before=f"BROKER, BACKEND = {rabbitmq_url!r}, 'rpc://'\n") + APART
    said = celery.evaluate(WAYS, source)
    assert said.value == ["(2, 'SUCCESS')", "TimeoutError: The operation timed out.", "TimeoutError PENDING"]


def test_coroutines_of_one_event_loop_are_one_sender(celery: RealCelery, rabbitmq_url: str) -> None:
    source = running(TASKS, before=f"BROKER, BACKEND = {rabbitmq_url!r}, 'rpc://'\n") + APART
    assert celery.evaluate("asyncio.run(in_loop())", source).value == "(2, 'SUCCESS')"


def test_redis_gives_them_to_everybody(celery: RealCelery, redis_url: str) -> None:
    source = running(TASKS, before=f"BROKER, BACKEND = {redis_url!r}, {redis_url!r}\n")
    assert celery.evaluate(WAYS, source).value == ["(2, 'SUCCESS')"] * 3
