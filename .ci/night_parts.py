"""What runs in a night: instances of the program, events that come, and a Prometheus with the alerts of deploy/."""

import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.request
import uuid

from confluent_kafka import Producer

DEPLOY = pathlib.Path(__file__).parent.parent / "deploy"
RAW = "idv.raw.v1"
PARTITIONS = 8


class Started:
    """A process with a log of its own."""

    def __init__(self, log, environment, *command):
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def end(self):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Supervised(threading.Thread):
    """A process that is started again five seconds after it ends, as an orchestrator does."""

    def __init__(self, *arguments):
        super().__init__(daemon=True)
        self.arguments, self.ended = arguments, threading.Event()
        self.now = Started(*arguments)
        self.log = self.now.log

    def run(self):
        while not self.ended.is_set():
            self.now.process.wait()
            if not self.ended.wait(5):
                self.now = Started(*self.arguments)

    def signal(self, number):
        self.now.signal(number)

    def end(self):
        self.ended.set()
        return self.now.end()


class Place:
    """One Kafka, one registry, the settings that all instances share, and where their files are."""

    def __init__(self, work, port):
        self.work, self.port = pathlib.Path(work), port
        self.verdict = str(self.work / "verdict")
        self.brokers, self.registry = os.environ["VERDICT_TEST_KAFKA"], os.environ["VERDICT_TEST_REGISTRY"]
        self.rules = self.work / "rules"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VERDICT_")}
        self.environment = clean | {
            "VERDICT_KAFKA_BROKERS": self.brokers, "VERDICT_REGISTRY_URL": self.registry,
            "VERDICT_CATALOG_OVERLAY": str(self.rules), "VERDICT_LOG_LEVEL": "info",
        }
        self.producer = Producer({"bootstrap.servers": self.brokers, "partitioner": "murmur2_random",
                                  "enable.idempotence": True, "message.timeout.ms": 5000})

    def http(self, number):
        return f"127.0.0.1:{self.port + 2 + number}"

    def instance(self, number, name=None):
        """Starts an instance; its name is another's for two processes with one."""
        environment = self.environment | {"VERDICT_KAFKA_INSTANCE_ID": name or f"night-{number}",
                                          "VERDICT_HTTP_ADDRESS": self.http(number)}
        instance = Supervised(self.work / f"instance-{number}.log", environment, self.verdict, "run")
        instance.start()
        return instance

    def call(self, *arguments, timeout=60):
        """A command as an operator types it: its exit code and what it prints."""
        try:
            done = subprocess.run([self.verdict, *arguments], env=self.environment, text=True, timeout=timeout,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired as hung:
            return None, f"no answer in {timeout} s: {hung.stdout or ''}"
        return done.returncode, done.stdout

    def status(self, instances):
        named = [word for number in range(instances) for word in ("--instance", "http://" + self.http(number))]
        return self.call("status", *named)

    def known_events(self):
        """Events that end a verification and surprise nobody: what fires, fires of what is broken."""
        code, text = self.call("generate", "--count", "4000", "--repeats", "0")
        lines = [line for line in text.splitlines() if not line.startswith("verdict:")]
        (self.work / "events.jsonl").write_text("\n".join(lines) + "\n")
        done, decided = self.call("decide", "--format", "json", "--stateless", str(self.work / "events.jsonl"))
        decisions = [json.loads(line).get("decision") for line in decided.splitlines() if line.startswith("{")]
        if code or done or len(decisions) != len(lines):
            raise SystemExit(f"night: {len(lines)} events, {len(decisions)} decided: {decided[-500:]}")
        return [json.loads(line) for line, decision in zip(lines, decisions)
                if decision and decision["final"] and not decision["anomalies"]]

    def publish(self, events):
        """Publishes events; where they went, None for one that the broker did not take."""
        places = [None] * len(events)

        def taken(number):
            def note(error, message):
                places[number] = None if error else f"{RAW}/{message.partition()}/{message.offset()}"
            return note
        for number, event in enumerate(events):
            self.producer.produce(RAW, json.dumps(event), event["verification_id"], on_delivery=taken(number))
        self.producer.flush(10)
        return places


class Feed(threading.Thread):
    """Events that come at a steady rate until the feed is ended, each of a verification of its own."""

    def __init__(self, place, events, rate):
        super().__init__(daemon=True)
        self.events, self.rate, self.ended = events, rate, threading.Event()
        self.producer = Producer({"bootstrap.servers": place.brokers, "partitioner": "murmur2_random",
                                  "enable.idempotence": True, "message.timeout.ms": 30 * 60_000})

    def run(self):
        number = 0
        while not self.ended.wait(1 / self.rate):
            event = new(self.events[number % len(self.events)])
            self.producer.produce(RAW, json.dumps(event), event["verification_id"])
            self.producer.poll(0)
            number += 1

    def end(self):
        self.ended.set()
        self.join()
        if left := self.producer.flush(60):
            raise SystemExit(f"night: the broker has not taken the last {left} events")


def new(event, **changes):
    """The event again, of this moment, of another verification."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event | {"event_id": str(uuid.uuid4()), "verification_id": str(uuid.uuid4()), "occurred_at": now} | changes


class Prometheus:
    """Scrapes the instances at the intervals of deploy/prometheus.yml, with the alerts of deploy/alerts.yaml."""

    def __init__(self, place):
        self.address = f"127.0.0.1:{place.port}"
        configuration = (DEPLOY / "prometheus.yml").read_text()
        targets = ", ".join(f'"{place.http(number)}"' for number in range(2))
        configuration, changed = re.subn(r"targets: *\[[^]]*\]", f"targets: [{targets}]", configuration)
        if changed != 1:
            raise SystemExit("night: deploy/prometheus.yml has no single list of targets")
        configuration = configuration.replace("alerts.yaml", str(DEPLOY / "alerts.yaml"))
        (place.work / "prometheus.yml").write_text(configuration)
        self.started = Started(place.work / "prometheus.log", os.environ, os.environ["PROMETHEUS"],
                               f"--config.file={place.work}/prometheus.yml",
                               f"--storage.tsdb.path={place.work}/prometheus", f"--web.listen-address={self.address}")

    def end(self):
        self.started.end()

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def await_up(self, targets, timeout=90):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                health = [target["health"] for target in self.get("targets")["activeTargets"]]
                if health.count("up") == targets:
                    return
            except (OSError, ValueError):
                pass
            time.sleep(0.5)
        raise SystemExit(f"night: Prometheus does not scrape {targets} instances after {timeout} s")

    def alerts(self):
        """Names of the alerts that fire, with their severity and summary."""
        return {alert["labels"]["alertname"]: (alert["labels"].get("severity", ""),
                                               alert["annotations"].get("summary", ""))
                for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"}
