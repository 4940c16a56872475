#!/usr/bin/env -S python3 -B
"""Compares what the built program decides with the second mapping, event by event, and with the second story.

    agree.py [--events N] [--seed SEED] [--verdict PATH]

First each code of the tables under each status of its vocabulary, with each risk code and none, through both
integrations and none; then N random events. Two thirds of those are decided each by itself, and have up to three codes
of all kinds. The others are streams about verifications, which the program decides with what it knows of each: repeats,
late, lost, changed and reversed ones; of these it is also compared what becomes of them, one after another (story.py).
Half of both are decided with the contract of prices.py, which has dates and accounts, in the catalog. The program is
built from this folder unless PATH names one. Also held, over the same events: an approval stands only where every code
may accompany it, and what a page advises for a code is in the advice unless a rule of the contract takes precedence;
and over streams of their own, what streams.py checks of the story by itself. Last, what the cases of the catalog expect
is compared with mapping and story (cases.py). Not compared: the basis of an advice, the names of billing rules, what a
decision has from its record, when a charge first had its flag, and the values of derived ids: only that they are the
same for the same events, and differ for others. Prints the counts and each kind of disagreement with examples; ends
with 1 if there is any.
"""

import argparse
import collections
import datetime
import functools
import itertools
import json
import multiprocessing
import operator
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import cases
import mapping
import prices
import streams
from follow import Follower

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRODUCTS = {name: streams.PRODUCTS[name] for name in mapping.SAID}
INTEGRATIONS = (None, "sdk", "api")
UNKNOWN_STATUSES = ("rejected", "Approved", "timed_out", "success", "refused", "COMPLETED", "completed2", "?")
# The provider's time of an event that has one and is decided by itself.
TIME = "2026-11-21T10:00:00Z"
# What random events have beside all that: an account, an attempt, a variant and an id of their own, or not.
BESIDE = tuple(itertools.product(
    (None, "account-7", " account 8 ", "", " \t"), (None, 1, 2, 2**31 - 1), (None, "face", "", "face "),
    (None, "event-9", " event\n10 ", "", " ")))
# What a decision has from its event as it is.
COPIED = ("provider", "product", "product_variant", "account", "verification_id", "attempt", "environment",
          "provider_status", "occurred_at_source")
copied_of = operator.itemgetter(*COPIED)
EXPIRES_AFTER = datetime.timedelta(minutes=15)
CHUNK = 25_000
STREAMS = 3  # each how manyth chunk has streams
PRICED = 2  # each how manyth is charged by a contract
ITSELF = -1  # in place of a chunk's number: the story, checked by itself
EXAMPLES = 3


class Event(NamedTuple):
    vocabulary: str
    status: str
    codes: tuple
    risk_code: int | None
    integration: str | None
    environment: str | None = None
    occurred_at: str | None = None
    account: str | None = None
    attempt: int | None = None
    product_variant: str | None = None
    event_id: str | None = None
    verification_id: str = "v"


def events_of(name, statuses, codes, risks):
    for status, texts, risk, integration in itertools.product(statuses, codes, risks, INTEGRATIONS):
        yield Event(name, status, texts, risk, integration)


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
        return Event(self.name, status, codes, risk, INTEGRATIONS[int(roll() * 3)], environment,
                     TIME if roll() < 0.3 else None, *BESIDE[int(roll() * len(BESIDE))])

    def code(self, rng, own):
        roll = rng.random
        kind = own if roll() < 0.5 else self.kinds[int(roll() * len(self.kinds))]
        code = kind[int(roll() * len(kind))]
        if isinstance(code, int) and roll() < 0.3:
            return self.spelt[int(roll() * len(self.spelt))](code)
        return code


def body_of(event):
    return streams.body_of(event._asdict())


@functools.cache
def expiry_of(occurred_at):
    """When what an event asks for can no longer be done."""
    return streams.text_of(streams.moment_of(occurred_at) + EXPIRES_AFTER)


