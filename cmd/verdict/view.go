package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"verdict/rules"
)

// decisionView is the part of a published decision that a line shows. It is read from the JSON form, as any subscriber would.
type decisionView struct {
	Provider       string `json:"provider"`
	Product        string `json:"product"`
	VerificationID string `json:"verification_id"`
	ProviderStatus string `json:"provider_status"`
	Outcome        string `json:"outcome"`
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
}

func parseDecision(text []byte) (*decisionView, error) {
	d := &decisionView{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("the decision's JSON cannot be read: %w", err)
	}
	return d, nil
}

// line shows a decision in one line, and its anomalies in another.
func (d *decisionView) line(catalog *rules.Catalog, p paint, c columns) string {
	vocabulary := d.Provider + "/" + d.Product
	if v := catalog.Vocabulary(d.Provider, d.Product); v != nil {
		vocabulary = v.Name
	}
	outcome, _ := strings.CutSuffix(d.Outcome, "_REQUIRED")
	text := c.row(vocabulary, d.said(c.status), outcome, words(d.Category), words(d.Billing.Flag), retryWords(d.Retry.Advice),
		func(text string) string { return paintOutcome(p, d.Outcome, text) })
	if len(d.Anomalies) > 0 {
		indent := strings.Repeat(" ", c.vocabulary+1)
		text += "\n" + indent + p.as(yellow, wrapText("! "+words(strings.Join(d.Anomalies, ", ")), c.line, indent))
	}
	return text
}

// said is what the provider said: status/risk code and codes, as far as there is room.
func (d *decisionView) said(width int) string {
	status := d.ProviderStatus
	if d.Risk != nil {
		status += "/" + strconv.Itoa(d.Risk.Code)
	}
	var codes []string
	for _, r := range d.Reasons {
		codes = append(codes, r.Code)
	}
	for shown := len(codes); ; shown-- {
		text := strings.TrimSpace(status + " " + strings.Join(codes[:shown], ","))
		if rest := len(codes) - shown; rest > 0 {
			text += "+" + strconv.Itoa(rest)
		}
		if utf8.RuneCountInString(text) <= width || shown == 0 {
			return text
		}
	}
}

func retryWords(advice string) string {
	switch advice {
	case "NOT_APPLICABLE":
		return "-"
	case "RETRY_WITH_CHANGES":
		return "with changes"
	}
	return words(advice)
}

// deadLetterLine shows a dead letter in one line, or more where the detail is long.
func deadLetterLine(place, reason, detail string, p paint, c columns) string {
	indent := strings.Repeat(" ", c.vocabulary+1+c.status+1)
	return pad(place, c.vocabulary) + " " + p.as(red, pad(reason, c.status)) + " " + wrapText("dead letter: "+printable(detail), c.line, indent)
}
