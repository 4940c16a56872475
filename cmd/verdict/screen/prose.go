package screen

import (
	"strings"
)

// Prose fits a text of paragraphs into a width. Lines of a paragraph are joined and broken anew; a line that begins
// with a blank is an example or a list, and stays one of its own.
func Prose(text string, width int) string {
	var out []string
	var paragraph []string
	end := func() {
		if paragraph != nil {
			out = append(out, Wrap(strings.Join(paragraph, " "), width, ""))
			paragraph = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && line[0] != ' ' {
			paragraph = append(paragraph, line)
			continue
		}
		end()
		out = append(out, Hang(line, width))
	}
	end()
	return strings.Join(out, "\n")
}

// Hang breaks one line that is wider than width. What follows begins two columns further in than the line, or where its
// second column begins: after the first two blanks in it.
func Hang(line string, width int) string {
	if columnsOf(line) <= width {
		return line
	}
	begin := margin(line)
	hang := begin + 2
	if gap := strings.Index(line[begin:], "  "); gap > 0 && begin+gap < width/2 {
		hang = begin + gap + margin(line[begin+gap:])
	}
	return hung(line, width, hang)
}

// hung breaks a line; what follows begins after so many blanks.
func hung(line string, width, hang int) string {
	head, rest := cutAt(line, width)
	if rest == "" {
		return line
	}
	indent := strings.Repeat(" ", hang)
	return head + "\n" + indent + Wrap(rest, width, indent)
}

// cutAt cuts a line at the last blank within so many columns; rest is "" if there is none.
func cutAt(line string, width int) (head, rest string) {
	end := -1
	for i, r := range line {
		if r == ' ' && columnsOf(line[:i]) <= width && strings.TrimSpace(line[:i]) != "" {
			end = i
		}
	}
	if end < 0 {
		return line, ""
	}
	return strings.TrimRight(line[:end], " "), strings.TrimSpace(line[end:])
}
