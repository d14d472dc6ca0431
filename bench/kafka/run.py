#!/usr/bin/env python3
"""Records a second from a topic to a committed view, and from a log to a topic, beside kcat and Kafka's own perf tools, which take
turns with Penstock on the same broker. Started by scripts/bench_kafka.sh.

A rate is that of the reading or writing alone: for Penstock from the first record in its log (topic to view) or the first one
delivered (log to topic) to the last one committed; for the perf tools what they print, for the consumer without its time to
join the group; for kcat of its whole run. CPU is that of the client alone, user and system, from its start to its end.
"""
import argparse, json, os, re, resource, shutil, signal, statistics, subprocess, sys, tempfile, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def kafka(options, *arguments, **more):
    command = [f"{ROOT}/scripts/kafka.sh", arguments[0], "--port", str(options.port), "--data", options.kafka_data]
    return subprocess.run(command + [str(a) for a in arguments[1:]], text=True, capture_output=True, **more)


def cpu_of_children(run):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_orders(path, records, size):
    """Lines of exactly `size` bytes, which differ in every member."""
    with open(path, "w") as out:
        for i in range(records):
            head = (f'{{"id":{i},"user":{i * 7919 % 100000},"shop":"shop-{i % 16:02}","item":"item-{i * 31 % 5000:04}",'
                    f'"amount":{i % 9000 / 100},"at":"2026-05-01T12:{i // 60 % 60:02}:{i % 60:02}Z","note":"')
            out.write(head + f"{i:x}".rjust(size - len(head) - 2, "n") + '"}\n')


def topic_records(options, topic, partitions):
    total = 0
    for partition in range(partitions):
        said = subprocess.run(["kcat", "-b", options.broker, "-Q", "-t", f"{topic}:{partition}:-1"], text=True, capture_output=True)
        total += int(said.stdout.split("offset")[1])
    return total


class Node:
    def __init__(self, options, topology, data, **variables):
        self.err = tempfile.NamedTemporaryFile("w+", prefix="bench-kafka-", suffix=".err")
        self.out = tempfile.NamedTemporaryFile("w+", prefix="bench-kafka-", suffix=".out")
        environment = dict(os.environ, BROKER=options.broker, **{k: str(v) for k, v in variables.items()})
        self.process = subprocess.Popen([options.penstock, "run", f"{HERE}/{topology}", "--data-dir", data], stdout=self.out,
                                        stderr=self.err, env=environment)
        self.url = None
        while not self.url:
            found = re.search(r"listening on (http://\S+)", open(self.out.name).read())
            self.url = found and found.group(1)
            if self.process.poll() is not None:
                sys.exit(f"penstock ended: {open(self.err.name).read()[-2000:]}")
            time.sleep(0.01)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def lag(self, log, consumer):
        """Records in the log, and how many of them the consumer has not committed."""
        for each in self.get("/v1/logs")["logs"]:
            if each["name"] == log:
                end = sum(p["next_offset"] for p in each["partitions"])
                for reader in each["consumers"]:
                    if reader["id"] == consumer:
                        return end, reader["lag_records"]
        return 0, 0

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=20)


def region_of(node):
    for each in node.get("/v1/logs")["logs"]:
        if each["name"] == "orders":
            return [c["id"] for c in each["consumers"] if c["kind"] == "region"][0]


group_of = {}  # by store: the group that has read the topic into it


def penstock_reads(options, topic, partitions, data):
    shutil.rmtree(data, ignore_errors=True)
    group_of[data] = f"bench-{time.time_ns()}"
    node = Node(options, "bench.yaml", data, TOPIC=topic, PARTITIONS=partitions, GROUP=group_of[data])
    region, first, begun = region_of(node), None, None
    while True:
        end, lag = node.lag("orders", region)
        now = time.monotonic()
        if end > 0 and begun is None:
            first, begun = end - lag, now
        if end == options.records and lag == 0:
            break
        time.sleep(0.02)
    took, cpu = now - begun, node.cpu()
    shown = sum(int(row["orders"]) for row in node.get("/v1/views/sales?limit=100")["rows"])
    if shown != options.records:
        sys.exit(f"the view counts {shown} of {options.records} records: no figure of a wrong answer")
    node.stop()
    return (options.records - first) / took, cpu


def perf_reads(options, topic, partitions, data):
    said, cpu = cpu_of_children(lambda: kafka(options, "perf-consume", topic, options.records, "--timeout", 120000))
    lines = [line.split(", ") for line in said.stdout.splitlines() if ", " in line]
    names = next((i for i, line in enumerate(lines) if line[0] == "start.time"), None)
    if names is None or names + 1 == len(lines):
        sys.exit(f"kafka-consumer-perf-test gave no figures: {said.stdout}{said.stderr}")
    figures = dict(zip(lines[names], lines[names + 1]))
    if int(figures["data.consumed.in.nMsg"]) < options.records:
        sys.exit(f"kafka-consumer-perf-test read {figures['data.consumed.in.nMsg']} of {options.records} records")
    return float(figures["fetch.nMsg.sec"]), cpu


