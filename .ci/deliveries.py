"""What providers send about verifications, and when it arrives: again, late or never, by their own schedules.

It shares nothing with the program, and does not know what is made of it.
"""

import json
import random
import time
from typing import NamedTuple

MINUTE = 60 * 1000
DAY = 24 * 60 * MINUTE
SPAN = 12 * DAY  # over which verifications begin
# Nothing arrives for so long from a day before now on: what is overdue is then the same for as long a run.
QUIET = 2 * 60 * MINUTE
REPEATS, LATE, LOST = 0.30, 0.05, 0.02


def yousign(rng):
    yield "pending"
    if rng.random() < 0.03:
        return  # nobody came
    yield rng.choice(("approved", "approved", "approved", ("declined", 2301), ("declined", 1301),
                      ("inconclusive", 1101)))


def ubble(rng):
    yield from ("created", "pending", "capture_in_progress", "checks_in_progress")
    if rng.random() < 0.2:
        yield from (("retry_required", 61301), "capture_in_progress", "checks_in_progress")
    yield rng.choice(("approved", "approved", "approved", ("declined", 62101), "inconclusive"))


def identity(rng):
    yield from ("new", "pending")
    if rng.random() < 0.5:
        yield "pending", 1000
    if rng.random() < 0.2:
        yield "inconsistent_data", 3505
        yield "pending"
    if rng.random() < 0.1:
        yield "completed", 6002, 200  # the signature is open
    yield rng.choice((("completed", None, 200),) * 3 + (("completed", 5100, 500), ("completed", None, 300)))


def documents(rng):
    yield from ("new", "pending")
    for _ in range(2):
        if rng.random() < 0.2:
            yield "inconsistent_data", 3602
            yield "pending"
    yield rng.choice((("completed", None, 200),) * 3 + (("completed", 5202, 500),))


class Sender(NamedTuple):
    provider: str
    product: str
    tries: tuple  # when an event that nobody has acknowledged is sent again: minutes after the try before
    named: bool  # an event has an id and a time
    story: object


YOUSIGN = 2, 6, 30, 60, 5 * 60, 18 * 60, 24 * 60, 48 * 60  # four days in all
CHECKOUT = 5, 10, 15, 30, 60, 4 * 60, 12 * 60, 12 * 60
SENDERS = (
    Sender("yousign", "video", YOUSIGN, True, yousign),
    Sender("yousign", "video", YOUSIGN, True, yousign),
    Sender("ubble", "identity_verification", (1, 5), True, ubble),  # two more tries, within minutes
    Sender("ubble", "identity_verification", CHECKOUT, True, ubble),
    # Fourthline publishes no schedule: the longest one.
    Sender("fourthline", "identity_verification", YOUSIGN, False, identity),
    Sender("fourthline", "document_authentication", YOUSIGN, False, documents),
)
AFTER = {s.tries: tuple(sum(s.tries[:n]) * MINUTE for n in range(len(s.tries) + 1)) for s in SENDERS}


class Event(NamedTuple):
    key: bytes
    body: bytes
    at: int  # when it is sent first, ms
    following: int | None  # when the next one about the verification is
    after: tuple  # when it is sent: ms after `at`


class Deliveries:
    """A number of deliveries until now (ms); the same ones, seen from now, for the same seed."""

    def __init__(self, count, seed, now):
        self.rng, self.now = random.Random(seed), now
        self.finals = self.lost = self.verifications = 0
        self.repeats, self.late = round(count * REPEATS), round(count * LATE)
        self.events = []
        while len(self.events) < count - self.repeats:
            self.events += self.verification()[:count - self.repeats - len(self.events)]
        self.first = {}  # the try by which an event that is late arrives
        self.found = []  # arrival and number of each delivery

    def records(self):
        """(arrival in ms, key, body) of all deliveries, as they arrive."""
        self.delay()
        for n, event in enumerate(self.events):
            if n not in self.first:
                self.found.append((event.at + self.on_the_way(), n))
        self.repeat()
        for arrival, n in sorted(self.found):
            yield arrival, self.events[n].key, self.events[n].body

    def verification(self):
        """Its events, without the final answer if that is lost and without what is still to come."""
        rng = self.rng
        sender, key = rng.choice(SENDERS), f"{rng.getrandbits(64):016x}"
        said = list(sender.story(rng))
        times = self.times(len(said))
        final = said[-1] != "pending" and times[-1] <= self.now - MINUTE
        self.finals += final
        if final and rng.random() < LOST:
            self.lost += 1
            said.pop()
        told = [(at, body_of(sender, key, n, what, at)) for n, (what, at) in enumerate(zip(said, times))
                if at <= self.now - MINUTE]
        self.verifications += bool(told)
        following = [at for at, _ in told[1:]] + [None]
        return [Event(key.encode(), body, at, next_, AFTER[sender.tries])
                for (at, body), next_ in zip(told, following)]

    def times(self, count):
        """When events follow one another: half a minute to eight hours later."""
        while True:
            times = [self.now - self.rng.randrange(SPAN)]
            for _ in range(count - 1):
                times.append(times[-1] + int(MINUTE / 2 * 1000 ** self.rng.random()))
            if not any(self.quiet(at) for at in times):
                return times

    def quiet(self, at):
        return self.now - DAY - MINUTE <= at <= self.now - DAY + QUIET

    def on_the_way(self):
        return self.rng.randrange(200, 3000)

    def try_of(self, n, earliest):
        """One of the tries after the first ones, and when it arrives; None if that is not to be."""
        event = self.events[n]
        if earliest >= len(event.after):
            return None
        number = self.rng.randrange(earliest, len(event.after))
        arrival = event.at + event.after[number] + self.on_the_way()
        return None if arrival > self.now or self.quiet(arrival) else (number, arrival)

    def delay(self):
        """Lets the first tries of some events fail, until another one about the verification was sent."""
        while len(self.first) < self.late:
            n = self.rng.randrange(len(self.events))
            following, taken = self.events[n].following, n not in self.first and self.try_of(n, 1)
            if taken and following and taken[1] > following + MINUTE / 4:
                self.first[n] = taken[0]
                self.found.append((taken[1], n))

    def repeat(self):
        """Sends events once more, though they have arrived: nobody acknowledged in time."""
        again = set()
        while len(again) < self.repeats:
            n = self.rng.randrange(len(self.events))
            taken = self.try_of(n, self.first.get(n, 0) + 1)
            if taken and (n, taken[0]) not in again:
                again.add((n, taken[0]))
                self.found.append((taken[1], n))


def body_of(sender, key, number, what, at):
    """An event in the canonical envelope. what: a status, or one with code and risk code."""
    status, code, risk, *_ = (what, None, None) if isinstance(what, str) else (*what, None)
    body = {"provider": sender.provider, "product": sender.product, "verification_id": key, "status": status,
            "codes": [] if code is None else [code]}
    if risk is not None:
        body["risk_code"] = risk
    if sender.named:
        body |= {"event_id": f"{key}-{number}", "occurred_at": text_of(at)}
    return json.dumps(body, separators=(",", ":")).encode()


def text_of(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms // 1000))
