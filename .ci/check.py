"""Checks what a run of Verdict left in Kafka against what was in its raw topics, and counts it.

    check.py --brokers HOST:PORT [--registry URL | --json] [--topics PREFIX] [--lines FILE --decided FILE]
             [--state [--retention DAYS] [--now MS] | --at-least-once] [--partition P]
             [--raw NAME=FORMAT[:PRODUCT[:INTEGRATION]] ...]

Topics are PREFIX + raw, decisions, billing, risk and deadletter; with --raw, each PREFIX + NAME instead of PREFIX +
raw. With --state, verifications were remembered from the first record on, for DAYS after their last event: what is
expected is then the story of each (story.py), and there are PREFIX + verifications and PREFIX + overdue too. In the
latter there has to be one notice for each word that was past its deadline at --now, in ms since 1970; without it none:
no run takes so long. With --lines and --decided, FILEs hold raw events and what `verdict decide --stateless --format
json` printed for them, and both ways must say the same. With --partition only this one of each topic is read: what came
from it is there where all topics have as many partitions, and the raw records' keys are their verifications.

Prints the counts as JSON; ends with 1 and each kind of mismatch if anything is lost, twice, out of order, in a wrong
partition or otherwise not as the contract says.
"""

import argparse
import collections
import gc
import hashlib
import json
import sys

import expect
import formats
import mapping
import story
from follow import Ids
from readback import Registry, Topics, murmur2

KINDS = {
    "decisions": ("idv.decision.v1", "d"), "verifications": ("idv.verification.v1", "v"),
    "billing": ("idv.billing.v1", "b"), "risk": ("idv.risk.v1", "r"), "overdue": ("idv.overdue.v1", "o"),
}
ADDED = {
    "verdict-reason", "verdict-detail", "verdict-source-topic", "verdict-source-partition", "verdict-source-offset",
    "verdict-source-timestamp", "verdict-version", "verdict-rules-version",
}
# What is kept of a decision until the other outputs are compared with it.
KEPT = (
    "decision_id", "provider", "product", "verification_id", "account", "provider_status", "outcome", "final", "ended",
    "attempt", "occurred_at", "occurred_at_source", "rules_version", "billing", "risk", "reasons", "primary_code",
    "category", "anomalies", "lifecycle", "source",
)
# What the other outputs repeat of a decision.
REPEATED = (
    "verification_id", "provider_status", "outcome", "attempt", "occurred_at_source", "rules_version", "primary_code",
    "category",
)


