"""Plays a night: breaks one thing after the other under a feed of events, and writes down what one would see.

    night.py --work DIR --port PORT [--only NAME,...] [--rate EVENTS] [--report FILE]

DIR has the built program, `verdict`. Each fault is told of: which alerts fired after how long, what `verdict status`
and `verdict explain` said meanwhile, what the log said first, what was done as docs/runbook.md says, and how long it
took until all was well again. At the end every event has become one decision or one dead letter. Ends with 1 where an
alert that is meant for a fault did not fire, an event is lost or doubled, or all did not get well again.
"""

import argparse
import collections
import os
import pathlib
import signal
import subprocess
import sys
import time

from confluent_kafka.admin import AdminClient

from night_parts import PARTITIONS, RAW, Feed, Place, Prometheus, new
from readback import Registry, Topics

ALERT_LIMIT, HEAL_LIMIT = 25 * 60, 15 * 60  # seconds
LINES = 40  # of what a command printed, in the report

POLICY = """vocabulary: fourthline-idv
statuses:
  - name: completed
    by_risk:
      300: {outcome: APPROVED, origin: operator, retry: {advice: NOT_APPLICABLE, scope: NONE, origin: operator}}
"""
NEW_CODE = 5160
MEANING = POLICY + f"""codes:
  - {{code: {NEW_CODE}, statuses: [completed], series: fraud, category: FRAUD, blocks_approval: true,
     risk_bearing: true, risk_codes: [500], origin: operator, meaning: "the document was generated"}}
"""


