#!/usr/bin/env -S python3 -B
"""Compares the cases of the built-in catalog with the second mapping and the second story.

What they expect must be what the tables and the contract say, and not only what the program does.

    cases.py

Prints what differs and ends with 1 if anything does. Of ubble, whose codes are not in the tables, only outcome, ended,
final, flag, place in the story and dead letters are compared.
"""

import collections
import datetime
import json
import pathlib
import re
import sys
from typing import NamedTuple

import expect
import formats
import mapping
import story

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent / "rules" / "catalog" / "cases"
DEFAULT_AT = "2026-01-01T00:00:00Z"
KEY = re.compile(r'("(?:[^"\\]|\\.)*"|[\w.-]+):(?: +(.*))?$')
TOKEN = re.compile(r'\s*(?:([{}\[\],])|("(?:[^"\\]|\\.)*")(\s*:)?|(\'(?:[^\']|\'\')*\')|([^\s{}\[\],"\'][^{}\[\],]*?)'
                   r'(?=\s*(?:[{}\[\],]|:\s|$))(\s*:(?=\s|$))?)')


class Lines:
    """The lines of a file in the small part of YAML that the files of cases are written in: block and flow mappings and
    lists, plain and quoted texts. Comments have lines of their own."""

    def __init__(self, text):
        self.lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
        self.at = 0

    def indent(self):
        line = self.lines[self.at] if self.at < len(self.lines) else ""
        return len(line) - len(line.lstrip()) if line else -1

    def block(self):
        """The mapping or list that begins here, with all lines that are indented as far."""
        indent = self.indent()
        if self.lines[self.at].lstrip().startswith("- "):
            items = []
            while self.indent() == indent and self.lines[self.at].lstrip().startswith("- "):
                rest = self.lines[self.at][indent + 2:]
                if KEY.match(rest):
                    self.lines[self.at] = " " * (indent + 2) + rest
                    items.append(self.block())
                else:
                    items.append(self.value(rest))
            return items
        found = {}
        while self.indent() == indent:
            match = KEY.match(self.lines[self.at].strip())
            key, rest = scalar(match[1]), match[2]
            if rest:
                found[key] = self.value(rest)
            else:
                self.at += 1
                found[key] = self.block()
        return found

    def value(self, text):
        """A value that begins in this line; where its brackets are open, it goes on in those below."""
        while True:
            self.at += 1
            brackets = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'', "", text)
            if sum(brackets.count(c) for c in "{[") == sum(brackets.count(c) for c in "}]"):
                break
            text += " " + self.lines[self.at].strip()
        if text[0] not in "{[":
            return scalar(text.strip())
        return Flow(text).value()


class Flow:
    """A value in flow style."""

    def __init__(self, text):
        self.tokens = []
        for mark, double, colon, single, plain, colon2 in TOKEN.findall(text):
            self.tokens.append(mark or (double or single or plain, bool(colon or colon2)))
        self.tokens.reverse()

    def value(self):
        token = self.tokens.pop()
        if token == "{":
            found = {}
            while (token := self.tokens.pop()) != "}":
                if token != ",":
                    found[scalar(token[0])] = self.value()
            return found
        if token == "[":
            items = []
            while self.tokens[-1] != "]":
                if self.tokens[-1] == ",":
                    self.tokens.pop()
                else:
                    items.append(self.value())
            self.tokens.pop()
            return items
        return scalar(token[0])


def scalar(text):
    if text.startswith('"'):
        return json.loads(text)
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text):
        return json.loads(text)
    return {"null": None, "true": True, "false": False}.get(text, text)


class Record(NamedTuple):
    value: bytes

    def header(self, _):
        return None


class Differences:
    def __init__(self):
        self.counts = collections.Counter()
        self.differs = collections.Counter()
        self.examples = collections.defaultdict(list)

    def differ(self, what, where, ours, theirs):
        what = f"cases: {what}"
        self.differs[what] += 1
        self.examples[what].append(f"{where}\n    the tables: {ours}\n    the case: {theirs}")

    def compare(self, what, where, ours, theirs):
        self.counts["expected values"] += 1
        if ours != theirs:
            self.differ(what, where, ours, theirs)

    def result(self):
        return self.counts, self.differs, dict(self.examples)


def check():
    """Compares all files: counts, differences by kind, and examples."""
    found = Differences()
    for path in sorted(DIRECTORY.glob("*.yaml")):
        content = Lines(path.read_text(encoding="utf-8")).block()
        for case in content["cases"]:
            found.counts["cases"] += 1
            check_case(found, f"{path.name}: {case['name']}", content.get("defaults", {}), case)
    return found.result()


def check_case(found, where, defaults, case):
    stories, decisions = story.Stories(), 0
    outer = defaults | {key: value for key, value in case.items() if key in ("at", "key")}
    outer["topic"] = defaults.get("topic", {}) | case.get("topic", {})
    at = outer.get("at", DEFAULT_AT)
    for offset, item in enumerate(case.get("events", [case])):
        at = item.get("at", at)
        topic, wanted = outer["topic"] | item.get("topic", {}), item.get("expect", {})
        try:
            event = read(item, topic, defaults.get("event", {}))
        except expect.Rejected as rejection:
            found.compare("rejected", where, f"{rejection}", wanted.get("rejected"))
            continue
        found.compare("rejected", where, None, wanted.get("rejected"))
        key = {**outer, **item}.get("key", event["verification_id"])
        said = story.said_of(event, ("raw", 0, offset), milliseconds(at), f"{decisions:08x}", moment_of(event, at))
        told = stories.fold(said, (key, event["verification_id"]), key is not None)
        decisions += told.published
        compare_event(found, where, event, said, told, wanted, key == event["verification_id"])


