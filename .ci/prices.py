"""A made-up contract: what two providers charge from which moment on, to whom. It shares nothing with the program.

As the second mapping's answer to what an event is charged under it, and as the rows of a catalog that says the same.
"""

import datetime
import pathlib
import subprocess
from typing import NamedTuple


class Price(NamedTuple):
    """A row of the contract. What is empty, or 0, is no condition; times are RFC 3339."""

    name: str
    flag: str
    since: str = ""  # the first moment that it is for
    until: str = ""  # the first that it is not for
    statuses: tuple = ()
    risk_codes: tuple = ()
    variants: tuple = ()
    accounts: tuple = ()
    least: int = 0  # attempt
    most: int = 0

    def is_for(self, sold):
        at = sold.micros
        return (
            (not self.since or at >= micros_of(self.since)) and (not self.until or at < micros_of(self.until))
            and (not self.statuses or sold.status in self.statuses)
            and (not self.risk_codes or sold.risk_code in self.risk_codes)
            and (not self.variants or sold.variant in self.variants)
            and (not self.accounts or sold.account in self.accounts)
            and self.least <= sold.attempt and (not self.most or sold.attempt <= self.most))

    def row(self):
        """The row of a catalog."""
        attempt = {"from": self.least or None, "to": self.most or None}
        when = {
            "status": list(self.statuses), "risk_code": list(self.risk_codes), "product_variant": list(self.variants),
            "account": list(self.accounts), "attempt": {key: n for key, n in attempt.items() if n},
        }
        row = {"name": self.name, "from": self.since, "until": self.until, "when": {k: v for k, v in when.items() if v},
               "flag": self.flag, "origin": "operator"}
        return "    - " + flow({key: value for key, value in row.items() if value}) + "\n"


class Sold(NamedTuple):
    """What of an event counts for its price."""

    status: str  # by its first name
    risk_code: int | None
    variant: str | None
    account: str | None
    attempt: int
    micros: int  # when it occurred, since 1970


# The dates are beside those of random events and of streams (agree.py, streams.py), to the moment.
CONTRACT = {
    "fourthline-idv": (
        # At the latest moment that a record of the streams is believed, and after it.
        Price("later", "UNDETERMINED", since="2026-11-22T12:00:00Z"),
        Price("pilot", "NOT_BILLABLE", until="2026-11-21T11:00:00+01:00", accounts=("account-7", "account-1")),
        Price("rejected", "NOT_BILLABLE", since="2026-11-21T05:00:00-05:00", statuses=("completed",),
              risk_codes=(500,), most=1),
        Price("again", "NOT_BILLABLE", since="2026-11-21T06:20:00Z", until="2026-11-21T06:30:00Z", least=2),
        Price("with_face", "BILLABLE", since="2026-11-21T06:10:00Z", until="2026-11-21T11:59:59Z",
              statuses=("completed", "invalid_data"), variants=("face",)),
        Price("any", "BILLABLE", since="2026-11-21T12:00:00Z", accounts=("account-7", "account 8", "account-2")),
    ),
    "yousign-video": (
        Price("goodwill", "NOT_BILLABLE", since="2026-11-21T06:05:00Z", until="2026-11-21T07:25:00+01:00",
              statuses=("declined",), accounts=("account-1", "account-7")),
        Price("open", "UNDETERMINED", since="2026-11-21T12:00:00Z", statuses=("approved", "pending"), least=2),
    ),
}
HEAD = {
    "fourthline-idv": "billing:\n  otherwise:",
    "yousign-video": "billing:\n  rules:\n",
}


def charged(name, sold):
    """The flag and its basis, without the rule's name; None where the contract says nothing."""
    for price in CONTRACT.get(name, ()):
        if price.is_for(sold):
            return price.flag, f"operator:{name}/billing"
    return None


def first_date(name, status, risk_code):
    """The first moment, in microseconds since 1970, at which a row that is for the status and the risk code begins or
    ends; None where no row is."""
    return min((micros_of(date) for price in CONTRACT.get(name, ()) for date in (price.since, price.until)
                if date and (not price.statuses or status in price.statuses)
                and (not price.risk_codes or risk_code in price.risk_codes)), default=None)


def micros_of(text):
    moment = datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return moment // datetime.timedelta(microseconds=1)


def flow(value):
    """A value as YAML in one line. A text that could be something else is in quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, int) or value.replace("_", "").isalpha():
        return str(value)
    return f'"{value}"'


def export(verdict, directory):
    """Writes the built-in catalog with this contract in it into a directory."""
    subprocess.run([verdict, "catalog", "--export", directory], check=True, stdout=subprocess.DEVNULL)
    for name, prices in CONTRACT.items():
        file = pathlib.Path(directory) / f"{name}.yaml"
        text, head = file.read_text(encoding="utf-8"), HEAD[name]
        if text.count(head) != 1:
            raise SystemExit(f"prices: {file.name} does not have {head!r} once")
        rows = "".join(price.row() for price in prices)
        rest = head.removeprefix("billing:\n").removeprefix("  rules:\n")
        file.write_text(text.replace(head, f"billing:\n  rules:\n{rows}{rest}"), encoding="utf-8")
