#!/usr/bin/env -S python3 -B
"""Holds the counts of `verdict diff` against a count of its own.

    diff.py [--events N] [--seed SEED] [--verdict PATH]

Makes N events, and a second catalog that differs from the built-in one in an outcome, charges, categories, a range, a
step of a flow, a code that is gone and a vocabulary that is gone. Decides the events twice with `verdict decide`, once
by each catalog, compares the two answers line by line, and counts what differs: by field, vocabulary, status and code,
what is decided on one side only, and whose charges have another flag in the end. `verdict diff` must count the same, in
both directions. The program is built from this folder unless PATH names one. Ends with 1 if anything differs.
"""

import argparse
import collections
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
AT = "2026-11-25T00:00:00Z"
NOT_LISTED = "not listed"

# What the second catalog says otherwise: file, text, text instead.
EDITS = (
    ("fourthline-idv.yaml",
     "      300:\n        outcome: REVIEW\n        origin: policy\n        final: true\n"
     "        report_available: true\n        retry: {advice: AWAIT_REVIEW, scope: NONE, origin: policy}",
     "      300:\n        outcome: APPROVED\n        origin: operator\n        final: true\n"
     "        report_available: true\n        retry: {advice: NOT_APPLICABLE, scope: NONE, origin: operator}"),
    ("fourthline-idv.yaml",
     "billing:\n  otherwise: {name: silent, flag: UNDETERMINED, origin: source}",
     "billing:\n  rules:\n"
     "    - {name: refused, when: {status: [completed], risk_code: [500]}, flag: BILLABLE, origin: operator}\n"
     "    - {name: retried, when: {attempt: {from: 2}}, flag: NOT_BILLABLE, origin: operator}\n"
     "  otherwise: {name: silent, flag: UNDETERMINED, origin: source}"),
    ("fourthline-idv.yaml", "  - {from: new, to: invalid_data, origin: reading}\n", ""),
    ("fourthline-idv.yaml", "series: home address, category: DATA, disclosable: true",
     "series: home address, category: UNKNOWN, disclosable: false"),
    ("yousign-video.yaml", "{name: charged, when: {status: [approved, declined]}, flag: BILLABLE, origin: source}",
     "{name: charged, when: {status: [approved]}, flag: BILLABLE, origin: source}"),
    ("yousign-video.yaml", "{code: 1201, statuses: [inconclusive], series: technical, category: TECHNICAL,",
     "{code: 1201, statuses: [inconclusive], series: technical, category: PROVIDER,"),
    ("yousign-video.yaml", "{code: 1402,", "{code: 1499,"),
)
GONE = "ubble-idv.yaml"


def second_catalog(folder):
    shutil.copytree(ROOT / "rules/catalog", folder)
    for name, text, instead in EDITS:
        path = folder / name
        before = path.read_text()
        if text not in before:
            sys.exit(f"{name} has no {text!r}: bring EDITS up to date")
        path.write_text(before.replace(text, instead, 1))
    (folder / GONE).unlink()


def leaves(value, path=""):
    """A decision's fields by their paths; lists are values, reasons are left to reasons_of."""
    for name, inner in value.items():
        at = f"{path}.{name}" if path else name
        if at in ("rules_version", "source", "reasons", "risk", "metadata"):
            continue
        if at == "lifecycle" and inner is None:
            inner = dict.fromkeys(("sequence", "transition", "current", "previous"))
        if isinstance(inner, dict):
            yield from leaves(inner, at)
        else:
            yield at, inner
    if not path:
        yield "risk", value["risk"]
        yield "metadata", value["metadata"]


def reasons_of(decision):
    return {reason["code"]: reason for reason in decision["reasons"]}


def changed_fields(old, new):
    ours = dict(leaves(new))
    fields = {name for name, value in leaves(old) if value != ours[name]}
    if fields & {"provider", "product"}:
        fields = fields - {"provider"} | {"product"}
    before, after = reasons_of(old), reasons_of(new)
    for code in before.keys() | after.keys():
        if code not in before or code not in after:
            fields.add("reasons")
            continue
        fields |= {f"reasons.{name}" for name, value in before[code].items() if after[code][name] != value}
    return fields


def becomes(answer):
    if "dead_letter" in answer:
        return "dead letter: " + answer["dead_letter"]["reason"]
    return "repeat" if "repeat" in answer else "decision"


def code_text(code):
    return code if code.isdigit() and code.isascii() else "unreadable"


class Catalog:
    """What the new catalog lists, as `verdict catalog` says it: names of vocabularies, statuses and risk codes."""

    def __init__(self, said):
        self.vocabularies = {}
        for v in said["vocabularies"]:
            statuses = {}
            for s in v["statuses"]:
                for spelling in [s["name"], *(s.get("aliases") or [])]:
                    statuses[spelling] = s["name"]
            risks = {r["code"] for r in v.get("risk_codes") or []}
            self.vocabularies[v["provider"], v["product"]] = v["name"], statuses, risks

    def status_of(self, decision):
        name, statuses, risks = self.vocabularies[decision["provider"], decision["product"]]
        risk = decision["risk"]
        text = "" if risk is None else str(risk["code"]) if risk["code"] in risks else NOT_LISTED
        return name, statuses.get(decision["provider_status"], NOT_LISTED), text


