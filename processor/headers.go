package processor

import "verdict/rules"

// CloudEvents 1.0, Kafka protocol binding, binary content mode: attributes are headers with the prefix ce_.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
var specVersion = []byte("1.0")

const traceParent = "traceparent"

// forms are the headers of the outputs of a vocabulary, by route, without what differs from one decision to the next: a
// form is copied as a whole, and few of its values are then filled in.
type forms [NumRoutes][]Header

// Where a form lacks a value.
const (
	idInMinimalForm = 0
	idInForm        = 1
	timeInForm      = 4
	subjectInForm   = 5
)

func (p *Processor) formsOf(v *rules.Vocabulary) *forms {
	source := []byte("/verdict/" + v.Provider + "/" + v.Product)
	var all forms
	for _, r := range EncodedRoutes() {
		ceType := []byte(r.Spec().Type)
		if p.options.MinimalHeaders {
			all[r] = []Header{idInMinimalForm: {Key: "ce_id"}, {"ce_type", ceType}}
			continue
		}
		all[r] = []Header{
			{"ce_specversion", specVersion},
			idInForm: {Key: "ce_id"},
			{"ce_type", ceType},
			{"ce_source", source},
			timeInForm:    {Key: "ce_time"},
			subjectInForm: {Key: "ce_subject"},
			{"content-type", p.contentType},
		}
	}
	return &all
}

// common is what all outputs of a decision, or an overdue notice's one, share.
type common struct {
	verification, time, trace []byte
	id                        []byte // ce_id of none of them: its letter is to be set
	forms                     *forms
	traced                    bool
}

// letterAt is the place of an output's letter in its ce_id, behind the id of the decision or notice.
const letterAt = 36 + len(":")

func (p *Processor) common(r *Record, v *rules.Vocabulary, id ID, at int64, res *Result) common {
	c := common{forms: p.forms[v]}
	c.verification = res.text(append(res.bytes, res.decision.VerificationID...))
	c.time = res.text(AppendTime(res.bytes, at))
	c.id = res.text(append(append(id.AppendText(res.bytes), ":?:"...), p.rulesVersion...))
	c.trace, c.traced = r.Header(traceParent)
	return c
}

func (p *Processor) headers(r Route, c *common, res *Result) []Header {
	id := res.text(append(res.bytes, c.id...))
	id[letterAt] = routes[r].Letter
	start := len(res.headers)
	res.headers = append(res.headers, c.forms[r]...)
	if added := res.headers[start:]; p.options.MinimalHeaders {
		added[idInMinimalForm].Value = id
	} else {
		added[idInForm].Value, added[timeInForm].Value, added[subjectInForm].Value = id, c.time, c.verification
	}
	if c.traced {
		res.headers = append(res.headers, Header{traceParent, c.trace})
	}
	return res.headers[start:len(res.headers):len(res.headers)]
}
