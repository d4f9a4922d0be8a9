"""A Celery application on SQS, beside a Cellar application with the prefix `mixed`.

`python sqs_app.py NAME=value...`, with its environment as arguments, is a producer: each line that it reads is a JSON list of
{"task", "args", "kwargs", "options"} or {"chain": [...]} of such, and is answered with the ids.
"""

import json
import os
import sys
import time

from celery import Celery, chain
from kombu import Queue

PREFIX = "mixed-"

if __name__ == "__main__":
    os.environ.update(argument.split("=", 1) for argument in sys.argv[1:])

app = Celery(
    "sqs_app", broker=os.environ["BROKER_URL"], backend=os.environ["RESULT_BACKEND"]
)
# Cellar's queues have plain names; on SQS and to kombu they end in `.fifo`.
app.conf.task_queues = [
    Queue(f"{name}.fifo", routing_key=f"{name}.fifo", alias=name)
    for name in ("kitchen", "python")
]
app.conf.task_default_queue = "kitchen.fifo"
# A queue that Cellar never made: a standard one.
app.conf.task_queues.append(Queue("plain", routing_key="plain"))
app.conf.broker_connection_retry_on_startup = True
app.conf.broker_transport_options = {
    "region": "us-east-1",
    "is_secure": False,
    "wait_time_seconds": 1,
    "polling_interval": 0.1,
    "sqs_base64_encoding": os.environ.get("BASE64", "yes") == "yes",
}
if "QUEUE_URLS" in os.environ:
    app.conf.broker_transport_options["predefined_queues"] = {
        name: {
            "url": f"{os.environ['QUEUE_URLS']}/{PREFIX}{name}",
            "access_key_id": "test",
            "secret_access_key": "test",
        }
        for name in ("kitchen.fifo", "python.fifo", "plain")
    }
else:
    app.conf.broker_transport_options["queue_name_prefix"] = PREFIX


@app.task(name="python.add")
def add(x, y):
    return x + y


@app.task(name="python.note", bind=True)
def note(self, name, due=None):
    """Answers what it was given, how it came, and when it ran (seconds since the epoch)."""
    now = time.time()
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{name}\n")
    return {"name": name, "due": due, "now": now, "info": self.request.delivery_info}


def signature_of(call):
    if "chain" in call:
        return chain(*[signature_of(step) for step in call["chain"]])
    return app.signature(
        call["task"], call.get("args", []), call.get("kwargs", {}), **call["options"]
    )


if __name__ == "__main__":
    for line in sys.stdin:
        ids = [signature_of(call).apply_async().id for call in json.loads(line)]
        print(json.dumps(ids), flush=True)
