#!/usr/bin/env -S python3 -B
"""Compares what the built program decides with the second mapping, event by event.

    agree.py [--events N] [--seed SEED] [--verdict PATH]

First each code of the tables under each status of its vocabulary, with each risk code and none, through both
integrations and none; then N random events with up to three codes of all kinds. The program is built from this folder
unless PATH names one. Also held, over the same events: an approval stands only where every code may accompany it, and
what a page advises for a code is in the advice unless a rule of the contract takes precedence. Prints the counts and
each kind of disagreement with examples; ends with 1 if there is any.
"""

import argparse
import collections
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import mapping

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRODUCTS = {
    "yousign-video": ("yousign", "video"),
    "fourthline-idv": ("fourthline", "identity_verification"),
    "fourthline-docauth": ("fourthline", "document_authentication"),
}
INTEGRATIONS = (None, "sdk", "api")
UNKNOWN_STATUSES = ("rejected", "Approved", "timed_out", "success", "refused", "COMPLETED", "completed2", "?")
# The provider's time of an event that has one, and when what it asks for can no longer be done.
TIME, EXPIRY = "2026-11-21T10:00:00Z", "2026-11-21T10:15:00Z"
CHUNK = 25_000
EXAMPLES = 3


def events_of(name, statuses, codes, risks):
    for status, texts, risk, integration in itertools.product(statuses, codes, risks, INTEGRATIONS):
        yield name, status, texts, risk, integration, None, False


def all_pairs():
    """Each code alone, and none, under each status."""
    for name, said in mapping.SAID.items():
        codes = [(number,) for vocabulary, number in mapping.LISTED if vocabulary == name] + [()]
        risks = [None, *mapping.BY_RISK[name], 999]
        statuses = [*said, *mapping.ALIASES.get(name, {}), UNKNOWN_STATUSES[0]]
        yield from events_of(name, statuses, codes, risks)


class Pools:
    """What random events of a vocabulary are made of."""

    def __init__(self, name):
        self.name = name
        listed = [number for vocabulary, number in mapping.LISTED if vocabulary == name]
        others = sorted({number for _, number in mapping.LISTED} - set(listed))
        self.statuses = [*mapping.SAID[name], *mapping.ALIASES.get(name, {})]
        ranges = [(int(r["from"]), int(r["to"])) for r in mapping.RANGES if r["vocabulary"] == name]
        in_ranges = [number for low, high in ranges
                     for number in {*range(low, high, 97), low, low + 1, high} if number not in listed]
        outside = [0, 1, 7, 99, 999, 6999, 7000, 9999, 13010, 61101, 62301, 2**31, 10**17]
        unread = ["x", "13O1", "FRAUD", "IDDV_2301", "idvv_1301", "IDVV_", "IDVV_x", "-1", "+1301", "1301.0", "1 301",
                  "0x515", "9" * 18, "9" * 19, "1" * 30, "\u0661\u0663\u0660\u0661", "5100;", "5100,5150"]
        self.plain = [
            [n for n in listed if status in mapping.read(name, n).statuses] or listed for status in self.statuses]
        self.kinds = [listed, in_ranges, others, outside, unread, listed, in_ranges, others]
        self.spelt = [str, "0{}".format, "00{}".format, " {}\t".format, "IDVV_{}".format, "IDVV_00{}".format,
                      "IDVV_{} ".format]
        self.risks = [None, *mapping.BY_RISK[name], *mapping.BY_RISK["fourthline-idv"], 0, 100, 201, 999, 2**31 - 1]

    def event(self, rng):
        roll = rng.random
        at = int(roll() * len(self.statuses))
        status, own = self.statuses[at], self.plain[at]
        if roll() < 0.04:
            status = rng.choice(UNKNOWN_STATUSES)
        elif roll() < 0.04:
            status = rng.choice((" {}", "{}\t", "\n{} ", "\u00a0{}")).format(status)
        codes = tuple(self.code(rng, own) for _ in range(int(roll() * 4)))
        risk = None
        if roll() < (0.8 if self.statuses[at] == "completed" else 0.05):
            risk = self.risks[int(roll() * (len(self.risks) if roll() < 0.3 else 1 + len(mapping.BY_RISK[self.name])))]
        environment = None if roll() < 0.8 else "sandbox" if roll() < 0.5 else "live"
        return self.name, status, codes, risk, INTEGRATIONS[int(roll() * 3)], environment, roll() < 0.3

    def code(self, rng, own):
        roll = rng.random
        kind = own if roll() < 0.5 else self.kinds[int(roll() * len(self.kinds))]
        code = kind[int(roll() * len(kind))]
        if isinstance(code, int) and roll() < 0.3:
            return self.spelt[int(roll() * len(self.spelt))](code)
        return code


