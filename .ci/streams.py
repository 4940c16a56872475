#!/usr/bin/env -S python3 -B
"""Random streams of events about verifications: repeated, late, lost, changed, reversed, with ids and times or without.

    streams.py [VERIFICATIONS] [SEED]

Alone it checks story.py by itself: whatever the order in which events with a provider's time arrive, and however often,
the last word and the charges are the same; a repeat directly after itself changes nothing; what is published counts up.
"""

import collections
import datetime
import hashlib
import itertools
import random
import sys

import story

PRODUCTS = {
    "yousign-video": ("yousign", "video"),
    "fourthline-idv": ("fourthline", "identity_verification"),
    "fourthline-docauth": ("fourthline", "document_authentication"),
    "ubble-idv": ("ubble", "identity_verification"),
    "veriff-idv": ("veriff", "identity_verification"),
}
STATUSES = {
    "yousign-video": ("pending", "inconclusive", "approved", "verified", "declined", "failed"),
    "fourthline-idv": ("new", "pending", "inconsistent_data", "invalid_data", "completed", "completed"),
    "ubble-idv": ("created", "pending", "capture_in_progress", "checks_in_progress", "retry_required", "approved",
                  "declined", "refused", "inconclusive"),
    "veriff-idv": ("created", "started", "submitted", "resubmission_requested", "review", "approved", "declined",
                   "expired", "abandoned"),
}
STATUSES["fourthline-docauth"] = STATUSES["fourthline-idv"]
UNKNOWN = ("rejected", "timed_out", "Approved")
# Signatures, new cases, no retries, what blocks an approval, what nobody lists; spelt in more than one way.
CODES = {
    "yousign-video": ((), (), (1301,), ("IDVV_1301",), (2301,), (3001,), (9999,)),
    "fourthline-idv": ((), (), (1000,), (2001,), (3200, 3505), (3505, "3200"), (1034,), (6005,), (6005,), (6002,),
                       (6001,), (140,), (120,), (5100,), (1301,)),
    "fourthline-docauth": ((), (), (1000,), (3602,), (3601,), (3105,), (3602, 3105), (4190,), (5202,), (7777,)),
    "ubble-idv": ((), (), (10000,), (61301,), (62101,)),
    "veriff-idv": ((), (), (102,), (204, "0207"), (539,), (150,), (642,), (9102,)),
}
RISKS = {
    "yousign-video": (None,), "fourthline-idv": (None, 200, 200, 300, 400, 500, 999),
    "fourthline-docauth": (None, 200, 200, 500, 300), "ubble-idv": (None,),
    "veriff-idv": (None,),
}
# How the events of a verification are known: by the provider's id, by its time, by both, or by what they say alone.
KNOWN_BY = ((True, False), (True, True), (True, True), (False, True), (False, False), (False, False))
TEXT = "%Y-%m-%dT%H:%M:%SZ"


def text_of(moment):
    return moment.strftime(TEXT)


def moment_of(text):
    return datetime.datetime.strptime(text, TEXT)


