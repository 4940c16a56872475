package codec

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verdict/processor"
)

func TestAlike(t *testing.T) {
	for name, want := range map[string]field{
		"riskCode": fieldRiskCode, "risk-code": fieldRiskCode, "RISK_CODE": fieldRiskCode, "risk_cod": fieldRiskCode,
		"risc_code": fieldRiskCode, "risk": fieldRiskCode, "statusCodes": fieldCodes, "code": fieldCodes, "Codes": fieldCodes,
		"verificationId": fieldVerificationID, "verifcation_id": fieldVerificationID, "sessionId": fieldVerificationID,
		"environmemt": fieldEnvironment, "env": fieldEnvironment, "occured_at": fieldOccurredAt, "occurred_on": fieldOccurredAt,
		"timestamp": fieldOccurredAt, "attempts": fieldAttempt, "meta-data": fieldMetadata, "subject": fieldSubjectRef,
		"Provider": fieldProvider, "integrations": fieldIntegration, "productVariant": fieldProductVariant,
		"Account": fieldAccount, "accounts": fieldAccount, "accountId": fieldAccount, "workspace_id": fieldAccount,

		"": fieldNone, "_": fieldNone, "id": fieldNone, "type": fieldNone, "name": fieldNone, "nodes": fieldNone, "risk_score": fieldNone,
		"provider_id": fieldNone, "country": fieldNone, "amount": fieldNone, "discount": fieldNone, "created_at": fieldNone, "eventtype": fieldNone, "data": fieldNone,
		"journey_ref_of_the_first_attempt": fieldNone, "комментарий": fieldNone, strings.Repeat("occurred_at", 100): fieldNone,
	} {
		if got := alike(name); got != want {
			t.Errorf("%s looks like %q, want %q", name, got, want)
		}
	}
	for f := fieldNone + 1; f < numFields; f++ {
		if got := alike(strings.ToUpper(f.String())); got != f {
			t.Errorf("%s in capitals looks like %q", f, got)
		}
	}
}

// A slip of the pen is found, and what sorts out names quickly sorts none out that is near enough.
func TestAlikeWithinSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := field(rapid.IntRange(1, int(numFields)-1).Draw(t, "field"))
		name := []byte(foldedFields[f].name)
		for range rapid.IntRange(0, foldedFields[f].slips).Draw(t, "slips") {
			at := rapid.IntRange(0, len(name)-1).Draw(t, "at")
			letter := byte(rapid.IntRange('a', 'z').Draw(t, "letter"))
			switch rapid.SampledFrom([]string{"replace", "delete", "insert"}).Draw(t, "slip") {
			case "replace":
				name[at] = letter
			case "delete":
				name = append(name[:at:at], name[at+1:]...)
			default:
				name = append(name[:at:at], append([]byte{letter}, name[at:]...)...)
			}
		}
		if got := alike(string(name)); got == fieldNone {
			t.Fatalf("%s does not look like %s", name, f)
		}
	})
}

const fourNeeded = `{"provider":"yousign","product":"video","verification_id":"v","status":"declined"`

// Both readers of JSON, and Avro's, say so; whether the record is decided or not.
func TestUnread(t *testing.T) {
	for rest, want := range map[string]bool{
		`}`:                                        false,
		`,"riskCode":500}`:                         true,
		`,"riskCode":{"a":[1]}}`:                   true, // which the scanner leaves to the reader
		`,"risk\u0043ode":500}`:                    true,
		`,"riskCode":null}`:                        true,
		`,"riskCode":500,"risk_code":500}`:         false,
		`,"risk_code":null,"riskCode":500}`:        false,
		`,"country":"NL","x":{"riskCode":500}}`:    false,
		`,"metadata":{"riskCode":"500"}}`:          false,
		`,"provider_id":7,"Provider":"x"}`:         false, // provider is there
		`,"attempt":"x","statusCodes":[1301]}`:     true,  // rejected
		`,"environment":"here","environmnet":"x"}`: false,
	} {
		e, _ := decodeText(t, fourNeeded+rest)
		if e.Unread != want {
			t.Errorf("%s: unread %v, want %v", rest, e.Unread, want)
		}
	}
	if e, err := decodeText(t, `{"provider":"yousign","product":"video","verificationId":"v","status":"declined"}`); err == nil || !e.Unread {
		t.Errorf("%+v, %v", e, err)
	}
	for field, want := range map[string]bool{"riskCode": true, "country": false, "Status": false} {
		e, err := readBody(planOf(t, needed(`{"name":"`+field+`","type":"int"}`)), []byte(neededBody+"\x02"))
		if err != nil || e.Unread != want {
			t.Errorf("Avro with %s: %v, %+v", field, err, e)
		}
	}
}

