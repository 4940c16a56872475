package decide

import (
	"bytes"
	"fmt"
	"strings"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// hints gathers why lines became dead letters that a person can mend in one stroke, to say so once, at the end.
type hints struct {
	catalog *rules.Catalog
	file    string // as it can be written in a command
	input   codec.Format

	lines     int
	begins    byte // of the first line that says anything
	rejected  int
	malformed int            // lines that are no JSON object
	mark      bool           // the file begins with a byte order mark
	own       map[string]int // bodies of a provider's own format, by its name
	cased     string         // a provider and product that are there in lower case
}

func newHints(o *Options) *hints {
	h := &hints{catalog: o.Catalog, file: o.File, input: o.Input, own: map[string]int{}}
	if h.file == "" || h.file == "-" {
		h.file = "FILE"
	}
	return h
}

// look looks at a line and at what became of it.
func (h *hints) look(line []byte, res *processor.Result) {
	h.lines++
	if h.lines == 1 {
		h.mark = bytes.HasPrefix(line, []byte("\xef\xbb\xbf"))
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	text := bytes.TrimSpace(line)
	if h.begins == 0 && len(text) > 0 {
		h.begins = text[0]
	}
	if res.Rejection == nil {
		return
	}
	h.rejected++
	switch res.Rejection.Reason {
	case processor.ReasonMalformedJSON:
		h.malformed++
	case processor.ReasonMissingField:
		if h.input == codec.FormatCanonical && h.rejected < enough {
			h.shape(line)
		}
	case processor.ReasonUnknownVocabulary:
		if h.rejected < enough {
			h.names(line)
		}
	}
}

// enough dead letters are looked into: a file of nothing else is not to take longer than one of events.
const enough = 100

// shape recognises a provider's own body.
func (h *hints) shape(line []byte) {
	for _, name := range codec.Formats() {
		format, _ := codec.ParseFormat(name)
		if format == codec.FormatCanonical || format == codec.FormatAuto {
			continue
		}
		if _, err := h.decode(line, format); err == nil {
			h.own[name]++
			return
		}
	}
}

// names finds a provider and product that are known but for their case.
func (h *hints) names(line []byte) {
	e, err := h.decode(line, h.input)
	if err != nil || h.cased != "" {
		return
	}
	provider, product := strings.ToLower(e.Provider), strings.ToLower(e.Product)
	if (provider != e.Provider || product != e.Product) && h.catalog.Vocabulary(provider, product) != nil {
		h.cased = fmt.Sprintf("%q, %q", provider, product)
	}
}

func (h *hints) decode(line []byte, format codec.Format) (*processor.Event, error) {
	product := "any" // where the body does not name it
	if format.ProductOf() == nil {
		product = ""
	}
	decoder := codec.NewDecoder(codec.DecoderOptions{
		Formats: map[string]codec.Format{"": format}, Products: map[string]string{"": product},
	})
	e := &processor.Event{}
	return e, decoder.Decode(&processor.Record{Value: line}, e)
}

// texts are what to do, one each.
func (h *hints) texts() []string {
	var texts []string
	if h.mark {
		texts = append(texts, "the file begins with a byte order mark, which JSON does not have: "+
			"sed -i '1s/^\\xEF\\xBB\\xBF//' "+h.file)
	}
	// A single broken line is a dead letter; lines that all are one are another kind of file.
	if h.malformed > 1 && h.malformed >= h.lines-1 {
		switch h.begins {
		case '[':
			texts = append(texts, "this looks like one array over several lines; one object a line is read: "+
				"jq -c '.[]' "+h.file+" | verdict decide")
		case '{':
			texts = append(texts, "this looks like objects over several lines; one object a line is read: "+
				"jq -c . "+h.file+" | verdict decide")
		}
	} else if h.malformed == 1 && h.lines == 1 && h.begins == '[' {
		texts = append(texts, "this is an array; one object a line is read: jq -c '.[]' "+h.file+" | verdict decide")
	}
	if len(h.own) == 1 {
		for name := range h.own {
			texts = append(texts, fmt.Sprintf("these look like a provider's own bodies: --input %s, or --input auto", name))
		}
	} else if len(h.own) > 1 {
		texts = append(texts, "these look like providers' own bodies: --input auto")
	}
	if h.cased != "" {
		texts = append(texts, "names of providers and products are in lower case: "+h.cased)
	}
	return texts
}
