package codec

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"verdict/processor"
)

const plainEvent = `{"event_id":"01J2FTXCPX3BJ0GFZ2F09BTF7R","provider":"yousign","product":"video",` +
	`"verification_id":"e220a839-6f0c-4b7e-9b57-0d8f6f3a2b11","subject_ref":"cust-929196","status":"declined",` +
	`"codes":["IDVV_1301", 2402],"environment":"live","integration":"sdk","attempt":2,"occurred_at":"2026-11-21T10:00:00.123Z",` +
	`"metadata":{"workspace":"w-12","country":"NL"},"extra":"ü","more":[]}`

// agree checks that what the scanner accepts is, for the strict reader, the same event; the result says whether it
// accepts.
func agree(t *testing.T, value []byte) bool {
	t.Helper()
	var fast, strict processor.Event
	d := NewDecoder(DecoderOptions{Limits: Limits{CollectionItems: 4}})
	accepted := d.decodePlain(value, &fast)
	for _, order := range []string{plainEvent, `{"product":"b","provider":"a","metadata":{},"status":"d"}`} {
		var guessed, first processor.Event
		d.decodePlain([]byte(order), &first) // from this one it takes the order of fields
		if d.decodePlain(value, &guessed) != accepted || accepted && !reflect.DeepEqual(guessed, fast) {
			t.Fatalf("%q\nwithout a guess, accepted %v: %+v\nafter %s: %+v", value, accepted, fast, order, guessed)
		}
	}
	if !accepted {
		return false
	}
	if err := d.decodeJSON(&processor.Record{Value: value}, d.others, &strict); err != nil {
		t.Fatalf("the scanner accepts what is rejected: %v\n%q", err, value)
	}
	if !reflect.DeepEqual(fast, strict) {
		t.Fatalf("%q\nscanner %+v\nreader  %+v", value, fast, strict)
	}
	return true
}

func TestJSONScannerReadsPlainEvents(t *testing.T) {
	plain := []byte(plainEvent)
	for name, c := range map[string]struct {
		value []byte
		want  bool
	}{
		"plain":           {bytes.Replace(plain, []byte("[]"), []byte("null"), 1), true},
		"white space":     {[]byte(" {\t\"provider\" : \"a\",\n\"product\":\"b\" , \"verification_id\":\"c\",\"status\":\"d\",\"codes\":[ ],\"metadata\":{ } }\r\n"), true},
		"nulls":           {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","codes":null,"metadata":null,"attempt":null}`), true},
		"nested unknown":  {plain, false},
		"escape":          {[]byte(`{"provider":"a","product":"b","verification_id":"\u0063","status":"d"}`), false},
		"fault":           {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","attempt":0}`), false},
		"missing":         {[]byte(`{"provider":"a","product":"b","verification_id":" ","status":"d"}`), false},
		"too many codes":  {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","codes":[1,2,3,4,5]}`), false},
		"twice":           {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","status":"d"}`), false},
		"unknown twice":   {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","x":1,"x":2}`), false},
		"metadata twice":  {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","metadata":{"x":"1","x":"2"}}`), false},
		"not UTF-8":       {[]byte("{\"provider\":\"a\",\"product\":\"b\",\"verification_id\":\"c\xff\",\"status\":\"d\"}"), false},
		"control":         {[]byte("{\"provider\":\"a\",\"product\":\"b\",\"verification_id\":\"c\n\",\"status\":\"d\"}"), false},
		"trailing":        {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d"} {}`), false},
		"trailing comma":  {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d",}`), false},
		"leading comma":   {[]byte(`{,"provider":"a","product":"b","verification_id":"c","status":"d"}`), false},
		"comma in codes":  {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","codes":[1,]}`), false},
		"missing comma":   {[]byte(`{"provider":"a","product":"b","verification_id":"c" "status":"d"}`), false},
		"missing colon":   {[]byte(`{"provider" "a","product":"b","verification_id":"c","status":"d"}`), false},
		"leading zero":    {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","codes":[01]}`), false},
		"literal's tail":  {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","x":nullx}`), false},
		"number's tail":   {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","x":1x}`), false},
		"mark":            {[]byte("\xef\xbb\xbf" + `{"provider":"a","product":"b","verification_id":"c","status":"d"}`), false},
		"no object":       {[]byte(`"provider"`), false},
		"empty":           {nil, false},
		"unknown ninth":   {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1}`), false},
		"unknown scalars": {[]byte(`{"provider":"a","product":"b","verification_id":"c","status":"d","1":true,"2":false,"3":null,"4":"x","5":12}`), true},
	} {
		if got := agree(t, c.value); got != c.want {
			t.Errorf("%s: accepted %v, want %v", name, got, c.want)
		}
	}
}

// Each place that a byte can be changed, and each place where a text can end.
func TestJSONScannerAgreesOnBrokenEvents(t *testing.T) {
	plain := bytes.Replace([]byte(plainEvent), []byte("[]"), []byte("7"), 1)
	if !agree(t, plain) {
		t.Fatal("the unbroken event is not accepted")
	}
	for at := range plain {
		agree(t, plain[:at])
		for _, c := range []byte("\"\\,:{}[] 0n\x00\x1f\x7f\x80\xc3\xff") {
			broken := bytes.Clone(plain)
			broken[at] = c
			agree(t, broken)
			agree(t, append(append(bytes.Clone(plain[:at]), c), plain[at:]...))
		}
	}
}

func FuzzJSONScanner(f *testing.F) {
	f.Add([]byte(plainEvent))
	f.Add([]byte(wholeEvent))
	malformed, err := os.ReadFile("testdata/malformed.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(malformed) {
		f.Add(bytes.TrimSpace(line))
	}
	f.Fuzz(func(t *testing.T, value []byte) { agree(t, value) })
}
