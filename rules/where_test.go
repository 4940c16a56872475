package rules_test

import (
	"io/fs"
	"strings"
	"testing"

	"verdict/rules"
)

// Each basis that a file states leads to the line where its row begins.
func TestWhereLeadsToTheRow(t *testing.T) {
	catalog := rules.Embedded()
	for _, v := range catalog.Vocabularies() {
		content, err := fs.ReadFile(rules.EmbeddedFS(), v.Name+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(content), "\n")
		if file, line := catalog.Where(v.Name); file != v.Name+".yaml" || lines[line-1] != "vocabulary: "+v.Name {
			t.Errorf("the name %s is at %s:%d", v.Name, file, line)
		}
		for basis, word := range statedIn(v) {
			file, line := catalog.Where(basis)
			if file != v.Name+".yaml" || line < 1 || line > len(lines) || !strings.Contains(lines[line-1], word) {
				t.Errorf("%s is at %s:%d, wanted a line of %s.yaml with %q", basis, file, line, v.Name, word)
			}
			_, path, _ := strings.Cut(basis, ":")
			if file, _ := catalog.Where(path); file == "" {
				t.Errorf("%s is nowhere without its origin", basis)
			}
		}
	}
}

func TestWhereIsNothingThatNoFileStates(t *testing.T) {
	v := rules.Embedded().Vocabularies()[0]
	for _, basis := range []string{"", "source:", v.ContradictedBasis, "source:" + v.Name + "/status/none"} {
		if file, line := rules.Embedded().Where(basis); file != "" || line != 0 {
			t.Errorf("%q is at %s:%d, wanted nowhere", basis, file, line)
		}
	}
}

// statedIn lists bases of a vocabulary with what their line has to hold.
func statedIn(v *rules.Vocabulary) map[string]string {
	stated := map[string]string{}
	for _, c := range v.Codes {
		stated[c.Basis] = c.Text
	}
	for _, b := range v.Billing {
		stated[b.Basis] = "name: " + b.Name
	}
	for _, s := range v.Statuses {
		if s.Rule != nil {
			stated[s.Rule.OutcomeBasis] = "name: " + s.Name
		}
		if s.OverdueBasis != "" {
			stated[s.OverdueBasis] = "overdue_after: "
		}
		for _, step := range s.Steps {
			stated[step.Basis] = "from: "
		}
	}
	return stated
}
