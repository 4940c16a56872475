package cases

import (
	"fmt"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// topicOf names the raw topic that has a case's settings.
func topicOf(t *rules.CaseTopic) string {
	return strings.Join([]string{"cases", t.Format, t.Product, t.Integration, t.Account}, ":")
}

// Topics are the raw topics that the cases' records are in, for the decoder.
func Topics(list []*rules.Case) map[string]codec.TopicOptions {
	topics := map[string]codec.TopicOptions{}
	for _, c := range list {
		for i := range c.Events {
			t := &c.Events[i].Topic
			integration, _ := codec.ParseIntegration(t.Integration) // Check has refused others
			topics[topicOf(t)] = codec.TopicOptions{
				Format: t.Format, Product: t.Product, Integration: integration, Account: t.Account,
			}
		}
	}
	return topics
}

// Check finds what no reader of the files can know: formats that the rules do not have, and what the program has no
// such word for. The error is rules.Mistakes.
func Check(list []*rules.Case, formats *codec.Formats) error {
	var mistakes rules.Mistakes
	for _, c := range list {
		check := func(at rules.CasePlace, what, given string, allowed []string) {
			if given == "" || slices.Contains(allowed, given) {
				return
			}
			m := rules.Mistake{File: c.File, Line: at.Line, Column: at.Column, Text: unknown(what, given, allowed)}
			if !slices.Contains(mistakes, m) { // all events of a file may have it from one place
				mistakes = append(mistakes, m)
			}
		}
		for i := range c.Events {
			e := &c.Events[i]
			check(e.Topic.FormatAt, "format", e.Topic.Format, formats.Names())
			check(e.Topic.IntegrationAt, "integration", e.Topic.Integration, codec.Integrations())
			check(e.RejectedAt, "reason", e.Rejected, reasons())
		}
	}
	if len(mistakes) > 0 {
		return mistakes
	}
	return nil
}

func unknown(what, given string, allowed []string) string {
	near := ""
	if name := screen.Nearest(given, allowed); name != "" {
		near = " (did you mean " + name + "?)"
	}
	return fmt.Sprintf("the %s %s is unknown%s; write %s", what, given, near, screen.OrList(allowed))
}

func reasons() (names []string) {
	for _, reason := range processor.RejectionReasons() {
		names = append(names, reason.String())
	}
	return names
}

// ownKey stands, in a record, for the verification id that its value has: no other record has these bytes for a key.
var ownKey = []byte("verification_id")

func keyFor(e *rules.CaseEvent) []byte {
	switch {
	case e.Keyless:
		return nil
	case e.Key != nil:
		return e.Key
	}
	return ownKey
}

// Keyed gives a record the key that it should have, unless its case names one.
func Keyed(decoder processor.Decoder) processor.Decoder { return keyed{decoder} }

type keyed struct{ decoder processor.Decoder }

func (k keyed) Decode(r *processor.Record, e *processor.Event) error {
	err := k.decoder.Decode(r, e)
	if len(r.Key) > 0 && &r.Key[0] == &ownKey[0] {
		r.Key = []byte(e.VerificationID)
	}
	return err
}
