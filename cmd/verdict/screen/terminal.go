package screen

import (
	"os"

	"golang.org/x/term"
)

// IsTerminal says whether a person is at the other end of a stream.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// LineWidth is how wide lines are where the width is not known, and at most.
const LineWidth = 100

// Width is the width of the terminal that w is; false elsewhere.
func Width(w any) (int, bool) {
	file, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	return width, err == nil && width > 0
}

// TextWidth is how wide prose for w is: as the terminal, but no more than reads well.
func TextWidth(w any) int {
	if width, known := Width(w); known {
		return min(width, LineWidth)
	}
	return LineWidth
}
