"""Runs the program over deliveries by the providers' schedules, and counts what comes of them.

    schedules.py --brokers HOST:PORT --work DIR [--events N] [--seed SEED]

DIR has the built program, `verdict`, and gets its log. All deliveries (deliveries.py) are in the raw topic, by the time
of their arrival, before the program starts; it runs until each has become something and no overdue notice is left to
come. Then check.py folds the same records and compares, one raw partition after another. Prints what was expected,
seen and wrong; ends with 1 if anything is wrong, and with 3 if the run was too slow to tell what is overdue.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.request

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deliveries import MINUTE, QUIET, Deliveries

CHECK = pathlib.Path(__file__).with_name("check.py")
PARTITIONS = 8
OUTPUTS = ("decisions", "verifications", "billing", "risk", "overdue", "deadletter")
STALLED, SETTLED = 120, 10  # seconds without progress; without another notice, to be sure
TRANSITIONS = ("FIRST", "ADVANCED", "REOPENED", "UNCHANGED", "LATE", "UNEXPECTED", "REVERSED")


class Run:
    def __init__(self, options):
        self.options, self.start = options, time.monotonic()
        self.prefix = f"schedules-{time.time_ns():x}-"  # of its topics
        self.verdict = os.path.join(options.work, "verdict")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.http = "%s:%d" % free.getsockname()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VERDICT_")} | {
            "VERDICT_KAFKA_BROKERS": options.brokers, "VERDICT_KAFKA_GROUP": self.prefix + "group",
            "VERDICT_TOPICS_RAW": self.prefix + "raw", "VERDICT_OUTPUT_FORMAT": "json",
            "VERDICT_HTTP_ADDRESS": self.http,
        } | {f"VERDICT_TOPICS_{name.upper()}": self.prefix + name for name in OUTPUTS}

    def say(self, text):
        print(f"{time.monotonic() - self.start:6.0f} s  {text}", flush=True)

    def call(self, *arguments):
        return subprocess.run([self.verdict, *arguments], env=self.environment, check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def create_topics(self):
        """The raw one keeps its records, however old they say they are."""
        raw = NewTopic(self.prefix + "raw", PARTITIONS, 1, config={"retention.ms": "-1"})
        admin = AdminClient({"bootstrap.servers": self.options.brokers})
        admin.create_topics([raw])[self.prefix + "raw"].result()
        self.call("topics", "--create", "--partitions", str(PARTITIONS), "--replication-factor", "1")

    def write(self, deliveries):
        producer = Producer({
            "bootstrap.servers": self.options.brokers, "enable.idempotence": True, "partitioner": "murmur2_random",
            "linger.ms": 50, "compression.type": "lz4", "queue.buffering.max.messages": 50_000})
        failed = []
        for arrival, key, body in deliveries.records():
            while True:
                try:
                    producer.produce(self.prefix + "raw", body, key, timestamp=arrival,
                                     on_delivery=lambda error, _: error and failed.append(error))
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        if producer.flush(60) or failed:
            sys.exit(f"schedules: the raw topic does not take all records: {failed[:1]}")

    def decide(self):
        """Runs the program to the end of the raw topic. How often it counted which transition."""
        with open(os.path.join(self.options.work, "verdict.log"), "wb") as log:
            process = subprocess.Popen([self.verdict, "run"], env=self.environment, stdout=log, stderr=log)
        try:
            counted = self.await_all(process)
            self.say("each record has become something")
            self.await_notices(process)
            self.say("no overdue notice is left to come, as the program sees it")
            process.terminate()
            if process.wait(30):
                sys.exit(f"schedules: the program ended with {process.returncode}")
            return counted
        finally:
            process.kill()

    def await_all(self, process):
        seen, since = -1, time.monotonic()
        while True:
            counted = self.metric("transitions", "transition")
            if sum(counted.values()) >= self.options.events:
                return counted
            if sum(counted.values()) != seen:
                seen, since = sum(counted.values()), time.monotonic()
            self.pause(process, since, f"at {seen} of {self.options.events} records")

    def await_notices(self, process):
        """As many as there are overdue words, and no more in a while."""
        words = json.loads(self.call("state", "stats", "--format", "json"))["total"]["overdue"]
        seen, since = -1, time.monotonic()
        while seen < words or time.monotonic() < since + SETTLED:
            told = self.metric("published", "route").get("overdue", 0)
            if told != seen:
                seen, since = told, time.monotonic()
            self.pause(process, since, f"at {seen} overdue notices for {words} words")

    def pause(self, process, since, where):
        if process.poll() is not None:
            sys.exit(f"schedules: the program ended with {process.returncode}, {where}")
        if time.monotonic() - since > STALLED:
            sys.exit(f"schedules: no progress for {STALLED} s, {where}")
        time.sleep(1)

    def metric(self, name, label):
        try:
            with urllib.request.urlopen(f"http://{self.http}/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except OSError:  # it does not listen yet
            return {}
        found = re.findall(rf'^verdict_{name}_total{{{label}="(\w+)"}} (\S+)$', text, re.MULTILINE)
        return {value: int(float(number)) for value, number in found}

    def check(self, now):
        """What check.py counts in all partitions."""
        counts = collections.Counter()
        for partition in range(PARTITIONS):
            done = subprocess.run(
                [sys.executable, "-B", CHECK, "--brokers", self.options.brokers, "--topics", self.prefix, "--json",
                 "--state", "--now", str(now), "--partition", str(partition)], stdout=subprocess.PIPE)
            try:
                counts += collections.Counter(json.loads(done.stdout))
            except ValueError:
                sys.exit(f"schedules: check.py ended with {done.returncode}")
        return counts


def rows(counts, counted):
    """What, how many were expected, are in the topics, were counted by the program's metric, and are wrong."""
    def wrong(*kinds):
        return sum(n for name, n in counts.items() if name.startswith(tuple("wrong: " + kind for kind in kinds)))

    def row(what, expected, seen, metric=None, wrong=0):
        off = [abs(expected - n) for n in (seen, metric) if n is not None]
        found.append((what, expected, seen, metric, max(wrong, *off)))

    found, published = [], sum(counts[f"transition {name}"] for name in TRANSITIONS)
    others = wrong("") - wrong("verifications", "billing", "risk", "overdue", "dead")
    row("decisions", published, counts["decisions"], wrong=others)
    for name in TRANSITIONS:
        row("  " + name, counts[f"transition {name}"], counts[f"decided {name}"], counted.get(name.lower(), 0))
    row("repeats dropped", counts["transition REPEATED"], None, counted.get("repeated", 0))
    row("dead letters", 0, counts["deadletter"], wrong=wrong("dead"))
    row("verifications in the table", counts["verifications_expected"], counts["verifications_keys"],
        wrong=wrong("verifications"))
    for kind, what in (("billing", "billing events"), ("risk", "risk events"), ("overdue", "overdue notices")):
        row(what, counts[kind + "_expected"], counts[kind], wrong=wrong(kind))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", default="1")
    run = Run(parser.parse_args())
    now = time.time_ns() // 1_000_000
    made = Deliveries(run.options.events, run.options.seed, now)
    run.create_topics()
    run.write(made)
    run.say(f"{run.options.events:,} deliveries about {made.verifications:,} verifications are in the raw topic: "
            f"{made.repeats:,} of them again, {made.late:,} after a later event; {made.lost:,} of {made.finals:,} "
            "final answers lost")
    counted = run.decide()
    if time.time_ns() // 1_000_000 > now + QUIET - MINUTE:
        print("schedules: the run took so long that others may be overdue since; try again", file=sys.stderr)
        sys.exit(3)
    table = rows(run.check(now), counted)
    run.say(f"compared, seed {run.options.seed}\n")
    print(f"{'':28}{'expected':>12}{'in topics':>12}{'in metrics':>12}{'wrong':>8}")
    for what, *numbers, wrong in table:
        print(f"{what:28}" + "".join(f"{'' if n is None else f'{n:,}':>12}" for n in numbers) + f"{wrong:8,}")
    sys.exit(any(wrong for *_, wrong in table))


main()
