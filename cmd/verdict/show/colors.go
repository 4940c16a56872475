package show

import (
	"verdict/cmd/verdict/screen"
)

// outcomeColors: what is done is green or red, what waits for a person or a change is yellow.
var outcomeColors = map[string]string{
	"APPROVED": screen.Green, "DECLINED": screen.Red, "REVIEW": screen.Yellow, "RESUBMISSION_REQUIRED": screen.Yellow,
	"INCONCLUSIVE": screen.Yellow, "PENDING": screen.Blue,
	"UNRECOGNIZED": screen.Yellow,
}

func paintOutcome(p screen.Paint, outcome, text string) string {
	return p.As(outcomeColors[outcome], text)
}
