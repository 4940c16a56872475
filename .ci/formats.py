"""The event that a provider's own body holds: written from docs/formats.md, not from the program."""

import datetime
import re
import unicodedata
from typing import NamedTuple

import expect
import mapping

MAX_DEPTH = 64


class Setting(NamedTuple):
    """What the settings say about a raw topic."""

    name: str  # of its format
    product: str = ""
    integration: str = ""


SHAPES = {
    "canonical": [{"provider"}],
    "yousign": [{"data.identity_video"}],
    "ubble-v2": [{"specversion", "data.identity_verification_id"}],
    "checkout": [{"created_on", "data.identity_verification_id"}, {"version", "data.identity_verification_id"}],
    "fourthline": [{"verificationId", "status"}, {"verificationId", "verificationStatus"}],
    "veriff-decision": [{"verification.id", "verification.status"}],
    "veriff-event": [{"id", "attemptId", "action"}],
}


def event_of(record, setting, registry):
    """The event in a record of a topic with this Setting. Raises expect.Rejected for one that must be a dead letter."""
    event = read(record, setting.name, setting.product, registry)
    if not event.get("integration"):  # the header stands in, then the topic's setting
        event["integration"] = record.header("verdict-integration") or setting.integration or None
    return event


def read(record, name, product, registry):
    value = record.value
    if name == "canonical" or name == "auto" and value and value[0] == 0:
        return expect.event_of(value, registry)
    if not value or not value.strip(b" \t\r\n"):
        raise expect.Rejected("empty_value")
    body = expect.json_event(value)
    if depth(body) > MAX_DEPTH:
        raise expect.Rejected("malformed_json")
    if name == "auto":
        name = recognise(body)
    if name == "canonical":
        return expect.event_of(value, registry)
    draft = Draft(body)
    if name == "fourthline":
        fourthline(draft, record.header("verdict-product") or product)
    elif name == "yousign":
        yousign(draft)
    elif name.startswith("veriff-"):
        veriff(draft, name)
    else:
        ubble(draft)
    return draft.event()


def depth(value):
    if isinstance(value, (dict, list)):
        return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)
    return 0


def recognise(body):
    paths = set(body)
    for outer in ("data", "verification"):
        if isinstance(body.get(outer), dict):
            paths |= {f"{outer}.{name}" for name in body[outer]}
    fits = [name for name, shapes in SHAPES.items() if any(shape <= paths for shape in shapes)]
    if len(fits) != 1:
        raise expect.Rejected("unknown_vocabulary")
    return fits[0]


class Draft:
    def __init__(self, body):
        self.body, self.values, self.wrong = body, {}, set()

    def take(self, field, path, read):
        value = self.body
        for name in path.split("."):
            if not isinstance(value, dict):
                self.wrong.add(field)
                return
            value = value.get(name)
            if value is None:
                return
        try:
            value = read(value)
        except ValueError:
            self.wrong.add(field)
            return
        if field == "codes":
            self.values.setdefault(field, []).extend(value)
        elif field == "status" and str(self.values.get(field) or "").strip():
            if value.strip() and value != self.values[field]:
                self.wrong.add(field)
        else:
            self.values[field] = value

    def event(self):
        for field in expect.REQUIRED:
            if field not in self.wrong and not str(self.values.get(field) or "").strip():
                raise expect.Rejected("missing_field")
        if self.wrong:
            raise expect.Rejected("invalid_field")
        event = {"codes": [], "micros": None, "environment": "live"} | self.values
        if (event["provider"], event["product"]) not in expect.VOCABULARIES:
            raise expect.Rejected("unknown_vocabulary")
        return event


def text(value):
    if not isinstance(value, str):
        raise ValueError
    return value


def status(value):
    return text(value).strip(mapping.SPACE)


