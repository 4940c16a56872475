// Package events has raw events that are made up: generated ones and samples; and it reads lines of events.
package events

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"verdict/rules"
)

// generatedEvent is the canonical envelope as a provider's gateway would write it.
type generatedEvent struct {
	EventID        string            `json:"event_id"`
	Provider       string            `json:"provider"`
	Product        string            `json:"product"`
	VerificationID string            `json:"verification_id"`
	SubjectRef     string            `json:"subject_ref"`
	JourneyRef     string            `json:"journey_ref"`
	Status         string            `json:"status"`
	Codes          []any             `json:"codes"`
	RiskCode       int               `json:"risk_code,omitempty"`
	Attempt        int               `json:"attempt,omitempty"`
	Environment    string            `json:"environment,omitempty"`
	Integration    string            `json:"integration,omitempty"`
	OccurredAt     string            `json:"occurred_at"`
	Metadata       map[string]string `json:"metadata"`
}

// Generator makes realistic events: verifications of all vocabularies of a catalog that run side by side, each with its
// events in order, but for what its Mix has; most end well, some are declined, unclear or incomplete. One event in a
// thousand is malformed. The same catalog, seed and mix give the same events.
type Generator struct {
	Mix Mix // UsualMix, unless it is set before the first call of Next

	random   *rand.Rand
	clock    time.Time
	products []*product
	open     []*verification
	recent   []Line // ring of what was sent last, for redeliveries
	held     []heldEvent
	sent     int
}

// UsuallyOpen is how many verifications run side by side, unless Open says otherwise.
const UsuallyOpen = 200

const recentEvents = 64

// meanStep is the time from one event to the next, on average.
const meanStep = 20_500 * time.Microsecond

// GeneratorStart is the time of the first event of `verdict generate`.
var GeneratorStart = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// NewGenerator makes a generator whose first event is of the time start.
func NewGenerator(catalog *rules.Catalog, seed uint64, start time.Time) *Generator {
	g := &Generator{Mix: UsualMix, random: rand.New(rand.NewPCG(seed, 0x76657264696374)), clock: start,
		products: productsOf(catalog)}
	g.Open(UsuallyOpen)
	return g
}

// Open lets n verifications, at least one, run side by side. It is called before the first Next.
func (g *Generator) Open(n int) {
	for len(g.open) < n {
		g.open = append(g.open, g.begin())
	}
	g.open = g.open[:n]
}

// StartFor is the time of the first of n events whose last one happens about now.
func StartFor(n int) time.Time { return time.Now().UTC().Add(-time.Duration(n) * meanStep) }

// Next gives the next record. Its value is never empty and never spans lines.
func (g *Generator) Next() Line {
	g.sent++
	if line, due := g.dueLate(); due {
		return line
	}
	if len(g.recent) == recentEvents && g.chance(g.Mix.Repeats) {
		return g.recent[g.random.IntN(recentEvents)]
	}
	i := g.random.IntN(len(g.open))
	v := g.open[i]
	line := g.write(v)
	if len(v.steps) > 0 && g.chance(g.Mix.Late) {
		line = g.overtaken(v, line)
	}
	if len(v.steps) == 0 {
		g.open[i] = g.next(v)
	}
	if g.random.IntN(1000) == 0 {
		return Line{line.Key, g.malform(line.Value)}
	}
	if len(g.recent) < recentEvents {
		g.recent = append(g.recent, line)
	} else {
		g.recent[g.sent%recentEvents] = line
	}
	return line
}

// next is what takes the place of a verification that has come to its end: mostly another one.
func (g *Generator) next(v *verification) *verification {
	if v.last.final && g.chance(g.Mix.Reversed) {
		if r := g.another(v); r != nil {
			v.steps = append(v.steps, r)
			return v
		}
	}
	return g.begin()
}

// write makes the event of the verification's next step.
func (g *Generator) write(v *verification) Line {
	said := v.steps[0]
	v.steps, v.last = v.steps[1:], said
	g.clock = g.clock.Add(time.Duration(1+g.random.IntN(40)) * time.Millisecond)
	e := v.event
	e.EventID = g.uuid()
	e.Status, e.RiskCode = pick(g, said.spellings...), said.risk
	e.Codes = g.pickCodes(v.product, said)
	e.OccurredAt = g.clock.Format("2006-01-02T15:04:05.000Z")
	value, _ := json.Marshal(&e) // cannot fail: texts and numbers only
	return Line{e.VerificationID, value}
}

// pickCodes names codes as providers do: as numbers mostly, as texts, and with the vocabulary's prefix.
func (g *Generator) pickCodes(p *product, said *report) []any {
	codes := []any{}
	for range g.howMany(said) {
		if g.random.IntN(400) == 0 {
			codes = append(codes, 9000+g.random.IntN(100)) // providers add codes without notice
			continue
		}
		code := pick(g, said.codes...)
		switch {
		case len(p.prefixes) > 0 && g.random.IntN(4) == 0:
			codes = append(codes, pick(g, p.prefixes...)+code)
		case g.random.IntN(3) == 0:
			codes = append(codes, code)
		default:
			codes = append(codes, json.Number(code))
		}
	}
	return codes
}

// howMany is how many codes an event names: where they are the reason, mostly one.
func (g *Generator) howMany(said *report) int {
	switch {
	case len(said.codes) == 0:
		return 0
	case said.outcome == rules.OutcomePending || said.outcome == rules.OutcomeReview:
		return 1
	case said.outcome == rules.OutcomeApproved && !said.codeExpected:
		return g.random.IntN(5) / 4
	}
	return 1 + g.random.IntN(6)/4
}

func (g *Generator) uuid() string {
	a, b := g.random.Uint64(), g.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000,
		b&0xffffffffffff)
}

// malform breaks an event in one of the ways that happen.
func (g *Generator) malform(value []byte) []byte {
	v := pick(g, g.products...).vocabulary
	rest := `"status":"completed","risk_code":"low"`
	switch g.random.IntN(5) {
	case 0:
		return value[:len(value)/2]
	case 1:
		return append(value, " trailing"...)
	case 2:
		return fmt.Appendf(nil, `{"provider":%q,"product":%q,"status":"approved"}`, v.Provider, v.Product)
	case 3:
		v, rest = &rules.Vocabulary{Provider: "nobody", Product: v.Product}, `"status":"approved"`
	}
	return fmt.Appendf(nil, `{"provider":%q,"product":%q,"verification_id":%q,%s}`, v.Provider, v.Product, g.uuid(),
		rest)
}
