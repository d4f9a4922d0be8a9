"""Celery's own result backend, commanded by lines of JSON: what a Python caller reads, and what a Python worker stores.

Usage: results_app.py <url of the result backend> <global_keyprefix> [<url of the broker>]
"""
import json
import sys

from celery import Celery
from celery.app.task import Context
from celery.result import AsyncResult, GroupResult, ResultSet

url, prefix, broker = [*sys.argv[1:], 'memory://'][:3]
app = Celery('results', broker=broker, backend=url)
app.conf.update(result_backend_transport_options={'global_keyprefix': prefix}, result_extended=False)


class Outer:
    class Inner(Exception):
        """An exception with a dotted name."""


class Custom(Exception):
    pass


@app.task(name='results.total')
def total(numbers):
    return sum(numbers)


@app.task(name='results.one')
def one():
    return 1


def raised(error):
    return {'type': type(error).__qualname__, 'module': type(error).__module__, 'args': list(error.args),
            'bases': [cls.__name__ for cls in type(error).__mro__], 'text': str(error)}


def get(id, timeout=10):
    """What a caller sees of a task that ends."""
    result = AsyncResult(id, app=app)
    try:
        answer = {'value': result.get(timeout=timeout)}
    except Exception as error:
        answer = {'raised': raised(error)}
    return {**answer, **seen(result)}


def look(id):
    """What a caller sees of a task now."""
    return seen(AsyncResult(id, app=app))


def seen(result):
    info = result.info
    return {'state': result.state, 'traceback': result.traceback,
            'info': raised(info) if isinstance(info, Exception) else info,
            'children': [child.id for child in result.children or []],
            'done': result.date_done and result.date_done.isoformat(),
            'name': result.name, 'args': result.args, 'kwargs': result.kwargs, 'worker': result.worker,
            'retries': result.retries, 'queue': result.queue}


def join(ids, timeout=10):
    return {'values': ResultSet([AsyncResult(id, app=app) for id in ids], app=app).get(timeout=timeout)}


def group_of(id, ids):
    """A group that is saved and restored."""
    GroupResult(id, [AsyncResult(one, app=app) for one in ids], app=app).save()
    found = GroupResult.restore(id, app=app)
    return {'values': found.join(timeout=10), 'count': found.completed_count()}


EXCEPTIONS = {'ValueError': ValueError, 'KeyError': KeyError, 'Custom': Custom, 'Inner': Outer.Inner}


def store(id, state, result=None, error=None, traceback=None, children=None, extended=False, **request):
    """Stores a state as a worker does."""
    app.conf.result_extended = extended
    asked = Context({'id': id, **request})
    asked.children.extend(children_of(children))
    value = EXCEPTIONS[error[0]](*error[1:]) if error else result
    app.backend.store_result(id, value, state, traceback=traceback, request=asked)
    return {}


def children_of(children):
    """Ids are tasks, a list of ids is a group."""
    task = lambda id: AsyncResult(id, app=app)
    return [GroupResult('group', [task(id) for id in one], app=app) if isinstance(one, list) else task(one)
            for one in children or []]


def send(id):
    """Sends a task that nobody here runs; answers where the caller waits."""
    app.send_task('results.one', task_id=id)
    return {'reply_to': app.backend.oid}


def revoke(id):
    app.backend.mark_as_revoked(id, reason='revoked', request=Context({'id': id}))
    return {}


def open_chord(id, size):
    app.backend.set_chord_size(id, size)
    return {}


def end_part(chord_id, index, id, state, result, body):
    """Ends a part of a chord as a worker does; answers the bodies that were sent."""
    request = Context({'id': id, 'group': chord_id, 'group_index': index, 'chord': body})
    app.backend.on_chord_part_return(request, state, KeyError(result) if state == 'FAILURE' else result)
    return {'sent': sent()}


def sent():
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue('celery')
        bodies = []
        while True:
            try:
                message = queue.get_nowait()
            except queue.Empty:
                return bodies
            bodies.append({'id': message.headers['id'], 'args': message.payload[0]})
            message.ack()


COMMANDS = {'get': get, 'look': look, 'join': join, 'group': group_of, 'store': store, 'revoke': revoke,
            'send': send, 'open_chord': open_chord, 'end_part': end_part}

for line in sys.stdin:
    command = json.loads(line)
    try:
        answer = COMMANDS[command.pop('do')](**command)
    except Exception as error:
        answer = {'raised': raised(error)}
    print(json.dumps(answer, default=str), flush=True)
