package codec

// jsonWalker walks a JSON text that is known to be valid, so it checks nothing but the nesting.
type jsonWalker struct {
	text    string
	at      int
	depth   int
	tooDeep int // where the text was first nested too deep; 0: nowhere
}

// peek gives the first byte of what comes next.
func (w *jsonWalker) peek() byte {
	for {
		switch c := w.text[w.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':': // in valid JSON these separate, nothing more
			w.at++
		default:
			return c
		}
	}
}

// open goes into an object or array.
func (w *jsonWalker) open() {
	if w.depth++; w.depth > maxDepth && w.tooDeep == 0 {
		w.tooDeep = w.at + 1
	}
	w.at++
}

// more says whether the object or array has another member; if not, it is left behind.
func (w *jsonWalker) more() bool {
	if c := w.peek(); c != '}' && c != ']' {
		return true
	}
	w.depth--
	w.at++
	return false
}

// quoted reads a string, which comes next, with its quotes, and says whether it has escapes.
func (w *jsonWalker) quoted() (raw string, escaped bool) {
	start := w.at
	for w.at++; ; w.at++ {
		switch w.text[w.at] {
		case '\\':
			escaped = true
			w.at++
		case '"':
			w.at++
			return w.text[start:w.at], escaped
		}
	}
}

// literal reads a number, true, false or null, which comes next.
func (w *jsonWalker) literal() string {
	start := w.at
	for w.at < len(w.text) {
		switch w.text[w.at] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return w.text[start:w.at]
		}
		w.at++
	}
	return w.text[start:]
}

// skip reads over a value of any type.
func (w *jsonWalker) skip() {
	for outside := w.depth; ; {
		switch w.peek() {
		case '{', '[':
			w.open()
		case '}', ']':
			w.more()
		case '"':
			w.quoted()
		default:
			w.literal()
		}
		if w.depth == outside {
			return
		}
	}
}