def line_of(event):
    name, status, codes, risk, integration, environment, timed = event
    provider, product = PRODUCTS[name]
    body = {"provider": provider, "product": product, "verification_id": "v", "status": status, "codes": codes}
    if risk is not None:
        body["risk_code"] = risk
    if integration:
        body["integration"] = integration
    if environment:
        body["environment"] = environment
    if timed:
        body["occurred_at"] = TIME
    return json.dumps(body)


class Comparison:
    """Counts what was compared, and keeps the first examples of what differs."""

    def __init__(self, bearing):
        self.bearing = bearing  # by vocabulary: the program's own word on which codes bear risk
        self.counts = collections.Counter()
        self.differs = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.reasons = set()

    def differ(self, what, line, ours, theirs):
        self.differs[what] += 1
        if len(self.examples[what]) < EXAMPLES:
            self.examples[what].append(f"{line}\n    the tables: {ours}\n    the program: {theirs}")

    def compare(self, event, line, answer):
        decision = answer.get("decision")
        if decision is None:
            self.differ("no decision", line, "a decision", answer)
            return
        name, status, codes, risk, integration, environment, timed = event
        ours = mapping.decide(name, status, codes, risk, integration, environment)
        theirs = self.answer_of(name, decision, timed)
        self.counts[ours.outcome] += 1
        if timed != ours.expires and ours.expires:
            ours = ours._replace(expires=False)
        if ours != theirs:
            for field, our, their in zip(ours._fields, ours, theirs):
                if our != their:
                    self.differ(field, line, shown(our), shown(their))
        for reason in decision["reasons"]:
            self.compare_reason(name, reason, line)
        self.check_property(event, line, decision)

    def answer_of(self, name, decision, timed):
        retry, outcome = decision["retry"], decision["outcome"]
        bears_risk = decision["risk"] is not None or outcome in ("DECLINED", "REVIEW") or any(
            self.bearing[name](r) for r in decision["reasons"])
        expires = retry["expires_at"]
        if expires is not None:
            expires = expires == EXPIRY and timed or expires
        return mapping.Answer(
            outcome, decision["ended"], decision["final"], decision["category"], decision["primary_code"],
            frozenset(retry["actions"]), frozenset(retry["fields"]), decision["billing"]["flag"], bears_risk,
            decision["signature"], retry["advice"], retry["scope"], frozenset(decision["anomalies"]),
            expires or False)

    def compare_reason(self, name, reason, line):
        key = (name, *reason.values())
        if key in self.reasons:
            return
        self.reasons.add(key)
        code = mapping.read(name, reason["code"])
        ours = {
            "code": code.text, "series": code.series or None, "category": code.category, "effect": code.effect,
            "no_retry": code.no_retry, "known": code.listed,
        }
        if code.disclosable is not None:
            ours["disclosable"] = code.disclosable
        for field, our in ours.items():
            if our != reason[field]:
                self.differ("reason's " + field, line, f"{code.text}: {our}", reason[field])

    def check_property(self, event, line, decision):
        """No approval is guessed, and no documented action is lost. From the tables and the decision alone."""
        name, status, texts, _, integration, _, _ = event
        status = status.strip(mapping.SPACE)
        status = mapping.ALIASES.get(name, {}).get(status, status)
        codes = {mapping.read(name, text) for text in texts}
        if decision["outcome"] == "APPROVED":
            self.counts["approvals looked at"] += 1
            for code in codes:
                stands = code.statuses and (not code.negative or status in code.statuses and not code.blocks)
                if not stands:
                    self.differ("property: an approval is guessed", line, f"not with {code.text}", "APPROVED")
        retry = decision["retry"]
        if retry["advice"] in ("DO_NOT_RETRY", "AWAIT_REVIEW") or any(code.refusal for code in codes):
            return
        replaced = retry["scope"] == "NEW_VERIFICATION"
        for code in codes:
            if status in code.statuses and code.actions:
                self.counts["actions looked for"] += len(code.actions)
                lost = code.actions - set(retry["actions"])
                if replaced or integration == "sdk":
                    lost -= mapping.REPEATS
                if lost:
                    self.differ("property: an action is lost", line, f"{code.text}: {sorted(lost)}", retry["actions"])

    def result(self):
        return self.counts, self.differs, dict(self.examples)


