package events

import "fmt"

// Mix is how much of what goes wrong on the way from a provider is among generated events, in shares from 0 to 1.
type Mix struct {
	Repeats  float64 // of all events: those that come again, with the same id
	Late     float64 // of events that another one follows: those that come after it
	Reversed float64 // of final answers: those that become another one
}

// UsualMix is what there is of it where nobody asks for more.
var UsualMix = Mix{Repeats: 0.01}

// Check refuses what is no share.
func (m Mix) Check() error {
	for _, s := range []struct {
		flag  string
		share float64
	}{{"--repeats", m.Repeats}, {"--late", m.Late}, {"--reversed", m.Reversed}} {
		if !(s.share >= 0 && s.share <= 1) { // true for NaN
			return fmt.Errorf("%s %g: write a share from 0 to 1, such as 0.05", s.flag, s.share)
		}
	}
	return nil
}

// heldEvent is one that comes late: when so many were sent.
type heldEvent struct {
	line Line
	at   int
}

// dueLate gives a held event whose time has come.
func (g *Generator) dueLate() (Line, bool) {
	for i, h := range g.held {
		if h.at <= g.sent {
			g.held = append(g.held[:i], g.held[i+1:]...)
			return h.line, true
		}
	}
	return Line{}, false
}

// overtaken writes the next event of a verification and holds the one before it back.
func (g *Generator) overtaken(v *verification, line Line) Line {
	const least, most = 5, 50 // events that come between
	g.held = append(g.held, heldEvent{line, g.sent + least + g.random.IntN(most-least)})
	return g.write(v)
}

// another is a final answer that differs from the one that was the last; nil if there is none.
func (g *Generator) another(v *verification) *report {
	for range 20 {
		if r := g.end(v.product); r.final && r.outcome != v.last.outcome {
			return r
		}
	}
	return nil
}

// chance is true in this share of calls. Without a share it takes no chance, so that the same seed gives the same
// events whatever else there may be.
func (g *Generator) chance(share float64) bool {
	const parts = 1_000_000
	return share > 0 && g.random.IntN(parts) < int(share*parts)
}
