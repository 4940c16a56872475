package processor_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"verdict/processor"
	"verdict/rules"
)

// acmeBy is the catalog of acme with some text replaced.
func acmeBy(t *testing.T, replace ...string) *rules.Catalog {
	t.Helper()
	text := strings.NewReplacer(replace...).Replace(acme)
	if text == acme {
		t.Fatal("nothing was replaced")
	}
	c, err := rules.Load(fstest.MapFS{
		"catalog.yaml": {Data: []byte("version: other\n")}, "acme-id.yaml": {Data: []byte(text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// goOnBy lets a story go on by the rules of acme with some text replaced.
func (s *story) goOnBy(t *testing.T, replace ...string) {
	t.Helper()
	c := acmeBy(t, replace...)
	s.v = c.Vocabulary("acme", "id")
	s.processor = processor.New(c, eventDecoder{&s.event}, fixedEncoder{}, processor.Options{})
}

// The same again, under rules that have changed since, comes to the table: it means something else now.
func TestTheSameUnderOtherRules(t *testing.T) {
	s := tell(t, processor.Options{}, line{"failed id=a t=1", "FIRST 1 current table BILLABLE"},
		line{"failed id=b t=2", "UNCHANGED 2 current"})
	s.goOnBy(t, "outcome: DECLINED, origin: source, final: true,\n     retry: {advice: OPTIONAL, scope: NEW_VERIFICATION",
		"outcome: APPROVED, origin: source, final: true,\n     retry: {advice: NOT_APPLICABLE, scope: NONE")
	s.tellLines(t, []line{
		{"failed id=c t=3", "UNCHANGED 3 current table BILLABLE"},
		{"failed id=d t=4", "UNCHANGED 4 current"},
	})
	if last := s.table[len(s.table)-1]; last.Outcome != rules.OutcomeApproved || len(s.table) != 2 {
		t.Errorf("the table has %s in %d records", last.Outcome, len(s.table))
	}
}

// A step that starts only while the signature is open does not make an answer without one less of an end.
func TestAnEndThatOnlyAnOpenSignatureFollows(t *testing.T) {
	s := tell(t, processor.Options{})
	s.goOnBy(t, "{from: [done], signature: OPEN, to: [done], reopens: true",
		"{from: [done], signature: OPEN, to: [done, busy], reopens: true")
	s.tellLines(t, []line{
		{"done risk=1 id=a t=10", "FIRST 1 current table BILLABLE"},
		{"busy id=b t=20", "LATE 2"},
		{"done risk=9 id=c t=30", "REVERSED 3 current table BILLABLE REVERSED"},
	})
}

// Who asks the provider, and is told the same without a time, does not open the door to something older.
func TestAPollWithoutATimeKeepsTheProviders(t *testing.T) {
	tell(t, processor.Options{},
		line{"failed id=b t=20", "FIRST 1 current table BILLABLE"},
		line{"failed", "UNCHANGED 2 current"},
		line{"void id=a t=10", "LATE 3"},
		line{"void id=c t=30", "REVERSED 4 current table NOT_BILLABLE REVERSED"})
}
