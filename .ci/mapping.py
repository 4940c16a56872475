"""What an event means: a second mapping, from the tables in facts/ and the plain rules of the decision contract.

It shares nothing with the program, its catalog or the catalog's loader, so that a slip in one of the two shows. Where
both disagree, the contract and the provider's page say which is wrong; neither is bent to the other.
"""

import csv
import functools
import pathlib
import re
from typing import NamedTuple

import prices

FACTS = pathlib.Path(__file__).parent / "facts"
SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
PREFIXES = {"yousign-video": ("IDVV_",)}
ALIASES = {"yousign-video": {"verified": "approved", "failed": "declined"}}
SIBLINGS = {"fourthline-idv": "fourthline-docauth", "fourthline-docauth": "fourthline-idv"}

# What a provider's status says; that of `completed` is in its risk code, REVIEW where that says nothing.
SAID = {
    "yousign-video": {
        "pending": "PENDING", "approved": "APPROVED", "declined": "DECLINED", "inconclusive": "INCONCLUSIVE",
    },
    "fourthline-idv": {
        "new": "PENDING", "pending": "PENDING", "inconsistent_data": "RESUBMISSION_REQUIRED",
        "invalid_data": "RESUBMISSION_REQUIRED", "completed": "",
    },
}
SAID["fourthline-docauth"] = SAID["fourthline-idv"]
SAID["veriff-idv"] = {
    "created": "PENDING", "started": "PENDING", "submitted": "PENDING", "approved": "APPROVED", "declined": "DECLINED",
    "resubmission_requested": "RESUBMISSION_REQUIRED", "expired": "INCONCLUSIVE", "abandoned": "INCONCLUSIVE",
    "review": "REVIEW",
}
SAID_ORIGINS = {("veriff-idv", "review"): "reading"}  # all others are the pages' own word
BY_RISK = {
    "yousign-video": {}, "veriff-idv": {},
    "fourthline-idv": {200: "APPROVED", 300: "REVIEW", 400: "REVIEW", 500: "DECLINED"},
    "fourthline-docauth": {200: "APPROVED", 500: "DECLINED"},
}
# What the pages say of charges; of all other statuses they say nothing, as fourthline's do of any.
CHARGED = {
    "yousign-video": {"inconclusive": "NOT_BILLABLE", "approved": "BILLABLE", "declined": "BILLABLE"},
    "veriff-idv": {"expired": "NOT_BILLABLE", "approved": "BILLABLE", "declined": "BILLABLE"},
}
# What is not charged yet, by policy, and what two pages say two things of.
NOT_YET = {"yousign-video": ("pending",), "veriff-idv": ("created", "started", "submitted")}
CONTRADICTED = {"veriff-idv": ("resubmission_requested", "abandoned")}
# Where an outcome by risk code comes from: the pages print names of scores, and recommend nothing.
RISK_ORIGINS = {200: "reading", 300: "policy", 400: "policy", 500: "reading"}
LEVELS = {"low": "LOW", "medium": "MEDIUM", "high": "HIGH", "unacceptable": "UNACCEPTABLE"}

# Categories whose reasons bear risk; of the first five, the earlier counts more.
RANKED = ("FRAUD", "BEHAVIOR", "SCREENING", "RISK", "REJECTION")
RISK_CATEGORIES = {*RANKED, "COPY", "IDENTITY_MISMATCH"}
RISK_CODES = {("fourthline-idv", code) for code in (1034, 1035, 1036)}
REFUSALS = {("yousign-video", 3001)}
EFFECTS = ("NEUTRAL", "CLEARED", "POSITIVE")