def kcat_reads(options, topic, partitions, data):
    begun = time.monotonic()
    with open(os.devnull, "w") as null:
        _, cpu = cpu_of_children(lambda: subprocess.run(
            ["kcat", "-b", options.broker, "-C", "-q", "-e", "-o", "beginning", "-t", topic], stdout=null, check=True))
    return options.records / (time.monotonic() - begun), cpu


def fresh_topic(options, partitions):
    topic = f"out-{time.time_ns()}"
    kafka(options, "create", topic, partitions, check=True)
    return topic


def penstock_writes(exactly_once):
    def measure(options, topic, partitions, data):
        out = fresh_topic(options, partitions)
        copy = data + "-copy"  # each round is that of a sink that has delivered nothing yet
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(data, copy)
        node = Node(options, "to_topic.yaml", copy, TOPIC=topic, PARTITIONS=partitions, OUT=out, GROUP=group_of[data],
                    EXACTLY_ONCE="true" if exactly_once else "false")
        first, begun = None, None
        while True:
            end, lag = node.lag("orders", "out")
            now = time.monotonic()
            if lag < end and begun is None:
                first, begun = end - lag, now
            if end == options.records and lag == 0:
                break
            time.sleep(0.02)
        cpu = node.cpu()
        node.stop()
        shutil.rmtree(copy)
        kafka(options, "delete", out)
        return (options.records - first) / (now - begun), cpu
    return measure


def perf_writes(*properties):
    def measure(options, topic, partitions, data):
        out = fresh_topic(options, partitions)
        said, cpu = cpu_of_children(lambda: kafka(options, "perf-produce", out, options.records, options.size, *properties))
        kafka(options, "delete", out)
        return float(re.findall(r"([0-9.]+) records/sec", said.stdout)[-1]), cpu
    return measure


def kcat_writes(options, topic, partitions, data):
    out = fresh_topic(options, partitions)
    begun = time.monotonic()
    _, cpu = cpu_of_children(lambda: subprocess.run(
        ["kcat", "-b", options.broker, "-P", "-t", out, "-l", options.orders], check=True, capture_output=True))
    took = time.monotonic() - begun
    kafka(options, "delete", out)
    return options.records / took, cpu


def compare(options, title, rivals, topic, partitions, data):
    rates = {name: [] for name in rivals}
    cpus = {name: [] for name in rivals}
    for _ in range(options.rounds):
        for name, measure in rivals.items():
            rate, cpu = measure(options, topic, partitions, data)
            rates[name].append(rate)
            cpus[name].append(cpu / options.records * 1e6)
            print(f"  {name}: {rate / 1e3:.0f} thousand/s, {cpus[name][-1]:.2f} us CPU a record", file=sys.stderr, flush=True)
    first = statistics.median(next(iter(rates.values())))
    print(f"\n{title}, {partitions} partition{'s' * (partitions > 1)}\n")
    print("| | thousand records/s, median | best | us CPU a record | Penstock's share |")
    print("| --- | --- | --- | --- | --- |")
    for name in rivals:
        middle = statistics.median(rates[name])
        share = "" if name == next(iter(rivals)) else f"{first / middle:.0%}"
        print(f"| {name} | {middle / 1e3:.0f} | {max(rates[name]) / 1e3:.0f} | {statistics.median(cpus[name]):.2f} | {share} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--penstock", required=True)
    parser.add_argument("--port", type=int, default=9392)
    parser.add_argument("--kafka-data", required=True)
    parser.add_argument("--scratch", required=True, help="folder for the records and the stores")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--size", type=int, default=200, help="bytes of a record")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partitions", default="1,3")
    parser.add_argument("--only", choices=["read", "write"])
    options = parser.parse_args()
    options.broker = f"localhost:{options.port}"
    options.orders = f"{options.scratch}/orders.jsonl"
    os.makedirs(options.scratch, exist_ok=True)
    write_orders(options.orders, options.records, options.size)
    for partitions in [int(p) for p in options.partitions.split(",")]:
        topic, data = f"orders-{partitions}-{options.records}", f"{options.scratch}/store-{partitions}"
        kafka(options, "create", topic, partitions, check=True)
        missing = topic_records(options, topic, partitions) == 0
        if missing:
            subprocess.run(["kcat", "-b", options.broker, "-P", "-t", topic, "-l", options.orders, "-p", "-1"], check=True, capture_output=True)
        if topic_records(options, topic, partitions) != options.records:
            sys.exit(f"topic {topic} does not hold {options.records} records")
        if options.only != "write":
            compare(options, "From topic to committed view", {
                "Penstock": penstock_reads, "consumer-perf-test": perf_reads, "kcat": kcat_reads}, topic, partitions, data)
        if options.only != "read":
            penstock_reads(options, topic, partitions, data)
            compare(options, "From log to topic", {
                "Penstock, exactly once": penstock_writes(True), "Penstock, at least once": penstock_writes(False),
                "producer-perf-test": perf_writes("acks=all"),
                "producer-perf-test, transactions": perf_writes("acks=all", "--transactional-id", "bench"),
                "kcat": kcat_writes}, topic, partitions, data)


if __name__ == "__main__":
    main()