class Night:
    def __init__(self, options):
        self.options, self.begun = options, time.monotonic()
        self.place = Place(options.work, options.port)
        self.report = open(options.report, "w") if options.report else sys.stdout
        self.rows, self.wrong = [], []
        self.instances, self.prometheus, self.feed = [], None, None

    def say(self, text):
        print(f"{time.monotonic() - self.begun:6.0f} s  {text}", file=sys.stderr, flush=True)

    def tell(self, text=""):
        print(text, file=self.report, flush=True)

    def start(self):
        place = self.place
        self.write_rules(POLICY)
        for command in (("topics", "--create", "--partitions", str(PARTITIONS), "--replication-factor", "1"),
                        ("check", "--connect")):
            code, text = place.call(*command)
            if code:
                raise SystemExit(f"night: {command[0]} ended with {code}: {text}")
        self.instances = [place.instance(0), place.instance(1)]
        self.events = place.known_events()
        self.feed = Feed(place, self.events, self.options.rate)
        self.feed.start()
        self.prometheus = Prometheus(place)
        self.prometheus.await_up(2)
        self.await_well("the start")

    def end(self):
        for started in (*self.instances, self.prometheus):
            if started:
                started.end()

    def write_rules(self, text):
        """As a roll-out does it: beside it, then renamed."""
        self.place.rules.mkdir(exist_ok=True)
        beside = self.place.rules / ".fourthline.yaml"
        beside.write_text(text)
        beside.rename(self.place.rules / "fourthline.yaml")

    def probe(self):
        """One event of this moment, and where it went; None where the broker does not take it."""
        return self.place.publish([new(self.events[0])])[0]

    def await_well(self, what):
        """Until nothing fires that was silent at the start, and status is fine; seconds."""
        begun = time.monotonic()
        while True:
            code, text = self.place.status(len(self.instances))
            firing = [name for name, (severity, _) in self.prometheus.alerts().items()
                      if severity != "info" and name not in LINGER]
            if code == 0 and not firing:
                return time.monotonic() - begun
            if time.monotonic() - begun > HEAL_LIMIT:
                self.wrong.append(f"{what}: not well after {HEAL_LIMIT} s: status {code}, firing {firing}")
                self.tell(text)
                return None
            time.sleep(2)

    def await_alerts(self, meant, begun):
        """When which alert fired, until all that are meant have, and half a minute more."""
        fired, until = {}, begun + ALERT_LIMIT
        while time.monotonic() < until:
            for name, (severity, summary) in self.prometheus.alerts().items():
                if name not in fired:
                    fired[name] = (time.monotonic() - begun, severity, summary)
                    self.say(f"{name} fires: {summary}")
            if set(meant) <= set(fired) and until == begun + ALERT_LIMIT:
                until = time.monotonic() + 30
            time.sleep(1)
        return fired

    def play(self, name, what, meant, breaks, heals):
        """Breaks something, waits for the alerts that are meant for it, heals it, and waits until all is well."""
        self.say(f"{name}: {what}")
        self.tell(f"\n## {name}: {what}\n")
        marks = [started.log.stat().st_size for started in self.instances]
        logs = [started.log for started in self.instances]
        begun, record = time.monotonic(), breaks()
        record = record or self.probe()
        fired = self.await_alerts(meant, begun)
        if missing := set(meant) - set(fired):
            self.wrong.append(f"{name}: did not fire in {ALERT_LIMIT} s: {', '.join(sorted(missing))}")
        code, status = self.place.status(len(self.instances))
        explained, explanation = self.place.call("explain", record or f"{RAW}/0/0")
        self.details(fired, code, status, record, explained, explanation, logs, marks)
        healed = heals()
        well = self.await_well(name)
        self.say(f"well again after {well and round(well)} s")
        after, explanation = self.place.call("explain", record or f"{RAW}/0/0")
        self.tell(f"done: {healed}\nwell again after {well and round(well)} s; explain then (exit code {after}):\n")
        self.quote(explanation)
        alerts = ", ".join(f"{alert} {fired[alert][0]:.0f} s" for alert in sorted(fired, key=lambda a: fired[a][0]))
        self.rows.append((name, alerts or "none", f"exit {code}", f"exit {explained}, then {after}", healed,
                          f"{well:.0f} s" if well is not None else "never"))

    def details(self, fired, code, status, record, explained, explanation, logs, marks):
        for alert, (seconds, severity, summary) in fired.items():
            self.tell(f"- {alert} ({severity}) after {seconds:.0f} s: {summary}")
        self.tell(f"\nverdict status (exit code {code}):\n")
        self.quote(status)
        self.tell(f"\nverdict explain {record or RAW + '/0/0'} (exit code {explained}):\n")
        self.quote(explanation)
        for log, mark in zip(logs, marks):
            with open(log, "rb") as file:
                file.seek(mark)
                lines = [line for line in file.read().decode().splitlines() if '"info"' not in line]
            self.tell(f"\n{log.name}: {len(lines)} lines at warn and above, the first of them:\n")
            self.quote("\n".join(line[:300] for line in lines[:8]))

    def quote(self, text):
        lines = text.rstrip().splitlines()
        for line in lines[:LINES]:
            self.tell("    " + line)
        if len(lines) > LINES:
            self.tell(f"    ... {len(lines) - LINES} more")

    # What breaks, and what the runbook says to do.

    def broker(self):
        def dead():
            os.kill(int((self.place.work / "kafka" / "broker.pid").read_text()), signal.SIGKILL)

        def restarted():
            subprocess.run([os.environ["VERDICT_TEST_KAFKA_RESTART"]], check=True, stdout=sys.stderr)
            return "the broker was started again"
        self.play("broker", "the broker is dead", MEANT["broker"], dead, restarted)

    def registry(self):
        pid = int((self.place.work / "registry" / "registry.pid").read_text())

        def hangs():
            os.kill(pid, signal.SIGSTOP)
            self.restart_instance(1)

        def answers():
            os.kill(pid, signal.SIGCONT)
            return "the registry was brought back"
        self.play("registry", "the registry answers nobody, and an instance starts anew", MEANT["registry"], hangs,
                  answers)

    def restart_instance(self, number):
        self.instances[number].end()
        self.instances[number] = self.place.instance(number)

    def topic(self):
        def deleted():
            admin = AdminClient({"bootstrap.servers": self.place.brokers})
            admin.delete_topics(["idv.risk.v1"])["idv.risk.v1"].result()

        def created():
            code, text = self.place.call("topics", "--create", "--partitions", str(PARTITIONS),
                                         "--replication-factor", "1")
            return f"verdict topics --create (exit code {code})" if code == 0 else f"topics --create: {text}"
        self.play("topic", "somebody deleted the topic of risk events", MEANT["topic"], deleted, created)

    def codes(self):
        base = {"provider": "fourthline", "product": "identity_verification", "status": "completed", "risk_code": 500}

        def come():
            return self.place.publish([new(base, codes=[NEW_CODE]) for _ in range(40)])[0]

        def known():
            self.write_rules(MEANING)
            return f"code {NEW_CODE} got its row in the overlay, by a reload"
        self.play("codes", "a provider sends a code that the catalog has not", MEANT["codes"], come, known)

    def rules(self):
        def broken():
            self.write_rules(POLICY.replace("APPROVED", "APROVED"))

        def mended():
            self.write_rules(POLICY)
            return "the file was put back as it was"
        self.play("rules", "a reload with a typing mistake", MEANT["rules"], broken, mended)

    def frozen(self):
        def stops():
            self.instances[1].signal(signal.SIGSTOP)

        def goes_on():
            self.instances[1].signal(signal.SIGCONT)
            return "the instance was thawed"
        self.play("frozen", "an instance is frozen", MEANT["frozen"], stops, goes_on)

    def twins(self):
        def second():
            self.instances.append(self.place.instance(2, "night-0"))

        def ended():
            self.instances.pop().end()
            return "the second process was ended"
        self.play("twins", "two processes have one instance id", MEANT["twins"], second, ended)

    def count(self):
        """Every event of the raw topic became one decision or one dead letter; of another delivery, a repeat."""
        self.feed.end()
        self.await_well("the end")
        topics, registry = Topics(self.place.brokers), Registry(self.place.registry)
        raw = [(r.topic, r.partition, r.offset) for r in topics.read(RAW)]
        came = collections.Counter()
        for record in topics.read("idv.decisions.v1"):
            source = registry.decode(record.value)["source"]
            came[source["topic"], source["partition"], source["offset"]] += 1
        letters = collections.Counter()
        for record in topics.read("idv.deadletter.v1"):
            letters[record.header("verdict-source-partition"), record.header("verdict-source-offset")] += 1
        dead = len(letters)
        doubled = sum(n - 1 for n in (*came.values(), *letters.values()))
        missing = len(raw) - len(came) - dead
        self.tell(f"\n{len(raw):,} events: {len(came):,} decided, {dead:,} dead letters, {missing:,} neither, "
                  f"{doubled:,} decided twice")
        if missing or doubled:
            self.wrong.append(f"{missing} events are lost, {doubled} doubled")

    def table(self):
        self.tell("\n| fault | alerts, after | status | explain | done | well again after |")
        self.tell("| --- | --- | --- | --- | --- | --- |")
        for row in self.rows:
            self.tell("| " + " | ".join(row) + " |")
        for line in self.wrong:
            self.tell(f"\nwrong: {line}")


# The alerts that are meant for each fault: those that somebody must hear.
MEANT = {
    "broker": ["VerdictNotReady"],
    "registry": ["VerdictNotReady"],
    "topic": ["VerdictPartitionsHeld"],
    "rules": ["VerdictReloadRefused"],
    "frozen": ["VerdictInstanceGone"],
    "twins": ["VerdictGroupUnsettled"],
    "codes": ["VerdictProviderChanged"],
}

# They look back over an hour, and go on to fire long after what they tell of.
LINGER = {"VerdictProviderChanged"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--only", default=",".join(MEANT))
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--report", type=pathlib.Path)
    night = Night(parser.parse_args())
    names = night.options.only.split(",")
    if unknown := set(names) - set(MEANT):
        sys.exit(f"night: no such fault: {', '.join(unknown)}; there are {', '.join(MEANT)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        night.start()
        for name in names:
            getattr(night, name)()
        night.count()
    finally:
        night.end()
    night.table()
    sys.exit(bool(night.wrong))


main()