def read(item, topic, defaults):
    """The event of an item."""
    if "event" in item:
        body = {"verification_id": "v-1"} | defaults | item["event"]
        value = json.dumps(body)
    else:
        body = item["body"]
        value = body if isinstance(body, str) else json.dumps(body)
    setting = formats.Setting(topic.get("format", "canonical"), topic.get("product", ""), topic.get("integration", ""))
    event = formats.event_of(Record(value.encode()), setting, None)
    if not story.given(event.get("account")):
        event["account"] = topic.get("account")
    return event


def milliseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def moment_of(event, at):
    """The decision's occurred_at."""
    micros = story.micros_of(event)
    if micros is None:
        micros = milliseconds(at) * 1000
    return expect.plain_time(datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) +
                             datetime.timedelta(microseconds=micros))


def compare_event(found, where, event, said, told, wanted, keyed):
    codes = tuple(sorted(formats.plain(str(code)) for code in event.get("codes") or ()))
    ours = expect.expected(event, codes)
    published = {"decision": told.published, "verification": told.published and told.table,
                 "billing": told.published and told.billing}
    if ours.rest is not None:
        published["risk"] = told.published and "risk" in ours.rest.routes
    for output, is_published in published.items():
        if output in wanted:
            found.compare(f"{output} is published", where, is_published, wanted[output] != "none")
    for output in ("decision", "verification", "billing", "risk"):
        fields = wanted.get(output)
        if isinstance(fields, dict):
            compare_fields(found, where, known_of(event, ours, said, told, keyed), fields, output)


def known_of(event, ours, said, told, keyed):
    """The fields of all outputs that are known here."""
    known = {
        "outcome": ours.outcome, "ended": ours.ended, "final": ours.final, "flag": ours.flag,
        "billing": {"flag": ours.flag}, "occurred_at": said.at, "flag_since": told.flag_since,
        "occurred_at_source": "RECORD" if said.micros is None else "PROVIDER", "provider_status": event["status"],
        "environment": (event.get("environment") or "live").upper(), "attempt": said.attempt,
        "lifecycle": None if told.transition is None else {
            "transition": told.transition, "current": told.current, "sequence": told.sequence},
    }
    for name in ("provider", "product", "verification_id", "event_id", "account", "product_variant", "subject_ref"):
        known[name] = story.given(event.get(name))
    if known["event_id"] is None:
        del known["event_id"]
    if ours.rest is None:
        return known
    rest = ours.rest
    risk = rest.risk and {"code": rest.risk[0], "level": rest.risk[1]}
    reasons = [reason_of(said.name, code) for code in rest.reasons]
    return known | {
        "outcome_basis": rest.outcome_basis, "signature": rest.signature, "category": rest.category,
        "primary_code": rest.primary_code, "risk": risk, "risk_code": rest.risk and rest.risk[0], "reasons": reasons,
        "retry": {"advice": rest.advice, "scope": rest.scope, "actions": list(rest.actions),
                  "fields": list(rest.fields), "expires_at": expect.expiry(rest, said.micros and said.at)},
        "report_available": rest.report_available,
        "anomalies": sorted({*rest.anomalies, *told.anomalies, *(() if keyed else ("KEY_MISMATCH",))}),
    }


def reason_of(name, text):
    code = mapping.read(name, text)
    reason = {"code": code.text, "series": code.series or None, "category": code.category, "effect": code.effect,
              "no_retry": code.no_retry, "known": code.listed, "bears_risk": code.bears_risk}
    if code.disclosable is not None:
        reason["disclosable"] = code.disclosable
    return reason


def compare_fields(found, where, known, fields, output):
    for name, theirs in fields.items():
        if name not in known:
            continue
        ours, what = known[name], f"{output}.{name}"
        if name == "anomalies":
            theirs = sorted(theirs)
        if name == "reasons":
            compare_reasons(found, where, ours, theirs, output)
        elif isinstance(theirs, dict) and isinstance(ours, dict):
            compare_fields(found, where, ours, theirs, what)
        else:
            found.compare(what, where, plain(ours), plain(theirs))


def compare_reasons(found, where, ours, theirs, output):
    if output == "risk":  # has those alone that bear on risk, and those that are not listed
        ours = [reason for reason in ours if reason["bears_risk"] or not reason["known"]]
    found.compare(f"{output}.reasons", where, len(ours), len(theirs))
    for our, their in zip(ours, theirs):
        compare_fields(found, where, our, their, f"{output}.reasons")


def plain(value):
    """A case may write a code as a number, and a time with a fraction as it likes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def main():
    counts, differs, examples = check()
    for what, number in sorted(differs.items()):
        print(f"{what}: {number} differ")
        for example in examples[what]:
            print("  " + example)
    print(", ".join(f"{number:,} {what}" for what, number in sorted(counts.items())))
    sys.exit(1 if differs else 0)


if __name__ == "__main__":
    main()
