package upkeep

import (
	"strings"
	"testing"

	"verdict/processor/kafka/transact"
	"verdict/processor/state"
)

// A group whose number is ahead of the position record has lost some of its changelog, wherever its offset is.
func TestLossByTheNumber(t *testing.T) {
	p := &Part{Topics: Topics{"raw", "log"}, Offset: 7, Note: transact.Note{Number: 5},
		Position: state.Position{Offset: 7, Number: 4}}
	if loss := p.Loss(); !strings.Contains(loss, "(transaction 5), and log/0 ends at 7 (transaction 4)") {
		t.Errorf("it says %q", loss)
	}
	if p.Position.Number = 5; p.Lost() {
		t.Errorf("it says %q", p.Loss())
	}
	if p.Position = (state.Position{}); p.Lost() { // there never was any
		t.Errorf("it says %q", p.Loss())
	}
}
