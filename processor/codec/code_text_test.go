package codec

import (
	"slices"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/schemas"
)

// A code's text is published, so what is plainly none does not become one, whatever the record is written in.
func TestCodeTexts(t *testing.T) {
	plan := planOf(t, schemas.RawEvent)
	longest := strings.Repeat("7", maxCodeBytes)
	const problem = "invalid_field: codes[1] "
	for _, c := range []struct{ text, want, detail string }{
		{"1301", "1301", ""},
		{" 1301\t\n", "1301", ""},
		{"\u00a0IDVV_1301 ", "IDVV_1301", ""},
		{"13O1", "13O1", ""},
		{"code without a name", "code without a name", ""}, // unreadable, which makes it an unknown code and no rejection
		{"é", "é", ""},
		{" " + longest + " ", longest, ""},
		{longest + "7", "", problem + "is a text of more than 64 bytes, which is no code"},
		{"", "", problem + "is blank"},
		{" \u2003\n", "", problem + "is blank"},
		{"13\n01", "", problem + "has a character that cannot be shown, which is no code"},
		{"13\x0001", "", problem + "has a character that cannot be shown, which is no code"},
		{"1301\u202e", "", problem + "has a character that cannot be shown, which is no code"},
	} {
		raw := map[string]any{
			"provider": "p", "product": "p", "verification_id": "v", "status": "s", "codes": []any{7, c.text},
		}
		fromJSON, err := decodeText(t, line(t, raw))
		checkCode(t, "JSON", c.text, fromJSON, err, c.want, c.detail)
		inAvro := rawEvent()
		inAvro["codes"] = raw["codes"]
		fromAvro, err := readBody(plan, marshal(t, schemas.RawEvent, inAvro))
		checkCode(t, "Avro", c.text, fromAvro, err, c.want, c.detail)
	}
}

func checkCode(t *testing.T, form, text string, e processor.Event, err error, want, detail string) {
	t.Helper()
	switch {
	case detail != "" && (err == nil || err.Error() != detail):
		t.Errorf("%s %q: %v, want %s", form, text, err, detail)
	case detail == "" && (err != nil || !slices.Equal(e.Codes, []string{"7", want})):
		t.Errorf("%s %q: codes %q, %v", form, text, e.Codes, err)
	}
}

// A single code that is blank is one that is not there, like any optional text; an integer may have any number of
// digits.
func TestCodesOfProviders(t *testing.T) {
	for _, c := range []struct{ format, body, want string }{
		{"fourthline", `{"verificationId":"v","status":"new","statusCode":" "}`, ""},
		{"fourthline", `{"verificationId":"v","status":"new","statusCode":" 4170 "}`, "4170"},
		{"fourthline", `{"verificationId":"v","status":"new","statusCodes":[""]}`, "invalid_field: statusCodes[0] is blank"},
		{"ubble-v2", `{"data":{"identity_verification_id":"v","status":"x","response_codes":[{"code":"\t"}]}}`,
			"invalid_field: data.response_codes[0] is blank"},
		{"yousign", `{"data":{"identity_video":{"id":"v","status":"x","status_codes":[` + strings.Repeat("9", 100) + `]}}}`, strings.Repeat("9", 100)},
	} {
		var e processor.Event
		err := formatDecoder(c.format).Decode(&processor.Record{Value: []byte(c.body)}, &e)
		got := strings.Join(e.Codes, ",")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s %s: %s, want %s", c.format, c.body, got, c.want)
		}
	}
}
