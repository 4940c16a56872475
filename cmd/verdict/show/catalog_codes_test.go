package show

import (
	"strings"
	"testing"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// TestNarrowCodeTable: what codes ask for is said below them, once for several that ask for the same.
func TestNarrowCodeTable(t *testing.T) {
	v := rules.Embedded().Vocabulary("fourthline", "identity_verification")
	var b strings.Builder
	if err := codeTable(v, screen.Paint{}, false).Write(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		`
home address: 4 codes with inconsistent_data; each makes an approval a REVIEW
  2001  DATA                  D      the address is not valid
  2002  DATA                  D      the address is a PO box
  2003  DATA                  D      the address is not a residential one
        2001-2003 ask for PROVIDE_ADDRESS
  2004  DATA                  D      address differs from the one on the PoA document
        asks for PROVIDE_ADDRESS_OR_PROOF
`,
		"\n        6007-6008: signature FAILED, see SIGNATURE below\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s", want)
		}
	}
	for _, c := range v.Codes {
		if n := strings.Count(text, "\n  "+c.Text+"  "); n != 1 {
			t.Errorf("code %s is there %d times", c.Text, n)
		}
	}
}
