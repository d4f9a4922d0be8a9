"""The tasks of the benchmark for real Celery, and its producer: `python celery_app.py fill|latency ...` prints figures as JSON."""
import json
import os
import sys
import time

import redis
from celery import Celery

app = Celery("bench", broker=os.environ["BENCH_AMQP_URL"], backend=os.environ["BENCH_REDIS_URL"])
app.conf.update(
    task_default_queue="bench",
    task_acks_late=True,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=32,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": os.environ.get("BENCH_CONFIRM") == "yes"},
    task_default_queue_type=os.environ["BENCH_QUEUE_KIND"],
)
store = redis.Redis.from_url(os.environ["BENCH_REDIS_URL"])


@app.task(name="bench.ignored", ignore_result=True)
def ignored(at, text):
    return None


@app.task(name="bench.kept")
def kept(at, text):
    return None


@app.task(name="bench.stamped", ignore_result=True)
def stamped(at, text):
    store.rpush("bench:latencies", time.time() - at)


def fill(name, count):
    """Sends `count` tasks one after the other, as Celery's programs do; answers how many a second."""
    task = app.tasks[name]
    text = "x" * 100
    started = time.perf_counter()
    for _ in range(count):
        task.delay(0, text)
    return {"perSecond": count / (time.perf_counter() - started)}


def latency(count):
    """Sends one at a time to an idle worker; answers the seconds until each began."""
    store.delete("bench:latencies")
    for sent in range(1, count + 1):
        stamped.delay(time.time(), "x" * 100)
        while store.llen("bench:latencies") < sent:
            time.sleep(0.0005)
        time.sleep(0.002)
    return {"seconds": [float(value) for value in store.lrange("bench:latencies", 0, -1)]}


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    answer = fill(arguments[0], int(arguments[1])) if command == "fill" else latency(int(arguments[0]))
    print(json.dumps(answer))