// A producer's own field that has the name of one which the envelope got later is read over, as it was before, and
// shows as one that is not read.
func TestProducersOwnAccount(t *testing.T) {
	for _, account := range []string{`5`, `{"id":"a","account":"b"}`, `["a"]`, `true`} {
		e, err := decodeText(t, fourNeeded+`,"account":`+account+`,"event_id":"e-1"}`)
		if err != nil || e.Account != "" || e.EventID != "e-1" || !e.Unread {
			t.Errorf("%s: %+v, %v", account, e, err)
		}
	}
	for typ, body := range map[string]string{
		`"long"`:              "\x0a",
		`["null","int"]`:      "\x02\x0a",
		`["string","double"]`: "\x0212345678",
		`"bytes"`:             "\x02\xff",
		`{"type":"record","name":"A","fields":[{"name":"account","type":"string"}]}`: "\x02a",
	} {
		e, err := readBody(planOf(t, needed(`{"name":"account","type":`+typ+`}`)), []byte(neededBody+body))
		if err != nil || e.Account != "" || !e.Unread {
			t.Errorf("Avro with %s: %+v, %v", typ, e, err)
		}
	}
	e, err := readBody(planOf(t, needed(`{"name":"account","type":["string","double"]}`)), []byte(neededBody+"\x00\x02a"))
	if err != nil || e.Account != "a" || e.Unread {
		t.Errorf("a text in a union: %+v, %v", e, err)
	}
}

func TestUnreadOfProviders(t *testing.T) {
	for _, c := range []struct {
		format, body string
		want         bool
	}{
		{"fourthline", `{"verificationId":"v","status":"completed","riskCode":500,"country":"NL"}`, false},
		{"fourthline", `{"verificationId":"v","status":"completed","risk_code":500}`, true},
		{"fourthline", `{"verificationId":"v","status":"completed","riskCodes":500}`, false}, // nothing but case and separators
		{"fourthline", `{"verification_id":"v","status":"completed"}`, true},
		{"yousign", `{"data":{"identity_video":{"id":"v","status":"declined","statusCodes":[1301]}}}`, true},
		{"yousign", `{"data":{"identity_video":{"id":"v","status":"declined","status_codes":[1301],"created_at":"x"}}}`, false},
		{"yousign", `{"data":{"identityVideo":{"id":"v","status":"declined"}}}`, true},
	} {
		var e processor.Event
		_ = formatDecoder(c.format).Decode(&processor.Record{Value: []byte(c.body)}, &e)
		if e.Unread != c.want {
			t.Errorf("%s %s: unread %v, want %v", c.format, c.body, e.Unread, c.want)
		}
	}
}

func TestUnreadFields(t *testing.T) {
	many := ""
	for n := range 20 {
		many += fmt.Sprintf(`,"x%d":%d`, n, n)
	}
	for rest, want := range map[string]string{
		`}`: "0 []",
		`,"country":"NL","riskCode":{"a":[1]},"occurredAt":"x"}`: "3 [{riskCode risk_code} {occurredAt occurred_at} {country }]",
		`,"risk_code":1,"risk\u0043ode":500}`:                    "1 [{riskCode }]",
		`,"a\u001b[31m\n\"b\"\u202e":1}`:                         `1 [{a\x1b[31m\n"b"\u202e }]`,
		`,"` + strings.Repeat("é", 41) + `":1}`:                  "1 [{" + strings.Repeat("é", 40) + "… }]",
		many + `,"riskcode":1}`:                                  "21 [{riskcode risk_code} {x0 } {x1 } {x2 } {x3 } {x4 } {x5 } {x6 }]",
	} {
		first, all := UnreadFields([]byte(fourNeeded + rest))
		if got := fmt.Sprint(all, " ", first); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", rest, got, want)
		}
	}
	for _, value := range []string{"", "[]", "{", `"x"`, `{"a":1,"a":2}`} {
		if first, all := UnreadFields([]byte(value)); all != 0 || first != nil {
			t.Errorf("%s: %v", value, first)
		}
	}
}

func FuzzUnreadFields(f *testing.F) {
	f.Add([]byte(wholeEvent))
	f.Add([]byte(fourNeeded + `,"riskCode":{"a":[1]},"\u001b":"x"}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		first, all := UnreadFields(value)
		if len(first) > maxUnreadFields || len(first) > all {
			t.Fatalf("%d of %d", len(first), all)
		}
		meant := false
		for _, u := range first {
			if strings.ContainsFunc(u.Name, isHidden) || len([]rune(u.Name)) > 10*maxUnreadLetters+1 {
				t.Fatalf("%q is not fit to be shown", u.Name)
			}
			meant = meant || u.Meant != ""
		}
		var e processor.Event
		if err := NewDecoder(DecoderOptions{}).Decode(&processor.Record{Value: value}, &e); err == nil && value[0] != avroMagic && e.Unread != meant {
			t.Fatalf("unread %v, told %v", e.Unread, first)
		}
	})
}

// What is done to each name that the envelope does not have.
func BenchmarkAlike(b *testing.B) {
	for _, name := range []string{"country", "riskCode", "tenant_identifier", "environmental"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				alike(name)
			}
		})
	}
}

// What is not read of a record costs next to nothing, when a producer writes it all the time.
func BenchmarkDecodeJSONWithUnknownFields(b *testing.B) {
	for name, rest := range map[string]string{
		"none": "}", "three": `,"country":"NL","environmental":"x","tenant_identifier":7}`,
	} {
		b.Run(name, func(b *testing.B) {
			d, r := NewDecoder(DecoderOptions{}), &processor.Record{Value: []byte(fourNeeded + rest)}
			var e processor.Event
			b.ReportAllocs()
			for b.Loop() {
				e.Reset()
				if err := d.Decode(r, &e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
