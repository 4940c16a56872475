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
	width, _ := size(w)
	return width, width > 0
}

// Height is how many lines the terminal that w is has; false elsewhere.
func Height(w any) (int, bool) {
	_, height := size(w)
	return height, height > 0
}

// size is the size of the terminal that w is, in columns and lines; 0, 0 elsewhere.
func size(w any) (width, height int) {
	file, ok := w.(*os.File)
	if !ok {
		return 0, 0
	}
	width, height, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}

// TextWidth is how wide prose for w is: as the terminal, but no more than reads well.
func TextWidth(w any) int {
	if width, known := Width(w); known {
		return min(width, LineWidth)
	}
	return LineWidth
}
