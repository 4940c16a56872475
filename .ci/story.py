"""The story of a verification: what its events say one after another, from the rules of the decision contract on state.

It shares nothing with the program. What a single event means is in mapping.py and expect.py, the providers' flows of
statuses are in facts/flow.csv. What is remembered is kept as plain values, and hashes are not made here: that the
program's ids are the same for the same events, and differ for others, is for those to check who have them.
"""

import datetime
import functools
import re
from typing import NamedTuple

import expect
import formats
import mapping
import prices

REMEMBERED = 8  # events that a verification's story knows again
CHARGES = 2  # charges that may still change, of one verification
DAY = 24 * 3600 * 1000
OVERDUE_AFTER = {("yousign-video", "pending"): DAY, ("veriff-idv", "submitted"): DAY}  # how long the next word may take
OUTCOMES = ("DECLINED", "REVIEW", "APPROVED", "INCONCLUSIVE", "RESUBMISSION_REQUIRED", "PENDING", "UNRECOGNIZED")
ANOMALIES = {"UNEXPECTED_TRANSITION", "EVENT_CHANGED", "REVERSED"}
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d).(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))")


class Step(NamedTuple):
    to: frozenset  # what may follow directly
    reach: frozenset  # and what may follow that in turn: what came between may be lost
    only: str
    reopens: bool
    unexpected: bool

    def starts_from(self, said):
        return not (self.only == "not final" and said.final or self.only == "open signature" and
                    said.signature != "OPEN")


def flows():
    """The steps from each (vocabulary, status)."""
    rows = mapping.table("flow.csv")
    after = {}
    for row in rows:
        after.setdefault((row["vocabulary"], row["from"]), set()).update(row["to"].split("|"))
    found = {}
    for row in rows:
        name, reach = row["vocabulary"], set(row["to"].split("|"))
        while more := set().union(*(after.get((name, status), ()) for status in reach)) - reach:
            reach |= more
        found.setdefault((name, row["from"]), []).append(Step(
            mapping.words(row["to"]), frozenset(reach), row["only"], mapping.true(row["reopens"]),
            mapping.true(row["unexpected"])))
    return found


FLOWS = flows()
STATUSES = mapping.SAID | {"ubble-idv": expect.UBBLE}


class Said(NamedTuple):
    """What a record says, and what its decision does."""

    name: str  # of the vocabulary
    status: str  # by its first name; as spelt where it is unknown
    known: bool
    content: tuple
    attempt: int
    variant: str | None
    event_id: str | None
    micros: int | None  # the provider's time
    outcome: str
    ended: bool
    final: bool
    signature: str
    flag: str
    facts: tuple  # of its charge
    told: tuple  # all that a derived id may be made of
    place: tuple  # topic, partition and offset of the record
    timestamp: int  # of the record, ms
    decision_id: str  # the program's, "" if it has none
    at: object  # the decision's occurred_at
    first_date: int | None = None  # a contract's price of its status and risk code goes by dates, from this one on
    price_at: object = None  # what it would be charged by the contract, had it occurred at a moment
    kept: int | None = None  # the provider's time of what said the same before, where this has none

    @property
    def alone(self):
        """Neither an id nor a time: it is known by its content alone."""
        return self.event_id is None and self.micros is None

    @property
    def entry(self):
        """What it is known again by: who it is, and what it says."""
        if self.event_id is not None:
            return ("id", self.event_id), self.content
        return ("time", self.micros, self.content), self.content

    @property
    def time(self):
        """The provider's time where it can be believed."""
        if self.kept is not None:
            return self.kept
        return None if self.micros is None or self.micros != self.occurred else self.micros

    @property
    def occurred(self):
        """By the provider's clock where it can be believed, or else the record's."""
        return occurred(self.micros, self.timestamp)

    @property
    def since(self):
        """The same as the program writes it."""
        believed = self.micros is None or self.micros == self.occurred
        return self.at if believed else expect.time_of(self.timestamp)

    def at_price_of(self, other):
        return self._replace(flag=other.flag, facts=(other.flag, *self.facts[1:]))

    @property
    def closes(self):
        return self.final and not any(
            step.to - {self.status} and step.starts_from(self) for step in FLOWS.get((self.name, self.status), ()))

    def after(self, other):
        """This in the place of other, which says the same: a time of the provider's stays where this has none."""
        return self._replace(kept=other.time) if self.time is None and other.time is not None else self

    def step(self, to):
        """The step of the flow that leads from here to a status: a direct one, else one with others between, if there
        is one rather one that is not unexpected, or that does not reopen."""
        steps = [step for step in FLOWS.get((self.name, self.status), ()) if step.starts_from(self)]
        for step in steps:
            if to in step.to:
                return step
        far = [step for step in steps if to in step.reach]
        return min(far, key=lambda step: (step.unexpected, step.reopens), default=None)

    def repeats(self):
        """Whether the flow has a step from here to the same status. One that completes an answer is none of these: the
        same again completes nothing."""
        return any(self.status in step.to and step.starts_from(self) and step.only != "not final"
                   for step in FLOWS.get((self.name, self.status), ()))


