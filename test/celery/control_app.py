"""A Celery client that watches and steers workers: answers each line of JSON with one.

Usage: control_app.py <url of the broker>

{"cli": [words]}          runs the `celery` command, answers {"code", "output"}
{"inspect": name, ...}    answers {node: answer} of `app.control.inspect`
{"send": task, "args": [], "options": {}}   answers {"id"}
{"get": id}               waits for a result, answers {"state", "result"}
{"listen": true}          begins to capture events; {"events": true} answers those so far
"""
import json
import os
import sys
import threading

from celery import Celery
from celery.bin.celery import celery as command
from click.testing import CliRunner

app = Celery('control_app', broker=os.environ.get('CELERY_TEST_BROKER_URL') or sys.argv[1], backend='rpc://')
app.conf.update(result_persistent=False)

captured = []
results = {}


def run(words):
    ran = CliRunner().invoke(command, ['-A', 'control_app', *words])
    fault = '' if ran.exception is None or isinstance(ran.exception, SystemExit) else repr(ran.exception)
    return {'code': ran.exit_code, 'output': ran.output + fault}


def inspect(name, destination=None, timeout=3, args=()):
    inspector = app.control.inspect(destination=destination, timeout=timeout)
    return getattr(inspector, name)(*args)


def send(task, args=(), options=None):
    result = app.send_task(task, args=tuple(args), **(options or {}))
    results[result.id] = result
    return {'id': result.id}


def get(task_id):
    result = results[task_id]
    value = result.get(timeout=20, propagate=False)
    return {'state': result.state, 'result': value if result.successful() else repr(value)}


def listen():
    """Keeps `celery.events.State`, as monitors do."""
    ready = threading.Event()

    def capture():
        with app.connection_for_read() as connection:
            receiver = app.events.Receiver(connection, handlers={'*': captured.append})
            consuming = receiver.consume(limit=None, timeout=None, wakeup=True)
            ready.set()
            for _ in consuming:
                pass

    threading.Thread(target=capture, daemon=True).start()
    return ready.wait(10)


def state():
    """What a monitor makes of the events so far."""
    known = app.events.State()
    for event in list(captured):
        known.event(dict(event))
    return {
        'workers': {
            name: {'alive': worker.alive, 'ident': worker.sw_ident, 'processed': worker.processed}
            for name, worker in known.workers.items()
        },
        'tasks': {
            task.uuid: {'name': task.name, 'state': task.state, 'args': task.args, 'result': task.result,
                        'exception': task.exception, 'runtime': task.runtime,
                        'worker': task.worker and task.worker.hostname}
            for _, task in known.tasks_by_time()
        },
    }


def answer(asked):
    if 'cli' in asked:
        return run(asked['cli'])
    if 'inspect' in asked:
        return inspect(asked.pop('inspect'), **asked)
    if 'send' in asked:
        return send(asked['send'], asked.get('args', ()), asked.get('options'))
    if 'get' in asked:
        return get(asked['get'])
    if 'listen' in asked:
        return listen()
    return state()


if __name__ == '__main__':
    sys.modules['control_app'] = sys.modules['__main__']
    for line in sys.stdin:
        sys.__stdout__.write(json.dumps(answer(json.loads(line)), default=repr) + '\n')
        sys.__stdout__.flush()
