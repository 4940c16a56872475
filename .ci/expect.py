"""What must come out for a raw record, by a few plain rules of the decision contract.

Written from the contract, not from the program.
"""

import json
import re

REQUIRED = ("provider", "product", "verification_id", "status")
CHOICES = {"environment": ("live", "sandbox"), "integration": ("sdk", "api")}
TEXTS = ("event_id", "product_variant", "subject_ref", "journey_ref")
VOCABULARIES = {
    ("yousign", "video"): "yousign-video",
    ("fourthline", "identity_verification"): "fourthline-idv",
    ("fourthline", "document_authentication"): "fourthline-docauth",
    ("ubble", "identity_verification"): "ubble-idv",
}
OUTCOMES = {
    "yousign-video": {
        "pending": "PENDING", "approved": "APPROVED", "verified": "APPROVED", "declined": "DECLINED",
        "failed": "DECLINED", "inconclusive": "INCONCLUSIVE",
    },
    "fourthline-idv": {
        "new": "PENDING", "pending": "PENDING", "inconsistent_data": "RESUBMISSION_REQUIRED",
        "invalid_data": "RESUBMISSION_REQUIRED",
    },
    "fourthline-docauth": {
        "new": "PENDING", "pending": "PENDING", "inconsistent_data": "RESUBMISSION_REQUIRED",
        "invalid_data": "RESUBMISSION_REQUIRED",
    },
    "ubble-idv": {
        "created": "PENDING", "pending": "PENDING", "capture_in_progress": "PENDING", "checks_in_progress": "PENDING",
        "approved": "APPROVED", "declined": "DECLINED", "retry_required": "RESUBMISSION_REQUIRED",
        "refused": "INCONCLUSIVE", "inconclusive": "INCONCLUSIVE",
    },
}
BY_RISK = {
    "fourthline-idv": {200: "APPROVED", 300: "REVIEW", 400: "REVIEW", 500: "DECLINED"},
    "fourthline-docauth": {200: "APPROVED", 500: "DECLINED"},
}
RISK_CATEGORIES = {"FRAUD", "BEHAVIOR", "SCREENING", "REJECTION", "COPY"}
MISMATCHES = {"3105", "3505", "1036", "4310", "4311", "4400", "2401"}
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


def blocking(event, code):
    """Whether a reason's code must not be part of an approval: a series, so that unlisted ones count."""
    if not code.isdigit():
        return False
    if event["provider"] == "yousign":
        return 2000 <= int(code) < 3000
    if event["provider"] == "ubble":
        return 62000 <= int(code) < 63000 or 72000 <= int(code) < 73000
    return 4000 <= int(code) < 6000


def outcome(event, reasons):
    name, status = vocabulary(event), event["status"]
    if status == "completed" and name in BY_RISK:
        expected = BY_RISK[name].get(event.get("risk_code"), "REVIEW")
    else:
        expected = OUTCOMES[name].get(status, "UNRECOGNIZED")
    if expected == "APPROVED" and any(blocking(event, r["code"]) for r in reasons):
        expected = "REVIEW"
    return expected


def final(event):
    """None where it depends on what a code asks for."""
    name, status = vocabulary(event), event["status"]
    if name == "yousign-video":
        return OUTCOMES[name].get(status, "PENDING") != "PENDING"
    if name == "ubble-idv":
        return OUTCOMES[name].get(status) in ("APPROVED", "DECLINED", "INCONCLUSIVE")
    if status == "completed":
        return event.get("risk_code") in BY_RISK[name]
    if status in ("inconsistent_data", "invalid_data"):
        return True if name == "fourthline-idv" else None
    return False


def billing_flag(event):
    if event.get("environment") == "sandbox":
        return "NOT_BILLABLE"
    known = OUTCOMES[vocabulary(event)].get(event["status"])
    if event["provider"] == "yousign" and known:
        return "BILLABLE" if known in ("APPROVED", "DECLINED") else "NOT_BILLABLE"
    if known == "INCONCLUSIVE":
        return "NOT_BILLABLE"
    return "UNDETERMINED"


def reason_bears_risk(event, reason):
    return (reason["category"] in RISK_CATEGORIES or blocking(event, reason["code"])
            or reason["known"] and reason["code"] in MISMATCHES)


def risk_bearing(decision):
    return decision["risk"] is not None or any(reason_bears_risk(decision, r) for r in decision["reasons"])
