"""A Celery application beside a Cellar one: `celery -A app worker` runs its tasks; run as a script it is a producer.

INTEROP_BROKER and INTEROP_BACKEND name the servers, or the script's two arguments do. As a script it answers each line of
JSON, {"run": code}, with what the code leaves in `out`: {"out": …}, or {"raised": {…}} for an exception.
"""
import json
import os
import sys
import time

from celery import Celery, chain, chord, group  # noqa: F401 (for the code that is run)
from celery.result import AsyncResult, GroupResult  # noqa: F401
from kombu import Queue

broker = os.environ.get('INTEROP_BROKER') or sys.argv[1]
app = Celery('interop', broker=broker, backend=os.environ.get('INTEROP_BACKEND') or sys.argv[2])
app.conf.update(
    task_queues=[
        *(Queue(name, durable=True, max_priority=9) for name in ('python', 'cellar')),
        *(Queue(name, durable=True) for name in ('python-rpc', 'cellar-rpc')),
    ],
    task_default_queue='python',
    task_routes={'ts.*': {'queue': 'cellar'}},
    task_acks_late=True,
    task_ignore_result=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    result_expires=600,
)


class Broken(Exception):
    """A class that only this module knows."""


@app.task(name='py.add')
def add(x, y):
    return x + y


@app.task(name='py.mul')
def mul(x, y):
    return x * y


@app.task(name='py.tsum')
def tsum(numbers):
    return sum(numbers)


@app.task(name='py.echo', bind=True)
def echo(self, value=None, **kwargs):
    """What it got, the names of the types, and what its request says."""
    request = self.request
    return {'value': value, 'type': type(value).__name__, 'kwargs': kwargs,
            'headers': {'shop': (request.headers or {}).get('shop')}, 'priority': request.delivery_info['priority'],
            'limits': request.timelimit,
            'eta': request.eta is not None, 'root': request.root_id, 'retries': request.retries}


@app.task(name='py.fail')
def fail(kind):
    raise {'value': ValueError('no', 42), 'key': KeyError('k'), 'own': Broken('mine')}[kind]


@app.task(name='py.flaky', bind=True, max_retries=3)
def flaky(self, times):
    if self.request.retries < times:
        raise self.retry(countdown=0.1, exc=ValueError('not yet'))
    return self.request.retries


@app.task(name='py.progress', bind=True)
def progress(self, seconds):
    self.update_state(state='PROGRESS', meta={'done': 1, 'of': 2})
    time.sleep(seconds)
    return 'done'


def ts(name, *args, **kwargs):
    """The signature of a task of the other side."""
    return app.signature(f'ts.{name}', args=args, kwargs=kwargs)


def raised(error):
    return {'type': type(error).__qualname__, 'module': type(error).__module__, 'args': list(error.args),
            'bases': [cls.__name__ for cls in type(error).__mro__], 'text': str(error)}


if __name__ == '__main__':
    rpc = Celery('rpc', broker=broker, backend='rpc://')
    for line in sys.stdin:
        scope = {**globals(), 'rpc': rpc, 'out': None}
        try:
            exec(json.loads(line)['run'], scope)
            answer = {'out': scope['out']}
        except Exception as error:  # it is the answer
            answer = {'raised': raised(error)}
        print(json.dumps(answer, default=repr), flush=True)
