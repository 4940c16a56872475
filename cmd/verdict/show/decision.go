// Package show puts decisions and the catalog into words for a person, or into JSON for a script.
package show

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// Decision is the part of a published decision that a line shows. It is read from the JSON form, as any subscriber
// would.
type Decision struct {
	Provider       string `json:"provider"`
	Product        string `json:"product"`
	VerificationID string `json:"verification_id"`
	ProviderStatus string `json:"provider_status"`
	Environment    string `json:"environment"`
	Outcome        string `json:"outcome"`
	Signature      string `json:"signature"`
	Category       string `json:"category"`
	Reasons        []struct {
		Code string `json:"code"`
	} `json:"reasons"`
	Risk *struct {
		Code int `json:"code"`
	} `json:"risk"`
	Billing struct {
		Flag string `json:"flag"`
	} `json:"billing"`
	Retry struct {
		Advice string `json:"advice"`
	} `json:"retry"`
	Anomalies []string `json:"anomalies"`
	// Lifecycle is nil without state.
	Lifecycle *struct {
		Transition string `json:"transition"`
		Previous   string `json:"previous"`
	} `json:"lifecycle"`

	// Integration is that of the event, where somebody knows it: it shapes the advice, and no output has it.
	Integration string `json:"-"`
	Unread      Unread `json:"-"` // of the event
	// Follows names what was the current word, where somebody knows more of it than its id.
	Follows string `json:"-"`
}

// ParseDecision reads the JSON form of a decision.
func ParseDecision(text []byte) (*Decision, error) {
	d := &Decision{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("the decision's JSON cannot be read: %w", err)
	}
	return d, nil
}

// Line shows a decision in one line, and in others how it follows what was known, the signature and the anomalies.
func (d *Decision) Line(catalog *rules.Catalog, p screen.Paint, c Columns) string {
	vocabulary := d.Provider + "/" + d.Product
	if v := catalog.Vocabulary(d.Provider, d.Product); v != nil {
		vocabulary = v.Name
	}
	outcome, _ := strings.CutSuffix(d.Outcome, "_REQUIRED")
	status, rest := d.said(c.status)
	text := c.row(d.VerificationID, vocabulary, status, outcome, screen.Words(d.Category), screen.Words(d.Billing.Flag),
		retryWords(d.Retry.Advice),
		func(text string) string { return paintOutcome(p, d.Outcome, text) })
	indent := strings.Repeat(" ", c.second())
	if rest != "" {
		text += "\n" + indent + screen.Wrap(screen.Printable(rest), c.Line, indent)
	}
	note := func(said string) {
		text += "\n" + indent + p.As(screen.Yellow, screen.Wrap("! "+said, c.Line, indent))
	}
	if said, calm := d.follows(); calm {
		text += "\n" + indent + p.As(screen.Dim, screen.Wrap(d.Lifecycle.Transition+": "+said, c.Line, indent))
	} else if said != "" {
		note(d.Lifecycle.Transition + ": " + said)
	}
	if said := d.signatureNote(); said != "" {
		note(said)
	}
	if anomalies := slices.DeleteFunc(slices.Clone(d.Anomalies), d.saidTwice); len(anomalies) > 0 {
		note(screen.Words(strings.Join(anomalies, ", ")))
	}
	if said := d.Unread.text(); said != "" {
		note(said)
	}
	return text
}

// signatureNote keeps "approved" from being read as "signed". Where the identity was not verified, the signature does
// not matter.
func (d *Decision) signatureNote() string {
	switch {
	case d.Outcome != rules.OutcomeApproved.String() && d.Outcome != rules.OutcomeReview.String():
		return ""
	case d.Signature == rules.SignatureFailed.String():
		return "signature failed: nothing is signed"
	case d.Signature == rules.SignatureOpen.String():
		return "signature open: nothing is signed yet, a step can be repeated"
	}
	return ""
}

// marks are what makes two lines with the same status differ.
func (d *Decision) marks() string {
	var marks []string
	if d.Environment == "SANDBOX" {
		marks = append(marks, "sandbox")
	}
	if d.Integration != "" {
		marks = append(marks, d.Integration)
	}
	if marks == nil {
		return ""
	}
	return "[" + strings.Join(marks, " ") + "]"
}

// said is what the provider said: status/risk code and codes. Where there is no room for all, rest is what stands in a
// line of its own.
func (d *Decision) said(width int) (status, rest string) {
	status = d.ProviderStatus
	if d.Risk != nil {
		status += "/" + strconv.Itoa(d.Risk.Code)
	}
	var codes []string
	for _, r := range d.Reasons {
		codes = append(codes, r.Code)
	}
	for _, part := range []string{d.marks(), strings.Join(codes, ",")} {
		switch {
		case part == "":
		case rest == "" && utf8.RuneCountInString(status+" "+part) <= width:
			status += " " + part
		default:
			rest += " " + strings.ReplaceAll(part, ",", ", ")
		}
	}
	return status, strings.TrimSpace(rest)
}

func retryWords(advice string) string {
	switch advice {
	case "NOT_APPLICABLE":
		return "-"
	case "RETRY_WITH_CHANGES":
		return "with changes"
	}
	return screen.Words(advice)
}

// DeadLetterLine shows a dead letter in one line, or more where the detail is long. id is "" where none is known.
func DeadLetterLine(id, place, reason, detail string, p screen.Paint, c Columns) string {
	indent := strings.Repeat(" ", c.second()+c.status+1)
	text := screen.Pad(place, c.vocabulary) + " " + p.As(screen.Red, screen.Pad(reason, c.status)) + " " +
		screen.Wrap("dead letter: "+screen.Printable(detail), c.Line, indent)
	if c.id > 0 {
		return screen.Pad(id, c.id) + " " + text
	}
	return text
}