class Told(NamedTuple):
    """What becomes of a record."""

    published: bool
    transition: str | None = None  # None: no story is kept of it
    sequence: int = 0
    current: bool = False
    previous: str | None = None
    anomalies: frozenset = frozenset()  # beside those that the event has by itself
    table: bool = False
    billing: bool = False
    flag_since: object = None
    identity: tuple = ()  # the same for the same decision id, another for another


class Charge(NamedTuple):
    said: Said  # what decides it
    flag_since: object
    since_micros: int  # the same, where flag_since is as the program writes it


def occurred(micros, timestamp):
    """When something occurred, by the provider's clock unless that is more than a day ahead of the record."""
    return timestamp * 1000 if micros is None or micros > (timestamp + DAY) * 1000 else micros


def given(text):
    return text if text and text.strip(mapping.SPACE) else None


def micros_of(event):
    if "micros" in event:
        return event["micros"]
    if event.get("occurred_at") is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = TIME.fullmatch(
        event["occurred_at"]).groups()
    days = datetime.date(int(year) + 400, int(month), int(day)).toordinal() - 719163 - 146097  # also for the year 0
    seconds = ((days * 24 + int(hour)) * 60 + int(minute)) * 60 + int(second)
    offset = (int(hours) * 60 + int(minutes)) * 60 if sign else 0
    seconds -= -offset if sign == "-" else offset
    return seconds * 1_000_000 + int(((fraction or "") + "000000")[:6])


@functools.lru_cache(1 << 16)
def meaning(name, status, codes, risk_code, environment):
    """The codes as the vocabulary reads them, and outcome, ended, final, signature and flag."""
    if name == "ubble-idv":
        codes = tuple(sorted({formats.plain(str(code)) for code in codes}))
        answer = expect.ubble(status, codes, environment == "sandbox")
        return codes, answer.outcome, answer.ended, answer.final, "NONE", answer.flag
    answer = mapping.decide(name, status, codes, risk_code, None, environment)
    return tuple(sorted(answer.reasons)), answer.outcome, answer.ended, answer.final, answer.signature, answer.flag


def said_of(event, place, timestamp, decision_id="", at=None, priced=False):
    """The Said of a canonical event, or of one that formats.py has read. priced: by the contract of prices.py."""
    name, spelt = expect.vocabulary(event), event["status"].strip(mapping.SPACE)
    environment, risk_code = event.get("environment") or "live", event.get("risk_code")
    codes, outcome, ended, final, signature, flag = meaning(
        name, spelt, tuple(event.get("codes") or ()), risk_code, environment)
    status = mapping.ALIASES.get(name, {}).get(spelt, spelt)
    attempt, variant = event.get("attempt") or 1, given(event.get("product_variant"))
    account, micros = given(event.get("account")), micros_of(event)
    if priced and environment != "sandbox" and status in STATUSES[name]:
        sold = prices.Sold(status, risk_code, variant and variant.strip(mapping.SPACE),
                           account and account.strip(mapping.SPACE), attempt, 0)
        price_at = functools.partial(flag_at, name, sold, flag)
        flag = price_at(occurred(micros, timestamp))
    else:
        price_at = functools.partial(fixed, flag)
    first_date = prices.first_date(name, status, risk_code) if priced and status in STATUSES[name] else None
    content = (status, codes, risk_code, attempt, variant, environment)
    told = (content, micros, spelt, account, event.get("subject_ref"), event.get("journey_ref"),
            tuple(sorted((event.get("metadata") or {}).items())))
    return Said(name, status, status in STATUSES[name], content, attempt, variant, given(event.get("event_id")), micros,
                outcome, ended, final, signature, flag, (flag, outcome, status, risk_code, environment, account), told,
                place, timestamp, decision_id, at, first_date, price_at)


