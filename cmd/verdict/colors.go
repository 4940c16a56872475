package main

// outcomeColors: what is done is green or red, what waits for a person or a change is yellow.
var outcomeColors = map[string]string{
	"APPROVED": green, "DECLINED": red, "REVIEW": yellow, "RESUBMISSION_REQUIRED": yellow, "INCONCLUSIVE": yellow, "PENDING": blue,
	"UNRECOGNIZED": yellow,
}

func paintOutcome(p paint, outcome, text string) string { return p.as(outcomeColors[outcome], text) }
