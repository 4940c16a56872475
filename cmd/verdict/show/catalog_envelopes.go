package show

import (
	"fmt"
	"io"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// writeEnvelopes says how the provider writes events of a vocabulary: for each format what tells its bodies from
// others, and where in them an event's fields are.
func writeEnvelopes(w io.Writer, envelopes []*rules.Envelope) error {
	for _, e := range envelopes {
		fmt.Fprintf(screen.Wrapped(w, 2), "\nFormat %s: the product is %s. With auto a body is of this format that "+
			"has %s.\n", e.Name, productText(e), strings.Join(shapeNames(e), ", or "))
		t := &screen.Table{}
		t.Row("FIELD", "READ AS", "PATH IN THE BODY")
		for _, m := range e.Members {
			t.Row(m.Field, readAs(m), m.Path)
		}
		if err := t.Write(w); err != nil {
			return err
		}
	}
	return nil
}

// readAs is how a member is read, with the name that this asks for, if any.
func readAs(m rules.Member) string {
	return screen.Either(m.Name == "", m.As.String(), m.As.String()+" "+m.Name)
}

// envelopeView is a format as JSON. A list of shapes has lists of paths: a body with all paths of one has the shape.
type envelopeView struct {
	Name    string       `json:"name"`
	Product *string      `json:"product"` // of all its events; null: that of the topic or a header
	Shapes  [][]string   `json:"shapes"`
	Members []memberView `json:"members"`
}

type memberView struct {
	Path  string  `json:"path"`
	Field string  `json:"field"`
	As    string  `json:"as"`
	Name  *string `json:"name"`
}

func envelopesJSON(envelopes []*rules.Envelope) []envelopeView {
	views := []envelopeView{}
	for _, e := range envelopes {
		view := envelopeView{Name: e.Name, Product: orNull(e.Product), Shapes: e.Shapes, Members: []memberView{}}
		for _, m := range e.Members {
			view.Members = append(view.Members, memberView{m.Path, m.Field, m.As.String(), orNull(m.Name)})
		}
		views = append(views, view)
	}
	return views
}