def shown(value):
    return sorted(value) if isinstance(value, frozenset) else value


def bearing(verdict):
    """What the program says about each code and range of its catalog: does it bear risk."""
    words = {}
    for name in PRODUCTS:
        out = subprocess.run([verdict, "catalog", name, "--format", "json"], check=True, capture_output=True).stdout
        view = json.loads(out)
        codes = {c["code"] for c in view["codes"] if c["risk_bearing"]}
        ranges = [(r["from"], r["to"]) for r in view["ranges"] if r["blocks_approval"]]
        words[name] = codes, ranges
    return words


def bears(codes, ranges):
    def holds(reason):
        code = reason["code"]
        if reason["known"] or not code.isascii() or not code.isdigit():
            return code in codes
        return any(low <= int(code) <= high for low, high in ranges)
    return holds


def compare(job):
    """One chunk: events through the program and through the mapping."""
    verdict, words, seed, number, size = job
    if number is None:
        events = list(all_pairs())
    else:
        rng = random.Random(f"{seed}/{number}")
        pools = [Pools(name) for name in PRODUCTS]
        weights = rng.choices(pools, (3, 5, 3), k=size)
        events = [pool.event(rng) for pool in weights]
    lines = [line_of(event) for event in events]
    with tempfile.TemporaryFile() as file:
        file.write("\n".join(lines).encode() + b"\n")
        file.seek(0)
        out = subprocess.run([verdict, "decide", "--format", "json", "-"], stdin=file, check=True, env=quiet(),
                             stdout=subprocess.PIPE).stdout
    answers = out.decode().split("\n")[:-1]
    if len(answers) != len(lines):
        raise SystemExit(f"agree: {len(lines)} events, but decide printed {len(answers)} lines")
    comparison = Comparison({name: bears(*found) for name, found in words.items()})
    decode = json.JSONDecoder().raw_decode  # loads, without what it looks at first
    for event, line, answer in zip(events, lines, answers):
        comparison.compare(event, line, decode(answer)[0])
    comparison.counts["pairs" if number is None else "random events"] += len(lines)
    return comparison.result()


def quiet():
    """The environment without settings of the program."""
    return {key: value for key, value in os.environ.items() if not key.startswith("VERDICT_")}


def run(verdict, events, seed):
    words = bearing(verdict)
    sizes = [min(CHUNK, events - at) for at in range(0, events, CHUNK)]
    jobs = [(verdict, words, seed, None, 0)]
    jobs += [(verdict, words, seed, number, size) for number, size in enumerate(sizes)]
    counts, differs, examples = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    with multiprocessing.Pool() as pool:
        for some_counts, some_differs, some_examples in pool.imap(compare, jobs):
            counts += some_counts
            differs += some_differs
            for what, lines in some_examples.items():
                examples[what] = (examples[what] + lines)[:EXAMPLES]
    return counts, differs, examples


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000, help="how many random events (1,000,000)")
    parser.add_argument("--seed", default="1", help="of the random events (1)")
    parser.add_argument("--verdict", default="", help="the program, if it is built already")
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        verdict = options.verdict
        if not verdict:
            verdict = os.path.join(directory, "verdict")
            subprocess.run(["go", "build", "-o", verdict, "./cmd/verdict"], cwd=ROOT, check=True)
        counts, differs, examples = run(verdict, options.events, options.seed)
    for what, number in sorted(differs.items()):
        print(f"{what}: {number} differ, for example")
        for example in examples[what]:
            print("  " + example)
    print(f"seed {options.seed}, {time.monotonic() - start:.0f} s:",
          ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items())))
    print(f"agree: {'no disagreement' if not differs else f'{sum(differs.values()):,} disagreements'}")
    sys.exit(1 if differs else 0)


if __name__ == "__main__":
    main()
