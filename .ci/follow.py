"""Compares what the program makes of events one after another with the second story of each verification."""

import story

NO_STORY = {"sequence": None, "transition": None, "current": None, "previous": None}


class Follower:
    """Follows the answers of `verdict decide` to lines, of which each is the next record of one raw partition."""

    def __init__(self, timestamp, priced=False):
        self.timestamp = timestamp  # of all lines, ms
        self.priced = priced  # by the contract of prices.py
        self.stories = story.Stories(retention=None)
        self.verifications = {}
        self.offset = 0

    def follow(self, body, answer):
        """What becomes of the next line, and what differs from it: (what, the story's, the program's)."""
        decision = answer.get("decision") or {}
        id_ = decision.get("decision_id") or answer["repeat"]["decision_id"]
        said = story.said_of(body, ("-", 0, self.offset), self.timestamp, id_, decision.get("occurred_at"),
                             self.priced)
        self.offset += 1
        told = self.stories.fold(said, body["verification_id"])
        key = said.name, body["verification_id"]
        if key not in self.verifications:
            self.verifications[key] = Ids()
        differs = list(self.verifications[key].compare(said, told, answer))
        if told.published and decision:
            lifecycle = decision["lifecycle"] or NO_STORY
            differs += [(name, getattr(told, name), lifecycle[name]) for name in NO_STORY
                        if getattr(told, name) != lifecycle[name]]
        return told, differs


class Ids:
    """The ids of one verification's decisions, beside what they are made of."""

    def __init__(self):
        self.decisions, self.made_of = {}, {}
        self.events = {}  # made-up event ids
        self.published = {}  # decision ids by content

    def compare(self, said, told, answer):
        if told.published != ("decision" in answer):
            yield "a repeat or not", told, list(answer)
        elif not told.published:
            # Either that of a decision which said the same, or what this event's own would be: derived ids are made of
            # more than an event is known by.
            if said.decision_id not in self.published.get(said.content, ()):
                yield from self.compare_id(told.identity, said.decision_id)
        else:
            self.published.setdefault(said.content, set()).add(said.decision_id)
            yield from self.compare_id(told.identity, said.decision_id)
            yield from self.compare_event_id(said, told, answer["decision"]["event_id"])

    def compare_id(self, identity, decision_id):
        if self.decisions.setdefault(identity, decision_id) != decision_id:
            yield "decision_id: two for one event", self.decisions[identity], decision_id
        coarse = identity[:1] + identity[1][:2] if identity[0] == "derived" else identity
        if self.made_of.setdefault(decision_id, coarse) != coarse:
            yield "decision_id: one for two events", self.made_of[decision_id], coarse

    def compare_event_id(self, said, told, event_id):
        if said.event_id is not None:
            if event_id != said.event_id:
                yield "event_id", said.event_id, event_id
        elif self.events.setdefault(told.identity, event_id) != event_id:
            yield "event_id: two for one event", self.events[told.identity], event_id