def flag_at(name, sold, flag, micros):
    charged = prices.charged(name, sold._replace(micros=micros))
    return charged[0] if charged else flag


def fixed(flag, _):
    return flag


def over(event, other):
    """Whether an event counts over another one that came before it."""
    if event.attempt != other.attempt:
        return event.attempt > other.attempt
    if event.closes != other.closes:
        return event.closes
    if event.time is None or other.time is None:
        return True
    if event.time != other.time:
        return event.time > other.time
    if event.ended != other.ended:
        return event.ended
    if event.outcome != other.outcome:
        return OUTCOMES.index(event.outcome) < OUTCOMES.index(other.outcome)
    return event.decision_id[:4] > other.decision_id[:4]  # two bytes


def charged(said):
    return said.ended or said.outcome == "UNRECOGNIZED"


class Verification:
    """What is known of a verification."""

    def __init__(self):
        self.seen = []  # the oldest first
        self.word = None  # what counts over all else that was said
        self.since = None  # when this word was first said: the record's timestamp
        self.sequence = 0
        self.charges = {}  # by attempt and variant
        self.last_seen = 0  # ms

    @property
    def deadline(self):
        """Until when the next word should have come, ms; None: there is no limit."""
        after = OVERDUE_AFTER.get((self.word.name, self.word.status))
        return after and self.since + after

    def fold(self, said, retention):
        """The Told of what is said next."""
        self.last_seen = max(self.last_seen, said.timestamp)
        kind = self.recognise(said)
        if kind == "repeat":
            return Told(False, "REPEATED", identity=own_identity(said))
        identity = {
            "occurrence": ("occurrence", said.content, said.place), "changed": ("changed", said.event_id, said.content),
        }.get(kind, own_identity(said))
        previous = self.word
        back = self.steps_back(said) and over(said, previous)  # late by the flow alone
        transition, anomalies = self.transition(said, retention)
        forgotten = previous is None and transition == "LATE"
        if kind == "changed":
            anomalies |= {"EVENT_CHANGED"}
        moves = transition not in ("LATE", "UNCHANGED")
        if moves:
            self.word, self.since = said, said.timestamp
        word = said
        if transition == "UNCHANGED" and over(said, previous):
            word = self.word = said.after(previous)
        self.remember(word)
        self.sequence += 1
        billing, flag_since = (False, None) if forgotten or not charged(said) else self.charge(said, back)
        return Told(True, transition, self.sequence, self.word is word, previous and previous.decision_id,
                    frozenset(anomalies), moves, billing, flag_since, identity)

    def recognise(self, said):
        """repeat, new, changed: other content under the same id, or occurrence: the same again is news."""
        entry, seen = said.entry, [event.entry for event in self.seen]
        if not said.alone:
            if entry in seen:
                return "repeat"
            changed = said.event_id is not None and any(who == entry[0] for who, _ in seen)
            return "changed" if changed else "new"
        if entry not in seen:
            return "occurrence" if len(seen) == REMEMBERED else "new"
        word = self.word
        if entry == seen[-1] or word is not None and entry == word.entry:  # what came since the word is late
            again = word is not None and word.content == said.content and word.repeats()
        elif word is None:
            again = False
        elif word.known and said.known:
            again = word.step(said.status) is not None
        else:
            again = word.status != said.status
        return "occurrence" if again else "repeat"

    def remember(self, said):
        """The same again takes the place of what it was known by; the oldest goes, but never the word's."""
        self.seen = [event for event in self.seen if event.entry != said.entry] + [said]
        if len(self.seen) > REMEMBERED:
            self.seen.pop(next(at for at, event in enumerate(self.seen) if event is not self.word))

    def transition(self, said, retention):
        word = self.word
        if word is None:
            old = retention is not None and said.micros is not None and (
                said.micros < (said.timestamp - retention) * 1000)
            return "LATE" if old else "FIRST", set()
        if said.content == word.content:
            return "UNCHANGED", set()
        if not over(said, word) or self.steps_back(said):
            return "LATE", set()
        if said.attempt > word.attempt:
            return "ADVANCED", set()
        if word.closes and said.ended and said.outcome != word.outcome:
            return "REVERSED", {"REVERSED"}
        if step := word.step(said.status):
            return ("REOPENED" if step.reopens else "ADVANCED",
                    {"UNEXPECTED_TRANSITION"} if step.unexpected else set())
        same = said.status == word.status and said.content[2] == word.content[2]
        if not said.known or not word.known or same:
            return "ADVANCED", set()
        return "UNEXPECTED", {"UNEXPECTED_TRANSITION"}

    def steps_back(self, said):
        """Without times: the flow leads from what is said to the word's other status, and not the other way."""
        word = self.word
        if word is None or said.status == word.status:
            return False
        if said.time is not None and word.time is not None or said.attempt != word.attempt:
            return False
        return said.known and word.known and not word.step(said.status) and said.step(word.status) is not None

    def charge(self, said, back):
        """Whether a billing event is published, and its flag_since."""
        key = said.attempt, said.variant
        known = self.charges.get(key)
        if known is None:
            if sum(attempt >= said.attempt for attempt, _ in self.charges) >= CHARGES:
                return False, None  # also where a third variant of one attempt comes
            self.charges[key] = Charge(said, said.since, said.occurred)
            if len(self.charges) > CHARGES:
                del self.charges[min(self.charges, key=lambda kept: kept[0])]  # of equals the oldest
            return True, said.since
        decided = known.said
        if said.ended != decided.ended and "UNRECOGNIZED" in (said.outcome, decided.outcome):
            counts = said.ended
        else:
            counts = over(said, decided) and not back  # what led to the current word takes over no charge
        since, micros = said.since, said.occurred
        last = decided.occurred if decided.kept is None else decided.kept
        by_date = said.first_date is not None and said.first_date <= max(said.occurred, known.since_micros, last)
        if said.facts[1:] == decided.facts[1:] and by_date:
            # The same, perhaps at another price: that of the first to occur holds. Where the charge has its flag since
            # something else was said, the last of the same stands for the first.
            first = known.since_micros if said.price_at(known.since_micros) == decided.flag else last
            if said.time is None or said.time >= first:
                since, micros = known.flag_since, known.since_micros
                said = said.at_price_of(decided)
            elif said.flag == decided.flag and micros > known.since_micros:
                since, micros = known.flag_since, known.since_micros
            if said.facts != decided.facts and not counts:
                self.charges[key] = Charge(decided.at_price_of(said), since, micros)
                return True, since
            if not counts and micros < known.since_micros:
                self.charges[key] = Charge(decided, since, micros)
        elif said.flag == decided.flag:
            since, micros = known.flag_since, known.since_micros
        if not counts:
            return False, None
        same = said.facts == decided.facts
        self.charges[key] = Charge(said.after(decided) if same else said, since, micros)
        return not same, since


def own_identity(said):
    return ("id", said.event_id) if said.event_id is not None else ("derived", said.told)


class Stories:
    """All verifications, apart by raw partition, provider and product.

    retention: for how long after its last event one is remembered, in ms; None: for ever.
    """

    def __init__(self, retention=30 * DAY):
        self.retention = retention
        self.verifications = {}
        self.clocks = {}  # of the raw partitions, ms

    def fold(self, said, verification_id, keyed=True):
        """The Told of the next record of its raw partition."""
        if not keyed:
            return alone(said)
        partition = said.place[:2]
        clock = self.clocks[partition] = max(said.timestamp, self.clocks.get(partition, 0))
        key = (partition, said.name, verification_id)
        verification = self.verifications.get(key)
        if verification is None or self.retention is not None and clock - verification.last_seen > self.retention:
            verification = self.verifications[key] = Verification()
        return verification.fold(said, self.retention)


def alone(said):
    """What becomes of a record of which no story is kept."""
    return Told(True, billing=charged(said), flag_since=said.at, identity=own_identity(said))
