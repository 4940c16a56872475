package events

import "fmt"

// begin starts a verification of a random product.
func (g *Generator) begin() *verification {
	v := &verification{event: generatedEvent{
		VerificationID: g.uuid(),
		SubjectRef:     fmt.Sprintf("cust-%06d", g.random.IntN(1_000_000)),
		JourneyRef:     fmt.Sprintf("journey-%08x", g.random.Uint32()),
		Metadata: map[string]string{"channel": pick(g, "web", "web", "ios", "android"),
			"country": pick(g, "FR", "NL", "DE", "ES", "IT", "PT")},
	}}
	switch n := g.random.IntN(100); {
	case n < 50:
		g.beginVideo(v)
	case n < 85:
		g.beginIdentity(v)
	default:
		g.beginDocument(v)
	}
	if g.random.IntN(50) == 0 {
		v.event.Environment = "sandbox"
	}
	if g.random.IntN(8) == 0 {
		v.event.Attempt = 2
	}
	return v
}

func (g *Generator) beginVideo(v *verification) {
	v.vocabulary, v.event.Provider, v.event.Product = "yousign-video", "yousign", "video"
	v.steps = []step{{status: "pending"}}
	switch n := g.random.IntN(100); {
	case n < 74:
		v.steps = append(v.steps, step{status: pick(g, "approved", "approved", "verified")})
	case n < 90:
		v.steps = append(v.steps, step{status: "inconclusive", codes: g.few()})
	default:
		v.steps = append(v.steps, step{status: pick(g, "declined", "declined", "failed"), codes: g.few()})
	}
}

func (g *Generator) beginIdentity(v *verification) {
	v.vocabulary, v.event.Provider, v.event.Product = "fourthline-idv", "fourthline", "identity_verification"
	v.event.Integration = pick(g, "sdk", "sdk", "api")
	v.steps = []step{{status: "new"}}
	switch n := g.random.IntN(100); {
	case n < 5:
		v.steps = append(v.steps, step{status: "invalid_data", codes: g.few()})
	case n < 18:
		v.steps = append(v.steps, step{status: "pending", codes: 1}, step{status: "inconsistent_data", codes: g.few()})
	case n < 84:
		v.steps = append(v.steps, step{status: "pending", codes: 1}, step{status: "completed", risk: 200,
			codes: g.random.IntN(5) / 4})
	case n < 90:
		v.steps = append(v.steps, step{status: "pending", codes: 1}, step{status: "completed",
			risk: 300 + 100*g.random.IntN(2), codes: 1})
	default:
		v.steps = append(v.steps, step{status: "pending", codes: 1}, step{status: "completed", risk: 500,
			codes: g.few()})
	}
}

func (g *Generator) beginDocument(v *verification) {
	v.vocabulary, v.event.Provider, v.event.Product = "fourthline-docauth", "fourthline", "document_authentication"
	v.steps = []step{{status: "new"}, {status: "pending", codes: 1}}
	switch n := g.random.IntN(100); {
	case n < 15: // a new video, then well
		v.steps = append(v.steps, step{status: "inconsistent_data", codes: 1}, step{status: "completed", risk: 200})
	case n < 88:
		v.steps = append(v.steps, step{status: "completed", risk: 200})
	default:
		v.steps = append(v.steps, step{status: "completed", risk: 500, codes: g.few()})
	}
}

// few is how many codes an event names: mostly one.
func (g *Generator) few() int { return 1 + g.random.IntN(6)/4 }

func pick(g *Generator, texts ...string) string { return texts[g.random.IntN(len(texts))] }