# When all records are written, and the provider's times: shortly before it; older than what is remembered, or just not;
# later than can be believed, or just not.
AT = datetime.datetime(2026, 11, 21, 12)
AT_MS = int(AT.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
DAY, SECOND = datetime.timedelta(days=1), datetime.timedelta(seconds=1)
TIMES = [text_of(AT - DAY / 4 + 60 * n * SECOND) for n in range(40)]
STRANGE_TIMES = [text_of(AT + by) for by in (
    -40 * DAY, -30 * DAY - SECOND, -30 * DAY, -33 * DAY, DAY, DAY + SECOND, 3 * DAY, 2 * DAY)]


class Streams:
    """Makes verifications."""

    def __init__(self, rng, names=tuple(PRODUCTS)):
        self.rng, self.names = rng, names

    def chance(self, share):
        return self.rng.random() < share

    def verification(self, number):
        """The events about a verification, in the order of arrival."""
        rng = self.rng
        name = rng.choice(self.names)
        made = Making(self, name, f"verification-{number}")
        count = rng.randint(1, 12) if not self.chance(0.1) else rng.randint(10, 25)
        statuses = [rng.choice(STATUSES[name]) for _ in range(count)]
        if self.chance(0.5):
            statuses.sort(key=STATUSES[name].index)
        events = []
        for status in statuses:
            if events and self.chance(0.3):
                events.append(made.again(rng.choice(events[-6:])))
            elif events and self.chance(0.05):
                events.append(made.changed(rng.choice(events), status))
            else:
                events.append(made.event(status))
        for at in range(len(events) - 1):  # late ones
            if self.chance(0.1):
                to = rng.randrange(at, len(events))
                events[at], events[to] = events[to], events[at]
        kept = [event for event in events if not self.chance(0.05)]
        return kept or events

    def chunk(self, prefix, size):
        """Events of verifications that go on beside each other, at least that many."""
        events, running = [], []
        for number in itertools.count():
            while len(running) < 20 and len(events) < size:
                number += 1
                running.append(iter(self.verification(f"{prefix}-{len(events)}-{len(running)}-{number}")))
            if not running:
                return events
            at = self.rng.randrange(len(running))
            event = next(running[at], None)
            if event is None:
                running.pop(at)
            else:
                events.append(event)


class Making:
    """Makes the events of one verification, out of few parts, so that they meet again."""

    def __init__(self, streams, name, verification_id):
        self.streams, self.rng, self.name, self.verification_id = streams, streams.rng, name, verification_id
        self.codes = self.rng.choices(CODES[name], k=3)
        self.risks = self.rng.choices(RISKS[name], k=2)
        self.has_id, self.has_time = self.rng.choice(KNOWN_BY)
        self.mixed = streams.chance(0.15)
        self.attempts = streams.chance(0.3)
        self.variants = streams.chance(0.1)
        self.accounts = streams.chance(0.1)
        self.sandbox = 0.5 if streams.chance(0.05) else 0.02
        self.clock = self.ids = 0
        self.attempt = None

    def event(self, status):
        chance, rng = self.streams.chance, self.rng
        has_id, has_time = rng.choice(KNOWN_BY) if self.mixed else (self.has_id, self.has_time)
        if chance(0.04):
            status = rng.choice(UNKNOWN)
        event = {"vocabulary": self.name, "verification_id": self.verification_id, "status": status,
                 "codes": rng.choice(self.codes), "risk_code": None, "integration": rng.choice((None, "sdk", "api")),
                 "environment": "sandbox" if chance(self.sandbox) else None}
        if status == "completed" or chance(0.03):
            event["risk_code"] = rng.choice(self.risks)
        if has_id:
            self.ids += 1
            event["event_id"] = f"event-{self.ids}"
        if has_time:
            self.clock += rng.randint(0, 2)
            event["occurred_at"] = (TIMES[self.clock % len(TIMES)] if chance(0.97) else
                                    rng.choice(STRANGE_TIMES))
        if self.attempts and chance(0.4):
            self.attempt = rng.randint(1, 5) if chance(0.3) else (self.attempt or 1) + 1
        event["attempt"] = self.attempt
        if self.variants:
            event["product_variant"] = rng.choice((None, "face"))
        if self.accounts:
            event["account"] = rng.choice(("account-1", "account-2"))
        return event

    def again(self, event):
        """Delivered again; how the client is connected is no part of it."""
        return event | {"integration": self.rng.choice((None, "sdk"))} if self.streams.chance(0.1) else dict(event)

    def changed(self, event, status):
        """Other content under the same id and time."""
        other = self.event(status)
        return other | {name: event.get(name) for name in ("event_id", "occurred_at")}


def body_of(event):
    """As the canonical envelope has it."""
    provider, product = PRODUCTS[event["vocabulary"]]
    body = {"provider": provider, "product": product}
    body |= {name: value for name, value in event.items() if value is not None and name != "vocabulary"}
    return body


def fold(events):
    """The Told and the Said of each event of a verification, and what is known in the end."""
    verification, told = story.Verification(), []
    for offset, event in enumerate(events):
        body = body_of(event)
        said = story.said_of(body, ("raw", 0, offset), AT_MS + offset)
        name = repr((said.event_id or said.told, said.content)).encode()
        said = said._replace(decision_id=hashlib.sha256(name).hexdigest(), at=body.get("occurred_at", offset))
        told.append((verification.fold(said, 30 * story.DAY), said))
    return told, verification


def known_in_the_end(verification):
    """What must not depend on the order of arrival."""
    charges = {key: charge.said.facts for key, charge in verification.charges.items()}
    return verification.word and verification.word.content, charges


def check_story(verifications, seed):
    rng = random.Random(seed)
    streams, counts = Streams(rng), collections.Counter()
    for number in range(verifications):
        events = streams.verification(number)
        told, verification = fold(events)
        counts["events told once more"] += len(told)
        check_told(told, verification)
        repeated, _ = fold([e for e in events for _ in range(2)])
        for second, _ in repeated[1::2]:
            if second.published and second.transition != "UNCHANGED":
                raise SystemExit(f"streams: repeated, yet {second}: {events}")
        if comparable(events) and len(verification.charges) < story.CHARGES:
            counts["stories told in another order"] += 1
            once = list({(e.get("event_id"), e["occurred_at"], e["status"], e["codes"]): e for e in events}.values())
            shuffled = events + rng.choices(once, k=2)
            rng.shuffle(shuffled)
            _, other = fold(shuffled)
            if known_in_the_end(other) != known_in_the_end(verification):
                raise SystemExit(f"streams: another order ends with {known_in_the_end(other)} in place of "
                                 f"{known_in_the_end(verification)}: {events} {shuffled}")
    return counts


def check_told(told, verification):
    published = [what for what, _ in told if what.published]
    if [what.sequence for what in published] != list(range(1, len(published) + 1)):
        raise SystemExit(f"streams: published decisions do not count up: {told}")
    in_table = [said.content for what, said in told if what.table]
    if verification.word and in_table[-1:] != [verification.word.content]:
        raise SystemExit(f"streams: the table ends with {in_table[-1:]}: {told}")


def comparable(events):
    """All have a provider's time of these days, and none of them another content or account than its repeats."""
    said, distinct = collections.defaultdict(set), set()
    for event in events:
        body = body_of(event)
        if "occurred_at" not in body:
            return False
        it = story.said_of(body, (), 0)
        said[it.event_id or it.entry].add((it.content, it.facts))
        distinct.add((it.entry, it.micros, it.facts))
    usual = {event["occurred_at"] for event in events} <= set(TIMES)
    return usual and len(distinct) <= story.REMEMBERED and all(len(found) == 1 for found in said.values())


def main():
    verifications = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    counts = check_story(verifications, sys.argv[2] if len(sys.argv) > 2 else "1")
    print(", ".join(f"{number:,} {what}" for what, number in counts.most_common()))


if __name__ == "__main__":
    main()