# Verb and object of a page's advice, and the action that it is.
ADVISED = [(action, re.compile(pattern)) for action, pattern in (
    ("UPDATE_IDENTITY_DATA", r"update (identity |client )?data: (?!(document number|issue date|expiry date)$)"
                             r"|upload: identity data"),
    ("UPDATE_IDENTITY_FILE", r"update identity file: |update client data: (document number|issue date|expiry date)$"),
    ("PROVIDE_ADDRESS_OR_PROOF", r"provide: valid address, or ask client: new official PoA document"),
    ("PROVIDE_ADDRESS", r"provide: valid (residential )?address(?!, or)"),
    ("PROVIDE_GEOLOCATION", r"geolocation"),
    ("PROVIDE_IP_ADDRESS", r"provide: valid IP address"),
    ("USE_SUPPORTED_DOCUMENT", r"ask client: ID document that is supported"),
    ("UPLOAD_ID_DOCUMENT", r"upload: (ID document|document photos|document and)|provide: as many photos"),
    ("UPLOAD_SECONDARY_DOCUMENT", r"upload: secondary document"),
    ("UPLOAD_PROOF_OF_ADDRESS", r"upload: (\w+ )?PoA document"),
    ("UPLOAD_SELFIE", r"upload: (.* and )?selfie(?! video)"),
    ("UPLOAD_SELFIE_VIDEO", r"upload: selfie video"),
    ("UPLOAD_DOCUMENT_VIDEO", r"upload: video"),
    ("INCLUDE_SIGNATURE", r"new workflow: .*QES"),
    ("REPEAT_DOCUMENT_APPROVAL", r"api: repeat the document approval step"),
    ("REPEAT_SIGNATURE_CONFIRMATION", r"api: repeat the signature confirmation step"),
    ("USE_DIFFERENT_DOCUMENT", r"upload: different PoA document"),
    ("USE_SUPPORTED_LOCATION", r"in a supported country"),
)]
NO_ACTION = re.compile(r"(wait: next status notification|none: retry not possible|new case|new workflow: IDV)?")
# What a page's advice means beside its words, and what yousign's page leaves to us.
MEANT = {("fourthline-idv", code): "USE_DIFFERENT_DOCUMENT" for code in (1036, 3204, 3205, 3209, 3210, 3404, 3405)} | {
    ("fourthline-idv", 3510): "USE_SUPPORTED_LOCATION", ("fourthline-docauth", 3510): "USE_SUPPORTED_LOCATION",
    ("yousign-video", 1112): "FIND_DOCUMENT", ("yousign-video", 1113): "ALLOW_CAMERA",
    ("yousign-video", 1121): "STAY_ON_PAGE", ("yousign-video", 1204): "STAY_ON_PAGE",
    ("yousign-video", 1201): "IMPROVE_CONNECTION", ("yousign-video", 1202): "CHANGE_BROWSER",
    ("yousign-video", 1203): "CHANGE_DEVICE",
    ("veriff-idv", 205): "USE_DIFFERENT_DOCUMENT", ("veriff-idv", 206): "USE_SUPPORTED_DOCUMENT",
    ("veriff-idv", 207): "USE_DIFFERENT_DOCUMENT",
}
# The order of all actions in an advice. CHECK_STATUS is for what is overdue, and comes with no event.
ACTIONS = (
    "SHARE_VERIFICATION_URL", "SUBMIT_DATA_AND_FILES", "UPDATE_IDENTITY_DATA", "UPDATE_IDENTITY_FILE",
    "PROVIDE_ADDRESS", "PROVIDE_GEOLOCATION", "PROVIDE_IP_ADDRESS", "USE_SUPPORTED_DOCUMENT", "UPLOAD_ID_DOCUMENT",
    "UPLOAD_SECONDARY_DOCUMENT", "UPLOAD_PROOF_OF_ADDRESS", "UPLOAD_SELFIE", "UPLOAD_SELFIE_VIDEO",
    "UPLOAD_DOCUMENT_VIDEO", "INCLUDE_SIGNATURE", "REPEAT_DOCUMENT_APPROVAL", "REPEAT_SIGNATURE_CONFIRMATION",
    "PROVIDE_ADDRESS_OR_PROOF", "USE_DIFFERENT_DOCUMENT", "USE_SUPPORTED_LOCATION", "CHECK_STATUS", "FIND_DOCUMENT",
    "ALLOW_CAMERA", "IMPROVE_CONNECTION", "CHANGE_BROWSER", "CHANGE_DEVICE", "STAY_ON_PAGE", "IMPROVE_CAPTURE",
)
REPEATS = {"REPEAT_DOCUMENT_APPROVAL", "REPEAT_SIGNATURE_CONFIRMATION"}
NOTHING = frozenset()