def given(text):
    """An optional text as the decision has it: white space alone is no text, all other is as the event has it."""
    return text if text and text.strip(mapping.SPACE) else None


def expected_of(event):
    """COPIED of the event."""
    return (*PRODUCTS[event.vocabulary], given(event.product_variant), given(event.account), event.verification_id,
            event.attempt or 1, (event.environment or "live").upper(), event.status.strip(mapping.SPACE),
            "PROVIDER" if event.occurred_at else "RECORD")


def terms_of(event):
    """What of an event counts for its price, beside status and risk code."""
    at = streams.moment_of(event.occurred_at) if event.occurred_at else streams.AT
    if at > streams.AT + streams.DAY:
        at = streams.AT  # no clock is as far ahead
    micros = (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
    variant, account = given(event.product_variant), given(event.account)
    return (variant and variant.strip(mapping.SPACE), account and account.strip(mapping.SPACE), event.attempt or 1,
            micros)


class Comparison:
    """Counts what was compared, and keeps the first examples of what differs."""

    def __init__(self, priced):
        self.priced = priced  # by the contract of prices.py
        self.counts = collections.Counter()
        self.differs = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.reasons = set()

    def differ(self, what, line, ours, theirs):
        self.differs[what] += 1
        if len(self.examples[what]) < EXAMPLES:
            self.examples[what].append(f"{line}\n    the tables: {ours}\n    the program: {theirs}")

    def compare(self, event, line, answer, told=None):
        """told: what becomes of the event, if it is not decided by itself."""
        decision = answer.get("decision")
        if decision is None:
            if told is None:
                self.differ("no decision", line, "a decision", answer)
            return
        ours = mapping.decide(*event[:6], terms_of(event) if self.priced else None)
        self.counts["charges by contract"] += ours.flag_basis.startswith("operator:")
        if told is not None:
            ours = ours._replace(anomalies=tuple(sorted({*ours.anomalies, *told.anomalies})), routes=routes(ours, told))
        theirs = answer_of(decision, answer["routes"], event.occurred_at)
        self.counts[ours.outcome] += 1
        if ours.expires and not event.occurred_at:
            ours = ours._replace(expires=False)
        self.compare_all(mapping.Answer._fields, ours, theirs, line)
        self.compare_all(COPIED, expected_of(event), copied_of(decision), line)
        event_id = given(event.event_id)
        if not decision["event_id"] or event_id and event_id != decision["event_id"]:
            self.differ("event_id", line, event_id or "a derived one", decision["event_id"])
        for reason in decision["reasons"]:
            self.compare_reason(event.vocabulary, reason, line)
        self.check_property(event, line, decision)

    def follow(self, follower, event, line, answer):
        """As compare, for an event in a stream."""
        if not {"decision", "repeat"} & answer.keys():
            self.differ("no decision", line, "a decision or a repeat", answer)
            return
        told, differs = follower.follow(body_of(event), answer)
        self.counts[f"{told.transition}"] += 1
        for what, our, their in differs:
            self.differ(what, line, our, their)
        self.compare(event, line, answer, told)

    def compare_all(self, fields, ours, theirs, line):
        if ours != theirs:
            for field, our, their in zip(fields, ours, theirs, strict=True):
                if our != their:
                    self.differ(field, line, our, their)

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
        name, status = event.vocabulary, event.status.strip(mapping.SPACE)
        status = mapping.ALIASES.get(name, {}).get(status, status)
        codes = {mapping.read(name, text) for text in event.codes}
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
                if replaced or event.integration == "sdk":
                    lost -= mapping.REPEATS
                if lost:
                    self.differ("property: an action is lost", line, f"{code.text}: {sorted(lost)}", retry["actions"])

    def result(self):
        return self.counts, self.differs, dict(self.examples)


def routes(ours, told):
    holds = {"decision": True, "verification": told.table, "billing": told.billing, "risk": "risk" in ours.routes}
    return tuple(route for route, true_ in holds.items() if true_)


def answer_of(decision, routes_, occurred_at):
    """The program's decision as an Answer."""
    retry, risk, billing, expires = decision["retry"], decision["risk"], decision["billing"], False
    if retry["expires_at"] is not None:
        expires = bool(occurred_at) and retry["expires_at"] == expiry_of(occurred_at) or retry["expires_at"]
    basis = billing["basis"]
    if basis != "policy:billing/sandbox":
        basis = basis.rpartition("/")[0]
    return mapping.Answer(
        decision["outcome"], decision["outcome_basis"], decision["ended"], decision["final"], decision["category"],
        decision["primary_code"], tuple([reason["code"] for reason in decision["reasons"]]),
        risk and (risk["code"], risk["level"]), billing["flag"], basis, decision["report_available"],
        decision["signature"], retry["advice"], retry["scope"], tuple(retry["actions"]), tuple(retry["fields"]),
        expires, tuple(sorted(decision["anomalies"])), tuple(routes_))


def compare(job):
    """One chunk: events through the program, and through the mapping and the story."""
    verdict, catalog, seed, number, size = job
    if number == ITSELF:
        return streams.check_story(size, seed), {}, {}
    in_streams = number is not None and number % STREAMS == STREAMS - 1
    events = events_of_chunk(seed, number, size)
    lines = [json.dumps(body_of(event)) for event in events]
    priced = number is not None and number % PRICED == PRICED - 1
    flags = (*(() if in_streams else ("--stateless",)), *(("--set", f"catalog.dir={catalog}") if priced else ()))
    answers = decided(verdict, lines, flags)
    comparison, follower = Comparison(priced), Follower(streams.AT_MS, priced)
    decode = json.JSONDecoder().raw_decode  # loads, without what it looks at first
    for event, line, answer in zip(events, lines, answers):
        if in_streams:
            comparison.follow(follower, event, line, decode(answer)[0])
        else:
            comparison.compare(event, line, decode(answer)[0])
    what = "pairs" if number is None else "events in streams" if in_streams else "random events"
    comparison.counts[what] += len(lines)
    return comparison.result()


def events_of_chunk(seed, number, size):
    if number is None:
        return list(all_pairs())
    rng = random.Random(f"{seed}/{number}")
    if number % STREAMS == STREAMS - 1:
        chunk = streams.Streams(rng, tuple(PRODUCTS)).chunk(f"{number}", size)
        return [Event(**event) for event in chunk]
    pools = [Pools(name) for name in PRODUCTS]
    return [pool.event(rng) for pool in rng.choices(pools, (3, 5, 3, 3), k=size)]


def decided(verdict, lines, flags):
    """The program's answers, a line each."""
    with tempfile.TemporaryFile() as file:
        file.write("\n".join(lines).encode() + b"\n")
        file.seek(0)
        command = [verdict, "decide", *flags, "--at", streams.text_of(streams.AT), "--format", "json", "-"]
        out = subprocess.run(command, stdin=file, check=True, env=quiet(), stdout=subprocess.PIPE).stdout
    answers = out.decode().split("\n")[:-1]
    if len(answers) != len(lines):
        raise SystemExit(f"agree: {len(lines)} events, but decide printed {len(answers)} lines")
    return answers


def quiet():
    """The environment without settings of the program."""
    return {key: value for key, value in os.environ.items() if not key.startswith("VERDICT_")}


def run(verdict, catalog, events, seed):
    sizes = [min(CHUNK, events - at) for at in range(0, events, CHUNK)]
    jobs = [(None, 0), *enumerate(sizes), (ITSELF, events // 100)]
    jobs = [(verdict, catalog, seed, *job) for job in jobs]
    counts, differs, examples = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    with multiprocessing.Pool() as pool:
        for some_counts, some_differs, some_examples in itertools.chain(pool.imap(compare, jobs), [cases.check()]):
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
        catalog = os.path.join(directory, "catalog")
        prices.export(verdict, catalog)
        counts, differs, examples = run(verdict, catalog, options.events, options.seed)
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
