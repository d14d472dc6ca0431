#!/usr/bin/env python3
"""Tries the alerts for real: starts a node, a Prometheus and an Alertmanager, makes each problem of docs/runbook.md happen,
waits until its alert fires, mends it, and waits until the alert is gone. Prints one line of Markdown a trial.
usage: scripts/try_alerts.py PENSTOCK [--only ALERT]... [--at-once N] [--folder DIR] [--port N] [--verbose]
Needs what scripts/install-deps.sh installs for `monitoring` and `kafka`, and the right to mount a tmpfs (full disks). Takes about 25
minutes for all of them, three at a time."""
import argparse
import concurrent.futures
import http.client
import http.server
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TRIALS = []


def trial(alert, how, mended="started again without the fault", hurry=20):
    """Declares a trial: the function makes the problem happen, and returns what mends it."""
    def keep(function):
        TRIALS.append((alert, how, mended, hurry, function))
        return function
    return keep


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return json.loads(connection.getresponse().read())


class Receiver(http.server.ThreadingHTTPServer):
    """What the sink posts to. `answer` is the status that it gives."""
    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(self.server.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = 200
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Trial:
    def __init__(self, options, alert, number, hurry):
        self.options, self.alert, self.hurry = options, alert, hurry
        self.folder = os.path.join(options.folder, alert)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder + "/out")
        self.data = self.folder + "/data"
        self.port = options.port + 10 * number
        self.prometheus, self.alertmanager = self.port + 1, self.port + 2
        self.receiver = Receiver()
        self.node, self.limits, self.topology = None, None, os.path.join(ROOT, "scripts/try_alerts.yaml")
        self.environment = {"TRIAL_DATA": self.data, "TRIAL_OUT": self.folder + "/out", "TRIAL_PORT": str(self.port),
                            "TRIAL_CRM": f"http://127.0.0.1:{self.receiver.server_port}/"}
        self.loads, self.mounted, self.broker = [], None, None
        self.ended = threading.Event()
        self.random = random.Random(7)

    # --- the node

    def start(self, faults="", **environment):
        """Starts the node, or starts it again. Upper-case names are variables of the topology."""
        self.stop()
        self.environment.update({"TRIAL_" + name: value for name, value in environment.items()})
        log = open(self.folder + "/node.log", "a", encoding="utf-8")
        self.node = subprocess.Popen(
            [self.options.penstock, "run", self.topology], stderr=log, stdout=log, cwd=self.folder,
            env={**os.environ, **self.environment, "PENSTOCK_FAULTS": faults},
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self.limits)) if self.limits else None)
        log.close()
        for _ in range(300):
            if self.get("/live")[0] in (200, 500, 503):
                return
            if self.node.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"the node does not start, see {self.folder}/node.log")

    def stop(self, how=signal.SIGTERM):
        if self.node is not None and self.node.poll() is None:
            self.node.send_signal(signal.SIGCONT)
            self.node.send_signal(how)
            try:
                self.node.wait(30)
            except subprocess.TimeoutExpired:
                self.node.kill()
                self.node.wait()
        self.node = None

    def request(self, method, path, body=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            return 0, str(error)
        except http.client.HTTPException as error:
            return 0, str(error)
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body=None):
        return self.request("POST", path, json.dumps(body) if body is not None else None)

    def order(self, **fields):
        user = self.random.randrange(200)
        item = 100 * (user % 5) + int(self.random.paretovariate(1.0)) % 100  # five tastes
        return {"user_id": user, "item_id": item, "price": 10 + self.random.random(), "at": self.now(), **fields}

    @staticmethod
    def now():
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{int(time.time() % 1 * 1000):03}Z"

    def post_orders(self, count, **fields):
        return self.post("/ingest/orders", [self.order(**fields) for _ in range(count)])

    def train(self):
        before = json.loads(self.get("/v1/models/taste/versions")[1] or "{}").get("versions", [])
        self.post("/v1/models/taste/train")
        for _ in range(300):
            now = json.loads(self.get("/v1/models/taste/versions")[1] or "{}").get("versions", [])
            if len(now) > len(before):
                return
            time.sleep(0.2)

    def always(self, work, every=0.2):
        """Does `work` again and again in the background, until the trial ends or the returned event is set."""
        done = threading.Event()
        self.loads.append(done)

        def run():
            while not done.wait(every):
                try:
                    work()
                except Exception:  # the node is away, which may be the trial
                    pass
        threading.Thread(target=run, daemon=True).start()
        return done

    def command(self, *words):
        done = subprocess.run([self.options.penstock, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"penstock {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")

    # --- what watches it

    def watch(self, *replacements):
        """Starts Prometheus and Alertmanager. `replacements`: pairs of texts in the rules, for limits of hours or days."""
        self.monitoring("start", "--node", f"127.0.0.1:{self.port}", "--prometheus", str(self.prometheus),
                        "--alertmanager", str(self.alertmanager), "--hurry", str(self.hurry))
        if replacements:
            self.replace(replacements)
        for _ in range(300):  # until it has seen the node
            if ask(self.prometheus, "/api/v1/query?query=up==1")["data"]["result"]:
                return
            time.sleep(0.1)
        raise RuntimeError("Prometheus does not see the node")

    def replace(self, replacements, names=None):
        folder = self.folder + "/monitoring/config/alerts/"
        for name in names or [folder + name for name in os.listdir(folder)]:
            with open(name, encoding="utf-8") as file:
                text = file.read()
            for old, new in replacements:
                text = text.replace(old, new)
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        with open(self.folder + "/monitoring/prometheus.pid", encoding="utf-8") as file:
            os.kill(int(file.read()), signal.SIGHUP)

    def monitoring(self, verb, *words):
        subprocess.run([os.path.join(ROOT, "scripts/monitoring.sh"), verb, "--folder", self.folder + "/monitoring", *words],
                       check=True, stdout=subprocess.DEVNULL)

    def firing(self):
        """The trial's alert as Alertmanager has it, and the names of all that Prometheus fires."""
        names = {alert["labels"]["alertname"] for alert in ask(self.prometheus, "/api/v1/alerts")["data"]["alerts"]
                 if alert["state"] == "firing"}
        told = [alert for alert in ask(self.alertmanager, "/api/v2/alerts?inhibited=true")
                if alert["labels"]["alertname"] == self.alert]
        return (told[0] if told and self.alert in names else None), names

    def wait(self, fires, patience):
        begin = time.time()
        while time.time() - begin < patience:
            told, names = self.firing()
            if fires == (self.alert in names) and (told is not None or not fires):
                return time.time() - begin, told, names
            time.sleep(0.5)
        raise RuntimeError(f"{self.alert} {'does not fire' if fires else 'does not end'} within {patience} s; "
                           f"firing: {', '.join(sorted(names)) or 'nothing'}")

    def disk(self, size):
        """The data go to a small file system of their own."""
        os.makedirs(self.data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", self.data], check=True)
        self.mounted = self.data

    def fill(self, free):
        """A file that leaves `free` bytes of that file system."""
        room = os.statvfs(self.data)
        with open(self.data + "/ballast", "wb") as file:
            file.write(b"x" * max(0, room.f_bavail * room.f_frsize - free))

    def end(self):
        for load in self.loads:
            load.set()
        self.stop(signal.SIGKILL)
        self.receiver.shutdown()
        self.monitoring("stop")
        if self.broker:
            self.broker.run("stop")
        if self.mounted:
            subprocess.run(["umount", self.mounted], check=False)


# --- the node


@trial("PenstockNodeDown", "`SIGKILL`", "started again")
def node_down(t):
    t.start()
    t.watch()
    t.stop(signal.SIGKILL)
    return t.start


@trial("PenstockNodeMissing", "the job of another name in `prometheus.yml`", "the name as it was")
def node_missing(t):
    t.start()
    t.watch()
    name = t.folder + "/monitoring/config/prometheus.yml"
    t.replace([("job_name: penstock", "job_name: shop")], [name])
    time.sleep(300)  # so long Prometheus takes the last value of a job that it does not scrape any more
    return lambda: t.replace([("job_name: shop", "job_name: penstock")], [name])


@trial("PenstockNodeRestarts", "killed and started three times", "left to run")
def node_restarts(t):
    t.start()
    t.watch()
    time.sleep(3)
    for _ in range(3):
        t.stop(signal.SIGKILL)
        t.start()
        time.sleep(3)
    return lambda: None


@trial("PenstockNodeNotReady", "`train:delay=10m` at the first start with history")
def not_ready(t):
    t.start()
    t.post_orders(300)
    t.start("train:delay=10m", AT_START="true")
    t.watch()
    return t.start


@trial("PenstockComponentFailing", "`region.commit:fail`: a region fails at every epoch")
def failing(t):
    t.start()
    t.watch()
    t.start("region.commit:fail")
    t.always(lambda: t.post_orders(1))
    return t.start


@trial("PenstockComponentRestarts", "`stage.process:fail:0.05`: a stage fails now and then")
def restarts(t):
    t.start("stage.process:fail:0.05")
    t.watch()
    t.always(lambda: t.post_orders(1), 0.1)
    return t.start


@trial("PenstockComponentStalled", "`stage.process:delay=3s` with a stall_timeout of 2 s")
def stalled(t):
    t.start("stage.process:delay=3s", STALL="2s")
    t.watch()
    t.always(lambda: t.post_orders(1), 1)
    return t.start


@trial("PenstockComponentErrors", "`store.backup:fail`, and six backups")
def errors(t):
    t.start("store.backup:fail")
    t.watch()
    time.sleep(3)
    for _ in range(6):
        t.post("/v1/backup")
        time.sleep(0.5)
    return t.start


@trial("PenstockMemoryNearBudget", "orders, the smallest memory budget, and a limit of 2 % for 90 %", "a larger `memory_budget`")
def memory(t):
    t.start(MEMORY="64MiB")
    t.watch(("budget_bytes > 0) > 0.9", "budget_bytes > 0) > 0.02"))
    for _ in range(10):
        t.post_orders(4000)
    return lambda: t.start(MEMORY="4GiB")


@trial("PenstockOpenFiles", "a limit of 64 files, and 45 connections", "connections closed")
def open_files(t):
    t.limits = (64, 64)
    t.start()
    t.watch()
    connections = [http.client.HTTPConnection("127.0.0.1", t.port) for _ in range(45)]
    for connection in connections:
        try:
            connection.request("GET", "/live")
            connection.getresponse().read()
        except OSError:
            pass

    def keep():
        for connection in connections:
            try:
                connection.request("GET", "/live")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                pass
    done = t.always(keep, 2)
    return lambda: (done.set(), time.sleep(3), [connection.close() for connection in connections])


# --- answers


def answers(t):
    t.post_orders(200)
    t.train()
    t.always(lambda: t.get(f"/v1/users/{t.random.randrange(200)}/recommendations"), 0.05)


@trial("PenstockApiErrors", "`serve:fail:0.05`")
def api_errors(t):
    t.start("serve:fail:0.05")
    t.watch()
    answers(t)
    return t.start


@trial("PenstockApiFailing", "`serve:fail:0.4`")
def api_failing(t):
    t.start("serve:fail:0.4")
    t.watch()
    answers(t)
    return t.start


@trial("PenstockApiSlow", "`serve:delay=400ms`")
def api_slow(t):
    t.start("serve:delay=400ms")
    t.watch()
    answers(t)
    return t.start


@trial("PenstockIngestSlow", "`store.sync:delay=4s`")
def ingest_slow(t):
    t.start("store.sync:delay=4s")
    t.watch()
    t.always(lambda: t.post_orders(1))
    return t.start


@trial("PenstockInputRefused", "a log that may hold 8 KiB", "a larger `max_bytes`")
def refused(t):
    t.start(LOG="8KiB")
    t.watch()
    t.always(lambda: t.post_orders(50))
    return lambda: t.start(LOG="1GiB")


@trial("PenstockFreshnessBreach", "`stage.process:delay=6s`")
def freshness(t):
    t.start("stage.process:delay=6s")
    t.watch()
    t.always(lambda: t.post_orders(1), 1)
    return t.start


@trial("PenstockFallbackHigh", "questions about users whom nobody has seen", "questions about known ones")
def fallback(t):
    t.start()
    t.watch()
    t.post_orders(200)
    t.train()
    done = t.always(lambda: t.get(f"/v1/users/{10**6 + t.random.randrange(10**6)}/recommendations"), 0.05)
    return lambda: (done.set(), t.always(lambda: t.get("/v1/users/7/recommendations"), 0.05))


@trial("PenstockEmptyAnswers", "every item excluded", "nothing excluded")
def empty(t):
    t.start()
    t.watch()
    for user in range(50):
        t.post("/ingest/orders", [t.order(user_id=user, item_id=user % 3) for _ in range(3)])
    t.train()
    done = t.always(lambda: t.get("/v1/users/7/recommendations?exclude=0,1,2"), 0.05)
    return lambda: (done.set(), t.post_orders(200), t.train(), t.always(lambda: t.get("/v1/users/7/recommendations"), 0.05))


# --- the dataflow


def bad_orders(t, good, bad):
    t.always(lambda: t.post("/ingest/orders", [t.order() for _ in range(good)] + [t.order(price=-1) for _ in range(bad)]))


@trial("PenstockPipelineErrors", "one order in twenty breaks a rule of `validate`", "good orders alone")
def pipeline_errors(t):
    t.start()
    t.watch()
    bad_orders(t, 19, 1)
    return lambda: ([load.set() for load in t.loads], t.always(lambda: t.post_orders(5)))


@trial("PenstockPipelineFailing", "every second order does", "good orders alone")
def pipeline_failing(t):
    t.start()
    t.watch()
    bad_orders(t, 5, 5)
    return lambda: ([load.set() for load in t.loads], t.always(lambda: t.post_orders(5)))


@trial("PenstockDeadLettersRising", "thirty of them at once", "none any more")
def letters_rising(t):
    t.start()
    t.watch()
    time.sleep(3)
    t.post_orders(30, price=-1)
    return lambda: None


@trial("PenstockDeadLettersForgotten", "a dead letter, and a limit of 5 s for 7 days", "`penstock dead-letters purge --all`")
def letters_forgotten(t):
    t.start()
    t.watch(("oldest_seconds > 604800", "oldest_seconds > 5"))
    t.post_orders(1, price=-1)
    return lambda: t.command("dead-letters", "purge", "--all", "--url", f"http://127.0.0.1:{t.port}")


@trial("PenstockRecordIsolated", "a receiver that refuses one delivery with 400", "the receiver takes all; the hour passes", 60)
def isolated(t):
    t.start()
    t.watch()
    time.sleep(3)
    t.receiver.answer = 400
    t.post_orders(1)
    time.sleep(3)
    t.receiver.answer = 200
    return lambda: None


@trial("PenstockRecordsLost", "a receiver away for longer than the buffer's `retain_for`, then a restart", "the receiver is back", 60)
def lost(t):
    t.start(KEEP="2s")
    t.watch()
    done = t.always(lambda: t.post_orders(20))
    time.sleep(3)
    t.receiver.answer = 503
    time.sleep(75)  # retention looks once a minute
    t.receiver.answer = 200
    t.stop(signal.SIGKILL)  # else the sink holds in memory what it has read ahead
    t.start()
    return lambda: done.set()


@trial("PenstockSinkRetrying", "a receiver that answers 503", "the receiver is back")
def sink_retrying(t):
    t.receiver.answer = 503
    t.start()
    t.watch()
    t.always(lambda: t.post_orders(1))
    return lambda: setattr(t.receiver, "answer", 200)


@trial("PenstockInputSilent", "orders that stop", "orders again", 60)
def silent(t):
    t.start()
    t.watch()
    done = t.always(lambda: t.post_orders(1))
    time.sleep(40)
    done.set()
    return lambda: t.always(lambda: t.post_orders(1))


@trial("PenstockLagGrowing", "`sink.write:delay=1s` under load; a limit of 3 s for 60")
def lag_growing(t):
    t.start("sink.write:delay=1s")
    t.watch(("lag_seconds > 60", "lag_seconds > 3"))
    t.always(lambda: t.post_orders(20), 0.1)
    return lambda: ([load.set() for load in t.loads], t.start())


@trial("PenstockCommitsStopped", "`region.commit:fail`")
def commits_stopped(t):
    t.start("region.commit:fail")
    t.watch()
    t.always(lambda: t.post_orders(1))
    return t.start


@trial("PenstockWorkersIdle", "`store.sync:delay=5s` under load; a limit of 3 s for 60")
def workers_idle(t):
    t.start("store.sync:delay=5s")
    t.watch(("penstock_component_lag_seconds{component_kind=\\\"region\\\"}) > 60",
             "penstock_component_lag_seconds{component_kind=\\\"region\\\"}) > 3"))
    for _ in range(20):
        t.always(lambda: t.post_orders(1), 0.05)
    return lambda: ([load.set() for load in t.loads], t.start())


@trial("PenstockWatermarkStalled", "orders of one and the same time", "orders of now")
def watermark(t):
    t.start()
    t.watch()
    at = t.now()
    done = t.always(lambda: t.post_orders(1, at=at))
    return lambda: (done.set(), t.always(lambda: t.post_orders(1)))


# --- Kafka


class Broker:
    """A broker of the trial's own, in Penstock's place for what cannot be done to somebody else's."""
    def __init__(self, t):
        self.t, self.address = t, f"localhost:{t.port + 4}"
        self.run("start", "--fresh")
        t.broker = self

    def run(self, verb, *words):
        subprocess.run([os.path.join(ROOT, "scripts/kafka.sh"), verb, "--port", str(self.t.port + 4), "--data",
                        self.t.folder + "/kafka", "--heap", "256m", *words], check=True, capture_output=True)

    def produce(self, count):
        orders = "\n".join(json.dumps(self.t.order()) for _ in range(count))
        subprocess.run(["kcat", "-P", "-b", self.address, "-t", "orders"], input=orders, text=True, check=False)

    def consumer(self):
        """Another member of the node's group."""
        return subprocess.Popen(["kcat", "-b", self.address, "-X", "partition.assignment.strategy=cooperative-sticky", "-G",
                                 "trial.orders", "orders"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def node(self, faults="", **environment):
        self.t.start(faults, INPUT="kafka", BROKERS=self.address, **environment)


@trial("PenstockOutsideUnreachable", "the broker ended", "the broker started again")
def unreachable(t):
    broker = Broker(t)
    broker.run("create", "orders", "3")
    broker.node()
    t.watch()
    broker.run("stop")
    return lambda: broker.run("start")


@trial("PenstockKafkaErrors", "the broker ended", "the broker started again", 5)
def kafka_errors(t):
    broker = Broker(t)
    broker.run("create", "orders", "3")
    broker.node()
    t.watch()
    broker.run("stop")
    return lambda: broker.run("start")


def many_orders(t):
    broker = Broker(t)
    broker.run("create", "orders", "3")
    broker.node("source.read:delay=3s")
    done = t.always(lambda: broker.produce(10000))
    return lambda: (done.set(), broker.node())


@trial("PenstockKafkaLagGrowing", "`source.read:delay=3s`, and more orders than it can read so")
def kafka_lag(t):
    mend = many_orders(t)
    t.watch()
    return mend


@trial("PenstockKafkaBehind", "the same; a limit of 5 s for 300")
def kafka_behind(t):
    mend = many_orders(t)
    t.watch(("lag_seconds) > 300", "lag_seconds) > 5"))
    return mend


@trial("PenstockKafkaRebalances", "a second consumer that joins and leaves, again and again", "it stays away", 5)
def kafka_rebalances(t):
    broker = Broker(t)
    broker.run("create", "orders", "3")
    broker.node()
    t.watch()
    for _ in range(12):
        other = broker.consumer()
        time.sleep(5)
        other.terminate()
        other.wait()
        time.sleep(4)
    return lambda: None


@trial("PenstockKafkaNothingAssigned", "another consumer of the group, which holds the only partition", "it leaves")
def kafka_nothing(t):
    broker = Broker(t)
    broker.run("create", "orders", "1")
    other = broker.consumer()
    time.sleep(5)
    broker.node()
    t.watch()
    return other.terminate


# --- the store


@trial("PenstockStoreReadOnly", "a full disk: a tmpfs of 3 MiB, and orders until they are refused", "the disk made larger")
def read_only(t):
    t.disk("3m")
    t.start()
    t.watch()
    t.always(lambda: t.post_orders(1000), 0.05)
    return lambda: subprocess.run(["mount", "-o", "remount,size=1g", t.data], check=True)


@trial("PenstockStoreDamaged", "a few bytes of a log's entry overwritten", "the store restored from a backup", 60)
def damaged(t):
    t.start()
    t.watch()
    for _ in range(20):
        t.post_orders(500)
    t.post("/v1/backup?name=good")
    time.sleep(3)
    t.stop()
    overwrite_an_entry(t)
    t.start()
    t.post("/v1/models/taste/train")

    def restore():
        t.stop()
        t.command("restore", t.data + "/backups/good", "--data-dir", t.folder + "/restored")
        t.environment["TRIAL_DATA"] = t.folder + "/restored"
        t.start()
    return restore


def overwrite_an_entry(t):
    """Tries places until check-store finds damage in the orders' log, and nowhere else."""
    name = t.data + "/data.mdb"
    with open(name, "rb") as file:
        whole = file.read(8 * 2**20)
    for _ in range(300):
        at = t.random.randrange(16384, len(whole))
        if not any(whole[at:at + 8]):
            continue
        with open(name, "r+b") as file:
            file.seek(at)
            file.write(bytes(byte ^ 0xff for byte in whole[at:at + 8]))
        found = subprocess.run([t.options.penstock, "check-store", t.data], capture_output=True, text=True,
                               errors="replace", check=False)
        wrong = [line for line in (found.stdout + found.stderr).splitlines() if "damaged" in line]
        if found.returncode == 74 and len(wrong) == 1 and "orders" in wrong[0]:
            return
        with open(name, "r+b") as file:
            file.seek(at)
            file.write(whole[at:at + 8])
    raise RuntimeError("no place found whose damage is in the orders' log")


@trial("PenstockCommitSlow", "`store.sync:delay=1s`")
def commit_slow(t):
    t.start("store.sync:delay=1s")
    t.watch()
    t.always(lambda: t.post_orders(1))
    return t.start


@trial("PenstockStoreNearBudget", "orders until 85 % of a budget of 16 MiB are used", "a larger `disk_budget`")
def near_budget(t):
    t.start(DISK="16MiB")
    t.watch()
    until_used(t, 0.83)
    return lambda: t.start(DISK="1GiB")


@trial("PenstockStoreFull", "orders until the budget is used up", "a larger `disk_budget`")
def store_full(t):
    t.start(DISK="16MiB")
    t.watch()
    until_used(t, 0.97)
    done = t.always(lambda: t.post_orders(100))
    return lambda: (done.set(), t.start(DISK="1GiB"))


@trial("PenstockCommitsRefused", "orders until the budget is used up", "a larger `disk_budget`")
def commits_refused(t):
    t.start(DISK="16MiB")
    t.watch()
    until_used(t, 0.97)
    return lambda: t.start(DISK="1GiB")


@trial("PenstockStoreFillsSoon", "orders at full speed into a budget of 64 MiB", "none any more, a larger budget", 120)
def fills_soon(t):
    t.start(DISK="64MiB")
    t.watch()
    done = t.always(lambda: t.post_orders(300), 0.1)
    return lambda: (done.set(), t.start(DISK="1TiB"))


def until_used(t, share):
    for _ in range(3000):
        metrics = dict(line.rsplit(" ", 1) for line in t.get("/metrics")[1].splitlines() if line.startswith("penstock_lmdb_"))
        used, whole = (float(metrics[f'penstock_lmdb_{name}_bytes{{topology="trial"}}']) for name in ("used", "map"))
        if used > share * whole or t.post_orders(300)[0] not in (200, 201, 202):
            return
    raise RuntimeError("the store does not fill")


@trial("PenstockDiskNearFull", "7 % free on a tmpfs of 64 MiB", "the large file removed")
def disk_near_full(t):
    t.disk("64m")
    t.start()
    t.watch()
    t.fill(int(0.07 * 64 * 2**20))
    return lambda: os.remove(t.data + "/ballast")


@trial("PenstockDiskFull", "2 % free", "the large file removed")
def disk_full(t):
    t.disk("64m")
    t.start()
    t.watch()
    t.fill(int(0.02 * 64 * 2**20))
    return lambda: os.remove(t.data + "/ballast")


@trial("PenstockBackupOld", "no backup, and a limit of 10 s for 26 h", "`penstock backup`")
def backup_old(t):
    t.start()
    t.watch(("time() - 4680", "time() - 10"))
    return lambda: t.command("backup", "--url", f"http://127.0.0.1:{t.port}")


# --- models


@trial("PenstockModelTooOld", "a limit of 5 s for 7 days", "`penstock models train taste`")
def too_old(t):
    t.start()
    t.watch(("staleness_seconds > 604800", "staleness_seconds > 5"))
    t.post_orders(300)
    t.train()
    return lambda: (t.post_orders(50), t.always(lambda: t.command("models", "train", "taste", "--url", f"http://127.0.0.1:{t.port}"), 2))


@trial("PenstockTrainingFailed", "`train:fail`", "trained without the fault")
def training_failed(t):
    t.start("train:fail")
    t.watch()
    t.post_orders(300)
    t.post("/v1/models/taste/train")
    return lambda: (t.start(), t.train())


@trial("PenstockVersionsRejected", "three versions whose trial as shadows is given up", "`penstock models promote --force`", 2000)
def rejected(t):
    url = ("--url", f"http://127.0.0.1:{t.port}")
    t.start(ROLLOUT="shadow")
    t.watch()
    t.post_orders(2000)
    t.train()
    time.sleep(45)  # until the first version's going live is out of sight
    for _ in range(3):
        t.post_orders(200)
        t.train()
        t.command("models", "rollback", "taste", *url)
    return lambda: t.command("models", "promote", "taste", "4", "--force", *url)


@trial("PenstockModelQualityDropped", "users who order at random, after they had tastes", "they have tastes again", 120)
def quality(t):
    t.start()
    t.watch()
    tastes(t)
    t.train()
    done = t.always(lambda: tastes(t, 20))
    time.sleep(60)
    done.set()
    noise = t.always(lambda: t.post("/ingest/orders", [t.order(item_id=9000 + t.random.randrange(500)) for _ in range(20)]))
    return lambda: (noise.set(), t.always(lambda: tastes(t, 20)))


def tastes(t, count=3000):
    """Orders of new users of one of 40 tastes, each of ten items that nobody else orders."""
    orders = []
    while len(orders) < count:
        user = t.random.randrange(10**6)
        items = t.random.sample(range(10), 4)
        orders += [t.order(user_id=user, item_id=10 * (user % 40) + item) for item in items]
    t.random.shuffle(orders)
    t.post("/ingest/orders", orders)


@trial("PenstockModelWorseThanBefore", "a gate that lets all pass, and a training on noise", "`penstock models rollback`")
def worse_than_before(t):
    t.start(MARGIN="1")
    t.watch()
    tastes(t)
    t.train()
    t.post("/ingest/orders", [t.order(user_id=t.random.randrange(1000), item_id=t.random.randrange(3000)) for _ in range(6000)])
    t.train()
    return lambda: t.command("models", "rollback", "taste", "--url", f"http://127.0.0.1:{t.port}")


@trial("PenstockModelWorseThanPopular", "a training on orders in which nobody has a taste, but items are popular",
       "trained on orders with tastes")
def worse_than_popular(t):
    t.start(MARGIN="1")
    t.watch()
    t.post("/ingest/orders", [t.order(user_id=t.random.randrange(1000), item_id=int(t.random.paretovariate(0.6)) % 2000)
                              for _ in range(4000)])
    t.train()

    def mend():
        for _ in range(8):
            tastes(t, 5000)
        t.train()
    return mend


@trial("PenstockDrift", "prices a hundred times as high", "trained anew")
def drift(t):
    t.start()
    t.watch()
    t.post_orders(3000)
    t.train()
    t.always(lambda: t.post_orders(50, price=1000 + t.random.random()))
    return lambda: ([t.post_orders(3000, price=1000 + t.random.random()) for _ in range(8)], t.train())


# --- jobs


@trial("PenstockJobFailed", "the folder of a result file is not there", "the folder made, the job run again")
def job_failed(t):
    t.start()
    t.watch()
    t.post_orders(10)
    shutil.rmtree(t.folder + "/out")
    t.post("/v1/jobs/writing/run")
    return lambda: (os.makedirs(t.folder + "/out"), t.post("/v1/jobs/writing/run"))


@trial("PenstockJobLate", "`batch.map:delay=20s` in a job of every second; a limit of 5 s for 10 min")
def job_late(t):
    t.start("batch.map:delay=20s")
    t.watch(("late_seconds > 600", "late_seconds > 5"))
    t.post_orders(10)
    return t.start


@trial("PenstockBatchTasksFail", "`batch.map:fail`, and a view made anew")
def batch_fails(t):
    t.start()
    t.watch()
    t.post_orders(100)
    time.sleep(3)
    t.start("batch.map:fail")
    return t.start


def run(options, number, entry):
    alert, how, mended, hurry, function = entry
    t = Trial(options, alert, number, hurry)
    try:
        mend = function(t)
        fired, told, names = t.wait(True, 150)
        mend()
        ended, _, _ = t.wait(False, 240)
        others = ", ".join(sorted(name.removeprefix("Penstock") for name in names - {alert})) or "none"
        words = [text for text in told["annotations"].values() if "error" in text and "template" in text]
        if words:
            raise RuntimeError("its text: " + words[0])
        return True, (f"| {alert} | {how} | fired after {fired:.0f} s: {told['annotations']['summary']} | {mended}: ended after "
                      f"{ended:.0f} s | {others} |")
    except Exception as error:  # one trial that fails is told; the others go on
        if options.verbose:
            traceback.print_exc()
        return False, f"| {alert} | {how} | **{error}** | | |"
    finally:
        t.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("penstock", help="the binary")
    parser.add_argument("--only", action="append", help="only this alert; may be repeated")
    parser.add_argument("--at-once", type=int, default=2, help="how many trials run beside each other")
    parser.add_argument("--folder", default="/tmp/penstock-alerts", help="where data and logs go")
    parser.add_argument("--port", type=int, default=21000, help="the first of the ports that are used")
    parser.add_argument("--verbose", action="store_true", help="show where a trial failed")
    options = parser.parse_args()
    options.penstock = os.path.abspath(options.penstock)
    chosen = [entry for entry in TRIALS if not options.only or entry[0] in options.only]
    unknown = set(options.only or []) - {entry[0] for entry in TRIALS}
    if unknown or not os.access(options.penstock, os.X_OK):
        sys.exit(f"try_alerts.py: no trial of {', '.join(sorted(unknown))}" if unknown else f"no program {options.penstock}")
    print("| alert | how | seen | mended by | beside it |\n| --- | --- | --- | --- | --- |", flush=True)
    good = True
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        for well, line in pool.map(lambda pair: run(options, *pair), enumerate(chosen)):
            print(line, flush=True)
            good = good and well
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