class Code(NamedTuple):
    """A code as a vocabulary reads it."""

    text: str  # without prefix and leading zeros; as spelt where it cannot be read
    number: int | None  # None: it cannot be read
    listed: bool
    statuses: frozenset  # empty: neither listed nor in a range
    series: str
    category: str
    effect: str
    blocks: bool
    no_retry: bool
    bears_risk: bool
    refusal: bool
    actions: frozenset
    fields: tuple
    new_case: bool
    signature: str  # OPEN, FAILED or ""
    disclosable: bool | None  # None: the contract does not say
    risk_codes: frozenset  # those that the page ties it to; empty: any
    elsewhere: bool  # not listed here, but by the provider's other product
    weight: tuple  # the least counts most

    @property
    def negative(self):
        return self.effect == "NEGATIVE"


class Answer(NamedTuple):
    outcome: str
    outcome_basis: str
    ended: bool
    final: bool
    category: str
    primary_code: str | None
    reasons: tuple  # the codes, each once, by number, those that cannot be read last
    risk: tuple | None  # the risk code and its level
    flag: str
    flag_basis: str  # without the rule's name, which the contract leaves open, unless it is the sandbox's
    report_available: bool
    signature: str
    advice: str
    scope: str
    actions: tuple  # in the order of ACTIONS
    fields: tuple  # sorted
    expires: bool  # the actions can be done until 15 minutes after the provider's time
    anomalies: tuple  # sorted
    routes: tuple


