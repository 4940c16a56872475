package main

import (
	"fmt"
	"io"
	"strconv"

	"verdict/rules"
)

// findVocabulary knows a vocabulary by its name.
func findVocabulary(catalog *rules.Catalog, name string) (*rules.Vocabulary, error) {
	var names []string
	for _, v := range catalog.Vocabularies() {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return nil, fmt.Errorf("%s: no such vocabulary: the catalog has %s", name, orList(names))
}

// writeCatalog lists the vocabularies, or tells all about them as JSON.
func writeCatalog(w io.Writer, catalog *rules.Catalog, asJSON bool) error {
	if asJSON {
		return writeJSON(w, catalogJSON(catalog))
	}
	t := table{}
	t.row("VOCABULARY", "PROVIDER", "PRODUCT", "STATUSES", "RISK CODES", "CODES", "TITLE")
	for _, v := range catalog.Vocabularies() {
		t.row(v.Name, v.Provider, v.Product, strconv.Itoa(len(v.Statuses)), strconv.Itoa(len(v.RiskCodes)), strconv.Itoa(len(v.Codes)), v.Title)
	}
	if err := t.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nCatalog %s. `verdict catalog VOCABULARY` lists statuses and codes.\n", catalog.Version)
	return err
}