class Count:
    """What differs between two answers about the same events."""

    def __init__(self, catalog):
        self.catalog = catalog
        self.events = self.compared = self.differ = self.basis_alone = 0
        self.fields, self.statuses, self.codes = (collections.Counter() for _ in range(3))
        self.vocabularies, self.became, self.neither = (collections.Counter() for _ in range(3))
        self.charges = {}  # by what is charged: old flag, new flag, month

    def add(self, old, new):
        self.events += 1
        if "decision" in old and "decision" in new:
            self.compare(old["decision"], new["decision"])
        elif becomes(old) != becomes(new):
            self.became[becomes(old), becomes(new)] += 1
        else:
            self.neither[becomes(new)] += 1
        self.charge(old, new)

    def compare(self, old, new):
        self.compared += 1
        fields = changed_fields(old, new)
        if not fields:
            return
        self.differ += 1
        self.basis_alone += all(name.endswith("basis") for name in fields)
        self.fields.update(fields)
        status = self.catalog.status_of(new)
        self.statuses[status] += 1
        self.vocabularies[status[0]] += 1
        self.codes.update((status[0], code_text(code)) for code in reasons_of(old).keys() | reasons_of(new).keys())

    def charge(self, old, new):
        sides = [answer["decision"] if "billing" in answer.get("routes", ()) else None for answer in (old, new)]
        for decision in sides:
            if decision is None:
                continue
            key = tuple(decision[name] for name in
                        ("provider", "product", "product_variant", "verification_id", "attempt"))
            flags = list(self.charges.get(key, ("NONE", "NONE"))[:2])
            for at, side in enumerate(sides):
                if side is not None:
                    flags[at] = side["billing"]["flag"]
            self.charges[key] = (*flags, decision["occurred_at"][:7])

    def effect(self):
        return collections.Counter(
            (*key[:2], month, old, new) for key, (old, new, month) in self.charges.items() if old != new)


def told(report):
    """The program's counts, in the same form."""
    return {
        "events": report["events"], "compared": report["decisions_compared"],
        "differ": report["decisions_that_differ"], "basis alone": report["differ_in_a_basis_alone"],
        "by field": {c["name"]: c["count"] for c in report["by_field"]},
        "by vocabulary": {c["name"]: c["count"] for c in report["by_vocabulary"]},
        "by status": {(c["vocabulary"], c["status"], c.get("risk_code", "")): c["count"] for c in report["by_status"]},
        "by code": {(c["vocabulary"], c["code"]): c["count"] for c in report["by_code"]},
        "became": {(c["old"], c["new"]): c["count"] for c in report["became"]},
        "one side": report["decided_on_one_side"],
        "neither": {c["name"]: c["count"] for c in report["decided_by_neither"]},
        "charges": {(c["provider"], c["product"], c["month"], c["old"], c["new"]): c["count"]
                    for c in report["charges"]},
    }


def counted(count):
    return {
        "events": count.events, "compared": count.compared, "differ": count.differ, "basis alone": count.basis_alone,
        "by field": dict(count.fields), "by vocabulary": dict(count.vocabularies), "by status": dict(count.statuses),
        "by code": dict(count.codes), "became": dict(count.became),
        "one side": sum(n for sides, n in count.became.items() if "decision" in sides),
        "neither": dict(count.neither), "charges": dict(count.effect()),
    }


def of_rules(verdict, rules, *arguments):
    return [verdict, *arguments] + ([] if rules is None else ["--set", f"catalog.dir={rules}"])


def answers(verdict, rules, events):
    command = of_rules(verdict, rules, "decide", "--format", "json", "--at", AT)
    with subprocess.Popen([*command, str(events)], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")


def compare(verdict, events, old, new):
    said = json.loads(subprocess.run(of_rules(verdict, new, "catalog", "--format", "json"), check=True,
                                     stdout=subprocess.PIPE).stdout)
    count = Count(Catalog(said))
    for before, after in itertools.zip_longest(answers(verdict, old, events), answers(verdict, new, events)):
        count.add(before, after)
    command = of_rules(verdict, new, "diff", "--format", "json", "--at", AT, "--against", str(old or "built-in"))
    done = subprocess.run([*command, str(events)], stdout=subprocess.PIPE, check=False)
    if done.returncode != 3:
        sys.exit(f"{command} ended with {done.returncode}, wanted 3: there are differences")
    ours, theirs = counted(count), told(json.loads(done.stdout))
    wrong = 0
    for name, value in ours.items():
        if theirs[name] != value:
            wrong += 1
            print(f"{name}: counted here {value}, by the program {theirs[name]}")
    for name in ("by field", "by vocabulary", "by status", "by code", "became", "charges"):
        if not ours[name]:
            wrong += 1
            print(f"{name}: nothing differs, so that nothing is shown")
    print(f"{ours['events']} events, {ours['compared']} compared, {ours['differ']} differ,",
          f"{len(ours['by field'])} fields, {sum(ours['became'].values())} decided on one side only,",
          f"{sum(ours['charges'].values())} charges")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verdict", help="the program")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        verdict = arguments.verdict or str(folder / "verdict")
        if not arguments.verdict:
            subprocess.run(["go", "build", "-o", verdict, "./cmd/verdict"], cwd=ROOT, check=True)
        events = folder / "events.jsonl"
        with events.open("wb") as out:
            subprocess.run([verdict, "generate", "--count", str(arguments.events), "--seed", str(arguments.seed),
                            "--repeats", "0.05", "--late", "0.05", "--reversed", "0.02"], check=True, stdout=out)
        second_catalog(folder / "second")
        wrong = compare(verdict, events, None, folder / "second")
        wrong += compare(verdict, events, folder / "second", None)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
