package screen

import (
	"io"
	"os"
)

// Paint colors text for a terminal; elsewhere, and with NO_COLOR set, it does nothing.
type Paint struct{ on bool }

// NewPaint makes the paint for w.
func NewPaint(w io.Writer) Paint {
	return Paint{IsTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// As gives text the look of a code, one of the constants below.
func (p Paint) As(code, text string) string {
	if !p.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Codes of looks, for As.
const (
	Bold   = "1"
	Dim    = "2"
	Red    = "31"
	Green  = "32"
	Yellow = "33"
	Blue   = "34"
)