def code(value):
    """A code's text, without the white space around it. What is plainly no code is a fault."""
    if isinstance(value, str):
        value = value.strip(mapping.SPACE)
        hidden = any(unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") for c in value)
        if not value or len(value.encode()) > 64 or hidden:
            raise ValueError
        return value
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return str(value)


def items(read):
    def read_all(value):
        if not isinstance(value, list):
            raise ValueError
        return [read(item) for item in value]
    return read_all


def single_code(value):
    return [] if isinstance(value, str) and not value.strip(mapping.SPACE) else [code(value)]


def code_object(value):
    if not isinstance(value, dict):
        raise ValueError
    return code(value.get("code"))


def risk(value):
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 31:
        raise ValueError
    return value


def boolean(value):
    if not isinstance(value, bool):
        raise ValueError
    return value


def seconds(value):
    if value == "":
        return None
    digits = str(value)
    if isinstance(value, (bool, float)) or not re.fullmatch("[0-9]+", digits) or int(digits) > 253402300799:
        raise ValueError
    return int(digits) * 1_000_000


def moment(value):
    if text(value) == "":
        return None
    if not expect.RFC3339.fullmatch(value):
        raise ValueError
    at = datetime.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    return (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def yousign(draft):
    draft.values.update(provider="yousign", product="video")
    draft.take("event_id", "event_id", text)
    draft.take("micros", "event_time", seconds)
    draft.take("environment", "sandbox", lambda v: "sandbox" if boolean(v) else "live")
    draft.take("verification_id", "data.identity_video.id", text)
    draft.take("status", "data.identity_video.status", status)
    draft.take("codes", "data.identity_video.status_codes", items(code))
    draft.take("account", "data.identity_video.workspace_id",
               lambda v: v if isinstance(v, str) and v.strip(mapping.SPACE) else None)
    draft.take("product_variant", "data.identity_video.face_recognition",
               lambda v: "face_recognition" if boolean(v) else None)


def ubble(draft):
    """Either envelope, whichever topic it is on; two times must not contradict each other."""
    draft.values.update(provider="ubble", product="identity_verification")
    draft.take("event_id", "id", text)
    draft.take("micros", "time", moment)
    time = draft.values.pop("micros", None)
    draft.take("micros", "created_on", moment)
    created = draft.values.setdefault("micros", None)
    if created is None:
        draft.values["micros"] = time
    elif time is not None and time != created:
        draft.wrong.add("micros")
    draft.take("verification_id", "data.identity_verification_id", text)
    draft.take("status", "data.status", status)
    draft.take("codes", "data.response_codes", items(code_object))
    draft.take("subject_ref", "data.external_applicant_id", text)


def fourthline(draft, product):
    draft.values.update(provider="fourthline", product=product)
    draft.take("verification_id", "verificationId", text)
    draft.take("status", "verificationStatus", status)
    draft.take("status", "status", status)
    draft.take("codes", "statusCodes", items(code))
    draft.take("codes", "statusCode", single_code)
    draft.take("risk_code", "riskCode", risk)


def veriff(draft, name):
    """What became of a session, or that the person has begun or sent it: of that the body has no time."""
    draft.values.update(provider="veriff", product="identity_verification")
    if name == "veriff-event":
        draft.take("verification_id", "id", text)
        draft.take("status", "action", status)
        draft.take("subject_ref", "endUserId", text)
        return
    draft.take("verification_id", "verification.id", text)
    draft.take("status", "verification.status", status)
    draft.take("codes", "verification.reasonCode", single_code)
    draft.take("micros", "verification.decisionTime", moment)
    draft.take("subject_ref", "verification.endUserId", text)


def said(event):
    """What a decision must repeat, beside what it says of canonical events too."""
    at = None
    if event["micros"] is not None:
        moment_ = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=event["micros"])
        at = re.sub(r"(\.\d*?)0+$", r"\1", moment_.isoformat()) + "Z"
    codes = sorted({plain(c) for c in event["codes"]})
    return {"environment": event["environment"].upper(), "codes": codes, "occurred_at": at}


def repeated(decision):
    at = decision["occurred_at"] if decision["occurred_at_source"] == "PROVIDER" else None
    codes = sorted(r["code"] for r in decision["reasons"])
    return {"environment": decision["environment"], "codes": codes, "occurred_at": at}


def plain(text_):
    """A code without its prefix and leading zeros."""
    bare = text_.removeprefix("IDVV_")
    return bare.lstrip("0") or "0" if re.fullmatch("[0-9]{1,18}", bare) else text_

