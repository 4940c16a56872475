package show

import (
	"fmt"
	"io"
	"strconv"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// WriteCatalog lists the vocabularies, or tells all about them as JSON.
func WriteCatalog(w io.Writer, catalog *rules.Catalog, asJSON bool) error {
	if asJSON {
		return screen.WriteJSON(w, catalogJSON(catalog))
	}
	t := screen.Table{}
	t.Row("VOCABULARY", "PROVIDER", "PRODUCT", "STATUSES", "CODES", "TITLE")
	for _, v := range catalog.Vocabularies() {
		t.Row(v.Name, v.Provider, v.Product, strconv.Itoa(len(v.Statuses)), strconv.Itoa(len(v.Codes)),
			v.Title)
	}
	if err := t.Write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(screen.Wrapped(w, 0),
		"\nCatalog %s. `verdict catalog VOCABULARY` lists statuses and codes.\n", catalog.Version)
	return err
}
