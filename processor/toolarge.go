package processor

// ValueTooLarge rejects a value above the limit, both in bytes.
func ValueTooLarge(bytes, limit int) *Rejection {
	return Reject(ReasonTooLarge, "the value has %d bytes, the limit is %d", bytes, limit)
}

// TooLarge makes the dead letter of a record whose outputs are larger than the broker takes. The detail names the
// output and its limit.
func (p *Processor) TooLarge(r *Record, detail string, res *Result) {
	p.deadLetter(r, Reject(ReasonTooLarge, "%s", detail), res)
}

// Shrink replaces the value of the dead letter in res, when it is itself larger than the broker takes: by the
// original's SHA-256 and length as JSON, and as headers. Original headers and key are dropped with it, unless they are
// small, because they may be what is large; the coordinates stay. A dead letter that is a digest already stays as it
// is.
func (p *Processor) Shrink(r *Record, res *Result) {
	if p.options.DeadLetterDigest {
		return
	}
	out := &res.Outputs[0]
	const small = 16 << 10
	size := len(out.Key)
	for _, h := range r.Headers {
		size += len(h.Key) + len(h.Value)
	}
	if size > small {
		out.dropOriginals(r)
	}
	out.digest(r)
}