class Check:
    def __init__(self, options):
        self.options = options
        self.topics = Topics(options.brokers)
        self.registry = Registry(options.registry) if options.registry else None
        self.counts = collections.Counter()
        self.problems = collections.defaultdict(list)
        self.partition_of = {}
        self.formats = {}  # formats.Setting by name of the raw topic
        for text in options.raw or ["raw=canonical"]:
            name, _, rest = text.partition("=")
            self.formats[name] = formats.Setting(*rest.split(":"))
        self.ids = {}
        self.encoded = {}  # what is kept of decisions, by the digest of their bodies
        self.stories = story.Stories(options.retention * story.DAY) if options.state else None

    def read(self, name):
        records = self.topics.read(self.options.topics + name, self.options.partition)
        self.counts[name] = len(records)
        return records

    def problem(self, kind, record, text=""):
        self.problems[kind].append(f"{record.topic}/{record.partition} offset {record.offset} {text}")

    def require(self, holds, kind, record, text=""):
        if not holds:
            self.problem(kind, record, text)

    def decode(self, record):
        if self.options.json:
            return json.loads(record.value)
        self.check_schema(record)
        value = self.registry.decode(record.value)
        for of in (value, value.get("retry") or {}):  # all but times is as JSON has it
            for name in ("occurred_at", "flag_since", "expires_at", "since", "deadline"):
                if of.get(name) is not None:
                    of[name] = expect.plain_time(of[name])
        return value

    def check_schema(self, record):
        if self.options.json:
            return
        if record.topic not in self.ids:
            self.ids[record.topic] = self.registry.ids(record.topic + "-value")
        schema_id = int.from_bytes(record.value[1:5], "big")
        self.require(schema_id in self.ids[record.topic], "schema of another subject", record)

    def digest(self, record):
        return hashlib.blake2b(record.value[0 if self.options.json else 5:], digest_size=16).digest()

    def run(self):
        raw = {(r.topic, r.partition, r.offset): r for name in self.formats for r in self.read(name)}
        self.counts["raw"] = len(raw)
        decided = self.decided()
        events, rejected = {}, {}
        for place, record in raw.items():
            try:
                setting = self.formats[place[0].removeprefix(self.options.topics)]
                events[place] = formats.event_of(record, setting, self.registry)
            except expect.Rejected as reason:
                rejected[place] = str(reason)
        decisions, places = self.check_decisions(raw, events, decided)
        told = self.tell(raw, events, decisions, decided)
        self.once("decisions", places, {place for place, what in told.items() if what.published})
        if self.stories:
            self.check_table(told, events)
            self.check_overdue()
        self.follow("billing", decisions, told, lambda place: told[place].billing)
        self.follow("risk", decisions, told, lambda place: expect.risk_bearing(decisions[place]))
        self.check_dead_letters(raw, rejected, decided)
        self.counts["distinct_events"] = len({d["decision_id"] for d in decisions.values()})
        return not self.problems

    def decided(self):
        """What `verdict decide` says about each line, by the line."""
        if not self.options.lines:
            return {}
        lines = open(self.options.lines, "rb").read().split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        answers = [json.loads(line) for line in open(self.options.decided, encoding="utf-8")]
        if len(lines) != len(answers):
            sys.exit(f"check: {len(lines)} lines, but decide printed {len(answers)}")
        return dict(zip(lines, answers))

    def once(self, kind, places, expected):
        """Each expected place once, and no other."""
        seen = collections.Counter(places)
        lost = expected - seen.keys()
        twice = sum(n - 1 for n in seen.values())
        self.counts[kind + "_lost"], self.counts[kind + "_twice"] = len(lost), twice
        for place in lost:
            self.problems[kind + ": lost"].append(str(place))
        for place in seen.keys() - expected:
            self.problems[kind + ": for no record"].append(str(place))
        if twice and not self.options.at_least_once:
            self.problems[kind + ": twice"].extend(str(p) for p, n in seen.items() if n > 1)

    def in_order(self, kind, sequence):
        """sequence: (source's key, its offset) as they stand in one output partition."""
        last, out_of_order = {}, 0
        for record, key, offset in sequence:
            if offset < last.get(key, -1):
                out_of_order += 1
                if not self.options.at_least_once:
                    self.problem(kind + ": out of order", record)
            last[key] = offset
        self.counts[kind + "_out_of_order"] = out_of_order

    def check_decisions(self, raw, events, decided):
        found, places, sequence = {}, [], []
        for record in self.read("decisions"):
            decision = self.decode(record)
            place = place_of(decision)
            places.append(place)
            if place not in events:
                continue
            sequence.append((record, (*place[:2], decision["verification_id"]), place[2]))
            found[place] = {name: decision[name] for name in KEPT}
            if self.stories:
                self.encoded[self.digest(record)] = found[place]
            self.compare_event(record, decision, events[place])
            self.compare_decided(record, decision, decided.get(raw[place].value, {}).get("decision"))
            self.check_output(record, decision, "decisions", record.key == decision["verification_id"].encode())
            trace = raw[place].header("traceparent")
            self.require(record.header("traceparent") == trace, "traceparent not carried on", record)
            self.counts["traceparent"] += trace is not None
        self.in_order("decisions", sequence)
        return found, places

    def tell(self, raw, events, decisions, decided):
        """The Told of each event, by its place; compared with the decisions found there."""
        told, ids = {}, {}
        for place in sorted(events):
            event, record = events[place], raw[place]
            found = decisions.get(place, {})
            said = story.said_of(event, place, record.timestamp, found.get("decision_id", ""), found.get("occurred_at"))
            if self.stories is None:
                told[place] = story.alone(said)
            else:
                told[place] = self.stories.fold(said, event["verification_id"], record.key is not None)
                self.counts[f"transition {told[place].transition}"] += 1
            if found:
                self.compare_told(record, found, told[place])
            if found and self.stories:
                of = ids.setdefault((said.name, event["verification_id"]), Ids())
                for what, ours, theirs in of.compare_id(told[place].identity, found["decision_id"]):
                    self.problem(what, record, f"{theirs}, expected {ours}")
                alone = decided.get(record.value, {}).get("decision")
                if alone and told[place].identity[0] in ("id", "derived"):
                    self.require(alone["decision_id"] == found["decision_id"], "decide says otherwise", record, "id")
        return told

    def compare_told(self, record, decision, told):
        said = decision["lifecycle"] or {"transition": None, "sequence": 0, "current": False, "previous": None}
        if self.stories:
            self.counts[f"decided {said['transition']}"] += 1
        for name, theirs in said.items():
            ours = getattr(told, name)
            self.require(theirs == ours, "lifecycle: " + name, record, f"{theirs}, expected {ours}")
        theirs = set(decision["anomalies"]) & story.ANOMALIES
        self.require(theirs == told.anomalies, "anomalies of the story", record, f"{theirs}, expected {told}")

    def check_table(self, told, events):
        """The table holds what made each current word, and the latest record of a key is the current word."""
        words = collections.defaultdict(dict)  # the last of each story: one key can have several
        for place, what in told.items():
            if what.table:
                words[table_key(events[place])][place[:2]] = place
        latest, sequence, places = {}, [], collections.Counter()
        for record in self.read("verifications"):
            value = self.encoded.get(self.digest(record))
            if value is None:
                self.problem("verifications: not as a decision", record)
                continue
            self.check_schema(record)
            key, place = table_key(value), place_of(value)
            places[place] += 1
            self.check_output(record, value, "verifications", record.key == key.encode())
            self.require(place in told and told[place].table, "verifications: no new word", record, str(place))
            sequence.append((record, (*place[:2], key), place[2]))
            latest[key] = record, place
        self.in_order("verifications", sequence)
        self.counts["verifications_twice"] = sum(n - 1 for n in places.values())
        lost = words.keys() - latest.keys()
        self.counts["verifications_lost"] = len(lost)
        self.counts["verifications_keys"], self.counts["verifications_expected"] = len(latest), len(words)
        if self.counts["verifications_twice"]:
            self.problems["verifications: twice"].extend(str(place) for place, n in places.items() if n > 1)
        if lost:
            self.problems["verifications: lost"].extend(lost)
        for key, (record, place) in latest.items():
            holds = place in words[key].values()
            self.require(holds, "verifications: not the current word", record, f"{key}: {place}, not {words[key]}")

    def check_overdue(self):
        """One notice for each word that is past its deadline."""
        waiting = {
            what.word.place: what for what in self.stories.verifications.values()
            if self.options.now and what.word and what.deadline and what.deadline <= self.options.now}
        self.counts["overdue_expected"], places = len(waiting), []
        for record in self.read("overdue"):
            notice = self.decode(record)
            place = place_of(notice)
            places.append(place)
            if place not in waiting:
                continue
            what, key = waiting[place], notice["verification_id"]
            self.check_output(record, notice, "overdue", record.key == key.encode())
            ours = (what.word.decision_id, what.sequence, *(expect.time_of(ms) for ms in (what.since, what.deadline)))
            theirs = tuple(notice[name] for name in ("decision_id", "sequence", "since", "deadline"))
            self.require(ours == theirs, "overdue: differs from its word", record, f"{theirs}, expected {ours}")
        self.once("overdue", places, waiting.keys())

    def compare_event(self, record, decision, event):
        for name in ("provider", "product", "verification_id", "product_variant", "subject_ref", "journey_ref",
                     "account"):
            self.require(decision[name] == (event.get(name) or None), "a fact of the event differs", record, name)
        if event.get("event_id"):
            self.require(decision["event_id"] == event["event_id"], "a fact of the event differs", record, "event_id")
        status = event["status"].strip(mapping.SPACE)
        self.require(decision["provider_status"] == status, "a fact of the event differs", record, "status")
        attempt = event.get("attempt") or 1
        self.require(decision["attempt"] == attempt, "a fact of the event differs", record, "attempt")
        self.compare_meaning(record, decision, event)
        wrong = decision["outcome"] == "INCONCLUSIVE" and decision["billing"]["flag"] == "BILLABLE"
        self.require(not wrong, "an inconclusive verification is charged", record)
        if "micros" in event:
            self.require(formats.said(event) == formats.repeated(decision), "a fact of the event differs", record,
                         f"{formats.said(event)} {formats.repeated(decision)}")
        if self.stories is None:
            self.require(decision["lifecycle"] is None, "a lifecycle without state", record)
        self.counts["outcome " + decision["outcome"]] += 1

    def compare_meaning(self, record, decision, event):
        """What the event means: by the second mapping, and by the decision."""
        expected = expect.expected(event, [r["code"] for r in decision["reasons"]])
        retry, rest = decision["retry"], expected.rest
        provided = decision["occurred_at"] if decision["occurred_at_source"] == "PROVIDER" else None
        pairs = {
            "outcome": (decision["outcome"], expected.outcome), "ended": (decision["ended"], expected.ended),
            "final": (decision["final"], expected.final), "billing flag": (decision["billing"]["flag"], expected.flag),
            "expires_at": (retry["expires_at"], expect.expiry(rest, provided)),
        }
        if rest:
            pairs |= {
                "category": (decision["category"], rest.category),
                "primary code": (decision["primary_code"], rest.primary_code),
                "signature": (decision["signature"], rest.signature),
                "advice": (retry["advice"], rest.advice), "scope": (retry["scope"], rest.scope),
                "actions": (tuple(retry["actions"]), rest.actions), "fields": (tuple(retry["fields"]), rest.fields),
                "anomalies": (anomalies(decision) - story.ANOMALIES, set(rest.anomalies)),
                "risk event": (expect.risk_bearing(decision), "risk" in rest.routes),
            }
            self.counts["same_as_mapping"] += 1
        for name, (said, must) in pairs.items():
            self.require(said == must, name, record, f"{said}, expected {must}")

    def compare_decided(self, record, decision, other):
        """Kafka and the command line say the same, but for where and when the record was read."""
        if other is None:
            return
        ours, theirs = self.comparable(decision), self.comparable(other)
        differ = [k for k in ours if ours[k] != theirs.get(k)]
        self.require(ours == theirs, "decide says otherwise", record, str(differ))
        self.counts["same_as_decide"] += 1

    def comparable(self, decision):
        same = {k: v for k, v in decision.items() if k not in ("source", "lifecycle")}
        same["anomalies"] = anomalies(decision) - story.ANOMALIES
        if decision["occurred_at_source"] == "RECORD":
            same.pop("occurred_at")
        if self.stories:  # the story can give another id
            del same["decision_id"], same["event_id"]
        return same

    def check_output(self, record, value, kind, key_holds):
        """Key, partition and CloudEvents headers."""
        ce_type, letter = KINDS[kind]
        verification = value["verification_id"]
        id_, time = ("overdue_id", "deadline") if kind == "overdue" else ("decision_id", "occurred_at")
        self.require(key_holds, kind + ": key", record)
        self.require(record.partition == self.partition(record.topic, verification), kind + ": partition", record)
        expected = {
            "ce_specversion": "1.0", "ce_type": ce_type, "ce_subject": verification,
            "ce_id": f"{value[id_]}:{letter}:{value['rules_version']}",
            "ce_source": f"/verdict/{value['provider']}/{value['product']}", "ce_time": value[time],
            "content-type": "application/json" if self.options.json else "application/avro",
        }
        headers = dict(record.headers)
        got = {name: headers.get(name, b"").decode() for name in expected}
        differ = [k for k in got if got[k] != expected[k]]
        self.require(got == expected, kind + ": CloudEvents headers", record, str(differ))

    def partition(self, topic, text):
        if (topic, text) not in self.partition_of:
            self.partition_of[topic, text] = murmur2(text.encode()) % self.topics.partitions[topic]
        return self.partition_of[topic, text]

    def follow(self, kind, found, told, holds):
        """Records that must follow from those of the decisions found whose place holds, one each."""
        decisions = collections.defaultdict(list)  # an id of the provider's can come again with other content
        for d in found.values():
            decisions[d["decision_id"]].append(d)
        expected = collections.Counter(d["decision_id"] for place, d in found.items() if holds(place))
        self.counts[kind + "_expected"] = sum(expected.values())
        charges, places, sequence = {}, collections.Counter(), []
        for record in self.read(kind):
            value = self.decode(record)
            places[value["decision_id"]] += 1
            key = value["charge_id"] if kind == "billing" else value["verification_id"]
            self.check_output(record, value, kind, record.key == key.encode())
            if value["decision_id"] not in decisions:
                continue
            of = decisions[value["decision_id"]]
            if kind == "billing" and found.get(place_of(value)) in of:
                of = [found[place_of(value)]]
            same = (d for d in of if all(value[name] == d[name] for name in REPEATED)
                    and anomalies(value) == anomalies(d))
            self.compare_facts(kind, record, value, next(same, of[0]))
            if kind == "billing":
                place = place_of(value)
                sequence.append((record, (*place[:2], key), place[2]))
                self.compare_charge(record, value, found.get(place), told.get(place))
                fact = tuple(value[n] for n in ("provider", "product", "product_variant", "verification_id", "attempt"))
                known = charges.setdefault(value["charge_id"], fact)
                self.require(known == fact, "one charge_id for two facts", record)
                self.counts["billing " + value["flag"]] += 1
        self.in_order(kind, sequence)
        self.counts[kind + "_lost"] = sum((expected - places).values())
        self.counts[kind + "_twice"] = sum((places - expected).values())
        if self.counts[kind + "_lost"]:
            self.problems[kind + ": lost"].extend(expected - places)
        if self.counts[kind + "_twice"] and not self.options.at_least_once:
            self.problems[kind + ": more than decisions ask for"].extend(places - expected)

    def compare_facts(self, kind, record, value, source):
        names = REPEATED + {"billing": ("account",), "risk": ("final", "risk")}[kind]
        if value["occurred_at_source"] == "PROVIDER":  # else two deliveries of one event have two times
            names += ("occurred_at",)
        for name in names:
            self.require(value[name] == source[name], f"{kind} differs from its decision", record, name)
        same = anomalies(value) == anomalies(source)
        self.require(same, f"{kind} differs from its decision", record, "anomalies")
        if kind == "risk":
            bearing = [r for r in source["reasons"] if not r["known"] or expect.reason_bears_risk(source, r)]
            self.require(value["reasons"] == bearing, "risk differs from its decision", record, "reasons")

    def compare_charge(self, record, value, source, told):
        if source is None or source["decision_id"] != value["decision_id"]:
            self.problem("billing: source of another decision", record)
            return
        same = value["flag"] == source["billing"]["flag"]
        self.require(same, "billing differs from its decision", record, "flag")
        since = told.flag_since
        self.require(value["flag_since"] == since, "billing: flag_since", record, f"{value['flag_since']} not {since}")

    def check_dead_letters(self, raw, rejected, decided):
        places, sequence = [], []
        for record in self.read("deadletter"):
            place = (record.header("verdict-source-topic"), int(record.header("verdict-source-partition")),
                     int(record.header("verdict-source-offset")))
            places.append(place)
            if place not in rejected:
                continue
            original, reason = raw[place], record.header("verdict-reason")
            sequence.append((record, (place[0], place[1], original.key), place[2]))
            self.counts["reason " + reason] += 1
            expected = rejected[place]
            self.require(reason == expected, "dead letter: reason", record, f"{reason}, expected {expected}")
            answer = decided.get(original.value or b"", {}).get("dead_letter")
            if answer:
                said = {"reason": reason, "detail": record.header("verdict-detail")}
                self.require(answer == said, "decide says otherwise", record, f"{answer} {said}")
                self.counts["same_as_decide"] += 1
            self.compare_original(record, original)
        self.once("deadletter", places, rejected.keys())
        self.in_order("deadletter", sequence)


    def compare_original(self, record, original):
        """Byte for byte, or by length and SHA-256 if it is larger than the dead-letter topic takes."""
        added, value = ADDED, original.value
        if record.header("verdict-value-sha256"):
            digest = hashlib.sha256(value).hexdigest()
            added = ADDED | {"verdict-value-sha256", "verdict-value-bytes"}
            said = (record.header("verdict-value-sha256"), record.header("verdict-value-bytes"))
            self.require(said == (digest, str(len(value))), "dead letter: digest", record)
            value = json.dumps({"sha256": digest, "bytes": len(value)}, separators=(",", ":")).encode()
            self.counts["deadletter_by_digest"] += 1
        self.require((record.key, record.value) == (original.key, value), "dead letter: not byte for byte", record)
        kept = len(original.headers)
        self.require(record.headers[:kept] == original.headers, "dead letter: headers", record)
        self.require({name for name, _ in record.headers[kept:]} == added, "dead letter: added headers", record)
        timestamp = int(record.header("verdict-source-timestamp"))
        self.require(timestamp == original.timestamp, "dead letter: timestamp", record)
        if record.key is not None:
            partition = murmur2(record.key) % self.topics.partitions[record.topic]
            self.require(record.partition == partition, "dead letter: partition", record)


