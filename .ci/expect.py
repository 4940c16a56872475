"""What must come out for a raw record, by a few plain rules of the decision contract.

Written from the contract, not from the program. What a status and its codes mean is in mapping.py.
"""

import datetime
import json
import re
from typing import NamedTuple

import mapping

REQUIRED = ("provider", "product", "verification_id", "status")
CHOICES = {"environment": ("live", "sandbox"), "integration": ("sdk", "api")}
TEXTS = ("event_id", "product_variant", "subject_ref", "journey_ref", "account")
VOCABULARIES = {
    ("yousign", "video"): "yousign-video",
    ("fourthline", "identity_verification"): "fourthline-idv",
    ("fourthline", "document_authentication"): "fourthline-docauth",
    ("ubble", "identity_verification"): "ubble-idv",
    ("veriff", "identity_verification"): "veriff-idv",
}
# ubble is not in the tables: what its statuses say, and its series by their thousands (statuses, blocks approval).
UBBLE = {
    "created": "PENDING", "pending": "PENDING", "capture_in_progress": "PENDING", "checks_in_progress": "PENDING",
    "approved": "APPROVED", "declined": "DECLINED", "retry_required": "RESUBMISSION_REQUIRED",
    "refused": "INCONCLUSIVE", "inconclusive": "INCONCLUSIVE",
}
UBBLE_APPROVED, UBBLE_BLOCKING = 10, (62, 72)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


class Rejected(Exception):
    """The record must be a dead letter; its text is the reason."""


def event_of(value, registry):
    """The event that a raw value holds. Raises Rejected for one that must be a dead letter."""
    if not value:
        raise Rejected("empty_value")
    if len(value) > 1 << 20:
        raise Rejected("too_large")
    if value[0] == 0:
        event = avro_event(value, registry)
    else:
        event = json_event(value)
    check_fields(event)
    if (event["provider"], event["product"]) not in VOCABULARIES:
        raise Rejected("unknown_vocabulary")
    return event


def avro_event(value, registry):
    from readback import UnknownSchema

    try:
        event = registry.decode(value)
    except UnknownSchema:
        raise Rejected("unknown_schema") from None
    except (EOFError, IndexError, ValueError, UnicodeDecodeError):
        raise Rejected("malformed_avro") from None
    if not set(REQUIRED) <= event.keys():
        raise Rejected("incompatible_schema")
    if event.get("occurred_at") is not None:
        event["occurred_at"] = event["occurred_at"].isoformat()
    for name in CHOICES:  # symbols of an enum
        if event.get(name) is not None:
            event[name] = None if event[name] == "UNSPECIFIED" else event[name].lower()
    return event


def json_event(value):
    def once(pairs):
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    try:
        event = json.loads(value.decode(), object_pairs_hook=once)
        if b"\\u" in value:
            json.dumps(event, ensure_ascii=False).encode()  # refuses half a surrogate pair, which loads lets through
    except (ValueError, RecursionError):
        raise Rejected("malformed_json") from None
    if not isinstance(event, dict):
        raise Rejected("malformed_json")
    return event


def check_fields(event):
    for name in REQUIRED:
        text = event.get(name)
        if text is None or isinstance(text, str) and not text.strip():
            raise Rejected("missing_field")
    if not isinstance(event.get("account"), str):  # the producer's own field of that name
        event["account"] = None
    if not all(valid(name, value) for name, value in event.items() if value is not None):
        raise Rejected("invalid_field")


def valid(name, value):
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name in REQUIRED or name in TEXTS:
        return isinstance(value, str)
    if name == "codes":
        return isinstance(value, list) and all(
            isinstance(c, str) or isinstance(c, int) and not isinstance(c, bool) and c >= 0 for c in value)
    if name == "risk_code":
        return whole and 0 <= value < 1 << 31
    if name == "attempt":
        return whole and 1 <= value < 1 << 31
    if name in CHOICES:
        return value in CHOICES[name]
    if name == "occurred_at":
        return isinstance(value, str) and bool(RFC3339.fullmatch(value))
    if name == "metadata":
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    return True


def vocabulary(event):
    return VOCABULARIES[event["provider"], event["product"]]


class Expected(NamedTuple):
    """What a decision must say. None: not known here."""

    outcome: str
    ended: bool
    final: bool
    flag: str
    rest: mapping.Answer | None  # all else, of the vocabularies in the tables


def expected(event, codes):
    """What must come out for an event. codes: those of the decision's reasons, by which ubble is judged."""
    name, sandbox = vocabulary(event), event.get("environment") == "sandbox"
    if name == "ubble-idv":
        return ubble(event["status"].strip(mapping.SPACE), codes, sandbox)
    answer = mapping.decide(name, event["status"], tuple(event.get("codes") or ()), event.get("risk_code"),
                            event.get("integration") or None, event.get("environment") or "live")
    return Expected(answer.outcome, answer.ended, answer.final, answer.flag, answer)


def ubble(status, codes, sandbox):
    said = UBBLE.get(status, "UNRECOGNIZED")
    ended = said in ("APPROVED", "DECLINED", "INCONCLUSIVE")
    outcome = said
    if said == "APPROVED" and any(thousand(code) != UBBLE_APPROVED for code in codes):
        outcome = "REVIEW"  # ubble's other series come with other statuses, and of the rest nobody knows
    flag = "NOT_BILLABLE" if sandbox or said == "INCONCLUSIVE" else "UNDETERMINED"
    return Expected(outcome, ended, ended, flag, None)


def thousand(code):
    return int(code) // 1000 if code.isascii() and code.isdigit() else None


def expiry(answer, occurred_at):
    """Until when the advice can be followed. occurred_at is the decision's text of the provider's time, or None."""
    if answer is None or not answer.expires or occurred_at is None:
        return None
    at = datetime.datetime.fromisoformat(occurred_at.replace("Z", "+00:00")) + datetime.timedelta(minutes=15)
    return plain_time(at)


def plain_time(at):
    """RFC 3339 in UTC, without zeros at the end of the fraction."""
    text = at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "Z"


def time_of(ms):
    """The same of milliseconds since 1970."""
    return plain_time(datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc))


def reason_bears_risk(decision, reason):
    name = vocabulary(decision)
    if name == "ubble-idv":
        return reason["category"] in mapping.RISK_CATEGORIES or thousand(reason["code"]) in UBBLE_BLOCKING
    return mapping.read(name, reason["code"]).bears_risk


def risk_bearing(decision):
    """Whether a decision makes a risk event."""
    return (decision["risk"] is not None or decision["outcome"] in ("DECLINED", "REVIEW")
            or any(reason_bears_risk(decision, r) for r in decision["reasons"]))


def charged(decision):
    """Whether a decision makes a billing event, be it charged or not."""
    return decision["ended"] or decision["outcome"] == "UNRECOGNIZED"