def table(name):
    with open(FACTS / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed_codes():
    found = {}
    for row in table("codes.csv"):
        name, number = row["vocabulary"], int(row["code"])
        found[name, number] = row | {"actions": actions_of(name, number, row)}
    return found


def actions_of(name, number, row):
    actions = {action for action, pattern in ADVISED if pattern.search(row["action"])}
    if not actions and not NO_ACTION.fullmatch(row["action"]):
        raise ValueError(f"codes.csv: {name} {number}: no action is known for {row['action']!r}")
    if (name, number) in MEANT:
        actions.add(MEANT[name, number])
    if name == "yousign-video" and row["series"] in ("document capture", "face capture"):
        actions.add("IMPROVE_CAPTURE")
    if row["series"] == "resubmission_requested" and row["category"].endswith("_CAPTURE"):
        actions.add("IMPROVE_CAPTURE")
    return frozenset(actions)


def true(text):
    return {"true": True, "false": False}[text]


LISTED = listed_codes()
RANGES = table("ranges.csv")
REPORTS = {(row["vocabulary"], row["status"]): true(row["report_available"]) for row in table("statuses.csv")}
RISKS = {(row["vocabulary"], int(row["risk_code"])): LEVELS[row["label"].split("_")[1]]
         for row in table("risk-codes.csv")}


def words(text):
    return frozenset(text.split("|")) - {""}


@functools.cache
def read(name, text):
    """A code's text, or its number, as the vocabulary reads it."""
    text = str(text).strip(SPACE)
    bare = text
    for prefix in PREFIXES.get(name, ()):
        bare = bare.removeprefix(prefix)
    if not re.fullmatch("0*[0-9]{1,18}", bare):  # the contract names no bound; nobody's codes come near it
        return unlisted(name, text, None)
    number = int(bare)
    if (name, number) in LISTED:
        return listed(name, number, LISTED[name, number])
    return unlisted(name, str(number), number)


def listed(name, number, row):
    signature = ""
    if row["series"] == "qes":
        signature = "FAILED" if "INCLUDE_SIGNATURE" in row["actions"] else "OPEN"
    return weighed(Code(
        str(number), number, True, words(row["statuses"]), row["series"], row["category"], row["effect"],
        true(row["blocks_approval"]), true(row["no_retry"]), true(row["risk_bearing"]), (name, number) in REFUSALS,
        row["actions"], tuple(words(row["fields"])), row["action"].startswith("new case"), signature,
        true(row["disclosable"]), tied_to(name, number), False, ()))


def unlisted(name, text, number):
    row = range_of(name, number)
    elsewhere = (SIBLINGS.get(name), number) in LISTED
    if row is None:
        return weighed(Code(text, number, False, NOTHING, "", "UNKNOWN", "NEUTRAL", False, False, False, False, NOTHING,
                            (), False, "", None, NOTHING, elsewhere, ()))
    signature = "FAILED" if row["series"] == "qes" else ""
    blocks = true(row["blocks_approval"])
    return weighed(Code(text, number, False, words(row["statuses"]), row["series"], row["category"], "NEGATIVE", blocks,
                        true(row["no_retry"]), blocks, False, NOTHING, (), False, signature,
                        true(row["disclosable"]), tied_to(name, number), elsewhere, ()))


def range_of(name, number):
    for row in RANGES:
        if number is not None and row["vocabulary"] == name and int(row["from"]) <= number <= int(row["to"]):
            return row
    return None


def tied_to(name, number):
    row = range_of(name, number)
    return frozenset(map(int, words(row["risk_codes"]))) if row else NOTHING


def weighed(code):
    """What counts most: NEGATIVE, then unlisted outside all ranges, then the other effects; the lower number first."""
    if code.negative:
        holds = [code.category == category for category in RANKED]
        holds += [code.blocks, code.no_retry, code.bears_risk, code.refusal, True]
        rank = holds.index(True)
    elif not code.statuses:
        rank = 20
    else:
        rank = 21 + EFFECTS.index(code.effect)
    unread = code.number is None
    return code._replace(weight=(rank, unread, 0 if unread else code.number, code.text))


def decide(name, status, codes=(), risk_code=None, integration=None, environment="live", terms=None):
    """The Answer to an event of the vocabulary with that name. Codes are texts or numbers, as the event has them. With
    terms (variant, account, attempt and time in microseconds) it is charged by the contract of prices.py."""
    case = Case(name, status, frozenset(read(name, code) for code in codes), risk_code, integration)
    return case.answer(environment, terms)


class Case:
    def __init__(self, name, status, codes, risk_code, integration):
        self.name, self.codes, self.risk_code, self.integration = name, codes, risk_code, integration
        status = status.strip(SPACE)
        self.status = ALIASES.get(name, {}).get(status, status)
        self.known = self.status in SAID[name]
        self.own = [c for c in codes if self.status in c.statuses]
        self.misplaced = [c for c in codes if self.known and c.statuses and self.status not in c.statuses]
        self.strange = any(not c.statuses for c in codes)
        self.said = "UNRECOGNIZED"
        if self.known:
            self.said = SAID[name][self.status] or BY_RISK[name].get(risk_code, "REVIEW")
        # Beside an approval: codes that the page ties to another status, and those that block wherever they come.
        self.contradicting = any(c.negative for c in self.misplaced) or any(c.blocks for c in codes)
        self.resubmission = self.said == "RESUBMISSION_REQUIRED"
        self.forbidden = any(c.no_retry for c in self.own)
        self.outcome = self.find_outcome()
        self.signature = self.find_signature()

    def answer(self, environment, terms):
        final = self.final()
        over = self.resubmission and self.name != "veriff-idv"  # there the same session goes on
        ended = final or self.status == "completed" and self.known or over
        advice, scope, actions, fields = self.retry()
        most = min(self.codes, key=lambda c: c.weight, default=None)
        flag, flag_basis = self.charge(environment, terms)
        risk = self.risk_code
        return Answer(
            self.outcome, self.outcome_basis(), ended, final, most.category if most else "NONE",
            most.text if most else None, tuple(c.text for c in sorted(self.codes, key=lambda c: c.weight[1:])),
            None if risk is None else (risk, RISKS.get((self.name, risk), "UNKNOWN")), flag, flag_basis,
            REPORTS.get((self.name, self.status), False), self.signature, advice, scope,
            tuple(sorted(actions, key=ACTIONS.index)), tuple(sorted(fields)),
            self.name == "yousign-video" and "SHARE_VERIFICATION_URL" in actions, self.anomalies(), self.routes(ended))

    def charge(self, environment, terms):
        """The billing flag, and where it comes from."""
        if environment == "sandbox":
            return "NOT_BILLABLE", "policy:billing/sandbox"
        if terms and self.known:  # of a status that nobody knows a contract says nothing
            charged = prices.charged(self.name, prices.Sold(self.status, self.risk_code, *terms))
            if charged:
                return charged
        flag, origin = CHARGED.get(self.name, {}).get(self.status, "UNDETERMINED"), "source"
        if self.status in NOT_YET.get(self.name, ()):
            flag, origin = "NOT_BILLABLE", "policy"
        elif self.status in CONTRADICTED.get(self.name, ()):
            origin = "reading"
        elif not self.known:
            origin = "policy"
        return flag, f"{origin}:{self.name}/billing"

    def routes(self, ended):
        bears_risk = (self.risk_code is not None or self.outcome in ("DECLINED", "REVIEW")
                      or any(c.bears_risk for c in self.codes))
        holds = {"decision": True, "billing": ended or self.outcome == "UNRECOGNIZED", "risk": bears_risk}
        return tuple(route for route, true_ in holds.items() if true_)

    def find_outcome(self):
        if self.said == "APPROVED" and (self.contradicting or self.strange):
            return "REVIEW"
        if self.resubmission and self.forbidden:
            return "DECLINED"
        return self.said

    def outcome_basis(self):
        if self.outcome != self.said:
            if self.said != "APPROVED":
                return f"reading:{self.name}/no-retry-code"
            why = "approval-contradicted" if self.contradicting else "unlisted-code-on-approval"
            return f"policy:{self.name}/{why}"
        if not self.known:
            return f"policy:{self.name}/status/unknown"
        if SAID[self.name][self.status]:
            origin = SAID_ORIGINS.get((self.name, self.status), "source")
            return f"{origin}:{self.name}/status/{self.status}"
        origin, risk = "policy", "missing" if self.risk_code is None else "unknown"
        if self.risk_code in BY_RISK[self.name]:
            origin, risk = RISK_ORIGINS[self.risk_code], self.risk_code
        return f"{origin}:{self.name}/status/{self.status}/risk/{risk}"

    def find_signature(self):
        kinds = {c.signature for c in self.own}
        return "FAILED" if "FAILED" in kinds else "OPEN" if "OPEN" in kinds else "NONE"

    def final(self):
        if self.status == "completed":
            return self.risk_code in BY_RISK[self.name] and self.known
        if self.resubmission:
            return self.name == "fourthline-idv" or self.forbidden or any(c.new_case for c in self.own)
        return self.said in ("APPROVED", "DECLINED", "INCONCLUSIVE")

    def retry(self):
        """Advice, scope, actions and fields: the first of the contract's rules that holds."""
        if self.forbidden or self.status == "completed" and self.said == "DECLINED":
            return "DO_NOT_RETRY", "NONE", NOTHING, NOTHING
        own = set(self.own)
        if any((c.blocks or c.no_retry) and c not in own for c in self.codes):
            return "AWAIT_REVIEW", "NONE", NOTHING, NOTHING
        if not self.known:
            return "UNKNOWN", "UNKNOWN", NOTHING, NOTHING
        if self.outcome == "REVIEW" and (self.contradicting or self.strange or self.signature != "OPEN"):
            return "AWAIT_REVIEW", "NONE", NOTHING, NOTHING
        if self.outcome in ("APPROVED", "REVIEW"):
            return self.signature_retry()
        return self.status_retry()

    def signature_retry(self):
        steps = frozenset().union(*(c.actions for c in self.own if c.signature == self.signature))
        if self.signature == "NONE":
            return "NOT_APPLICABLE", "NONE", NOTHING, NOTHING
        if self.signature == "FAILED":
            if any(c.signature == "FAILED" and not c.listed for c in self.own):
                return "AWAIT_REVIEW", "NONE", NOTHING, NOTHING
            return "RETRY_WITH_CHANGES", "NEW_VERIFICATION", steps, NOTHING
        if self.integration == "sdk":
            return "WAIT", "SAME_VERIFICATION", NOTHING, NOTHING
        advice = "RETRY_WITH_CHANGES" if self.integration == "api" else "CONDITIONAL"
        return advice, "SAME_VERIFICATION", steps, NOTHING

    def status_retry(self):
        advice, scope, actions = self.status_advice()
        if any(c.new_case for c in self.own):
            scope = "NEW_VERIFICATION"
        fields = set()
        if not any(c.refusal for c in self.codes):
            actions = actions.union(*(self.steps(c, scope) for c in self.codes))
            fields.update(*(c.fields for c in self.codes))
        if advice == "RETRY" and actions:
            advice = "RETRY_WITH_CHANGES"
        return advice, scope, actions, frozenset(fields if actions else NOTHING)

    def steps(self, code, scope):
        """What a code asks for. The SDK repeats steps itself; none is repeated in a case that a new one replaces."""
        if scope == "NEW_VERIFICATION" or self.integration == "sdk":
            return code.actions - REPEATS
        return code.actions

    def status_advice(self):
        """Advice, scope and actions of the status alone. While a case is open, it goes on in the same verification."""
        if self.name == "yousign-video":
            return {
                "pending": ("WAIT", "SAME_VERIFICATION", frozenset({"SHARE_VERIFICATION_URL"})),
                "inconclusive": ("RETRY", "NEW_VERIFICATION", NOTHING),
                "declined": ("OPTIONAL", "NEW_VERIFICATION", NOTHING),
            }[self.status]
        if self.name == "veriff-idv":
            wait, anew = ("WAIT", "SAME_VERIFICATION", NOTHING), ("OPTIONAL", "NEW_VERIFICATION", NOTHING)
            return {
                "created": ("CONTINUE", "SAME_VERIFICATION", frozenset({"SHARE_VERIFICATION_URL"})),
                "started": wait, "submitted": wait, "declined": anew, "expired": anew, "abandoned": anew,
                "resubmission_requested": ("RETRY", "SAME_VERIFICATION", NOTHING),
            }[self.status]
        if self.resubmission:
            return "RETRY", "NEW_VERIFICATION" if self.name == "fourthline-idv" else "SAME_VERIFICATION", NOTHING
        if self.status == "new" and self.name == "fourthline-idv" and self.integration != "sdk":
            advice = "CONTINUE" if self.integration == "api" else "CONDITIONAL"
            return advice, "SAME_VERIFICATION", frozenset({"SUBMIT_DATA_AND_FILES"})
        return "WAIT", "SAME_VERIFICATION", NOTHING

    def anomalies(self):
        completed = self.known and self.status == "completed"
        risk_codes, risk_code = BY_RISK[self.name], self.risk_code
        unknown_risk = risk_code is not None and risk_code not in risk_codes
        sibling_risk = unknown_risk and risk_code in BY_RISK.get(SIBLINGS.get(self.name), ())
        holds = {
            "UNKNOWN_STATUS": not self.known,
            "UNKNOWN_CODE": any(not c.listed for c in self.codes),
            "UNKNOWN_RISK_CODE": unknown_risk,
            "RISK_CODE_MISSING": completed and risk_code is None,
            "RISK_CODE_NOT_ALLOWED": self.known and not completed and risk_code in risk_codes,
            "CODE_NOT_ALLOWED_FOR_STATUS": bool(self.misplaced),
            "CODE_CONTRADICTS_RISK": risk_code is not None and any(
                c.risk_codes and risk_code not in c.risk_codes for c in self.codes),
            "APPROVAL_CONTRADICTED": self.said == "APPROVED" and self.contradicting,
            "REASON_MISSING": self.reason_expected() and not self.strange and not self.explained(),
            "WRONG_PRODUCT_SUSPECTED": sibling_risk or any(c.elsewhere for c in self.codes),
        }
        return tuple(sorted(name for name, true_ in holds.items() if true_))

    def reason_expected(self):
        if self.name == "veriff-idv" and self.said == "INCONCLUSIVE":  # its status is all the reason there is
            return False
        return self.resubmission or self.said in ("DECLINED", "INCONCLUSIVE")

    def explained(self):
        """A negative code of this status says why; a completed case is only declined by rejections and fraud."""
        wanted = ("rejection", "fraud")
        return any(c.negative and (self.status != "completed" or c.series in wanted) for c in self.own)


def check_tables():
    """What the tables and the rules above both say."""
    for name, said in SAID.items():
        rows = {row["status"] for row in table("statuses.csv") if row["vocabulary"] == name}
        if rows != set(said):
            raise ValueError(f"statuses.csv: {name} has {sorted(rows)}, the rules have {sorted(said)}")
        risks = {int(row["risk_code"]) for row in table("risk-codes.csv") if row["vocabulary"] == name}
        if risks != set(BY_RISK[name]):
            raise ValueError(f"risk-codes.csv: {name} has {sorted(risks)}, the rules have {sorted(BY_RISK[name])}")
    for name, number in LISTED:
        code = read(name, number)
        if not code.actions <= set(ACTIONS):
            raise ValueError(f"codes.csv: {name} {number}: one of {sorted(code.actions)} has no place in the order")
        if code.bears_risk != (code.category in RISK_CATEGORIES or code.blocks or (name, number) in RISK_CODES):
            raise ValueError(f"codes.csv: {name} {number}: risk_bearing is not as its category and flags say")
        if not code.statuses <= set(SAID[name]):
            raise ValueError(f"codes.csv: {name} {number}: unknown status in {sorted(code.statuses)}")


check_tables()
