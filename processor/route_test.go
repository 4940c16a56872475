package processor_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"verdict/processor"
)

// Each row of the table is complete, and no two routes share what tells them apart.
func TestRouteTable(t *testing.T) {
	if n := len(processor.Routes()); n != processor.NumRoutes-1 {
		t.Fatalf("%d routes are listed, of %d", n, processor.NumRoutes-1)
	}
	seen := map[string]processor.Route{}
	own := func(r processor.Route, what, text string) {
		if text == "" {
			t.Errorf("the route %s has no %s", r, what)
		}
		if other, twice := seen[what+" "+text]; twice {
			t.Errorf("the routes %s and %s have the same %s: %s", r, other, what, text)
		}
		seen[what+" "+text] = r
	}
	for _, r := range processor.Routes() {
		s := r.Spec()
		own(r, "name", s.Name)
		own(r, "noun", s.Noun)
		own(r, "purpose", s.Purpose)
		own(r, "topic", s.Topic)
		own(r, "setting", s.Setting)
		if s.Key == "" || s.Partitions < 1 || s.Cleanup.After <= 0 || s.Cleanup.Compact != (s.LossIfCompacted == "") {
			t.Errorf("the row of %s is not complete: %+v", r, s)
		}
		if slices.Contains(processor.EncodedRoutes(), r) {
			own(r, "ce_type", s.Type)
			own(r, "letter in ce_id", string(rune(s.Letter)))
			if r != processor.RouteVerification { // its records are decisions
				own(r, "schema", s.Schema)
			}
		} else if s.Type != "" || s.Letter != 0 {
			t.Errorf("%s has CloudEvents headers and no schema", r)
		}
	}
}

func TestRouteWithoutARow(t *testing.T) {
	for _, r := range []processor.Route{processor.RouteUnspecified, processor.Route(processor.NumRoutes), 255} {
		if r.String() != "unspecified" || r.Spec().Topic != "" {
			t.Errorf("route %d is %+v", r, r.Spec())
		}
	}
}

// What names the output topics and cannot read the table names all of them.
func TestRoutesAreNamedElsewhere(t *testing.T) {
	for file, wanted := range map[string]func(processor.RouteSpec) string{
		"deploy/acls.sh":              func(s processor.RouteSpec) string { return s.Topic },
		"deploy/verdict.example.yaml": func(s processor.RouteSpec) string { return "  " + s.Setting + ": " + s.Topic + "\n" },
		"README.md":                   func(s processor.RouteSpec) string { return s.Topic },
		".ci/check.py": func(s processor.RouteSpec) string {
			if s.Schema == "" {
				return ""
			}
			return `("` + s.Type + `", "` + string(rune(s.Letter)) + `")` // the checker's own copy
		},
	} {
		text, err := os.ReadFile("../" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range processor.Routes() {
			if want := wanted(r.Spec()); !strings.Contains(string(text), want) {
				t.Errorf("%s does not have %q of the route %s", file, want, r)
			}
		}
	}
}