def anomalies(value):
    """Those of what the event says; its key is the record's."""
    return set(value["anomalies"]) - {"KEY_MISMATCH"}


def place_of(value):
    return tuple(value["source"][name] for name in ("topic", "partition", "offset"))


def table_key(value):
    return f"{value['provider']}/{value['product']}/{value['verification_id']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--registry", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--topics", default="")
    parser.add_argument("--lines", default="")
    parser.add_argument("--decided", default="")
    parser.add_argument("--at-least-once", action="store_true")
    parser.add_argument("--state", action="store_true")
    parser.add_argument("--retention", type=int, default=30)
    parser.add_argument("--now", type=int)
    parser.add_argument("--partition", type=int)
    parser.add_argument("--raw", action="append")
    gc.disable()  # everything read stays until the end: nothing to collect
    check = Check(parser.parse_args())
    passed = check.run()
    if check.options.partition is not None and len(set(check.topics.partitions.values())) > 1:
        sys.exit(f"check: --partition: topics differ in their number of partitions: {check.topics.partitions}")
    for kind, cases in sorted(check.problems.items()):
        check.counts["wrong: " + kind] = len(cases)
        print(f"{kind}: {len(cases)}, for example {cases[0]}", file=sys.stderr)
    print(json.dumps(dict(sorted(check.counts.items()))))
    sys.exit(0 if passed else 1)


main()
