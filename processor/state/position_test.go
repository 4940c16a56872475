package state

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var somePosition = Position{Offset: 258, Partitions: 12, Number: 7, Clock: 1_700_000_001_234, Writer: "v-1", RawTopic: "raw",
	Started: 1_600_000_000_000, Sum: Sum{From: 19_000, Count: 515, Mix: 0x0102030405060708}}

func TestPositionBytes(t *testing.T) {
	want := "01" + "0201000000000000" + "0c000000" + "0700000000000000" + "d26ce5cf8b010000" + "00806e8774010000" +
		"384a0000" + "03020000" + "0807060504030201" +
		"0300" + "762d31" + "0300" + "726177"
	value := somePosition.Append(nil)
	if got := hex.EncodeToString(value); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestPositionSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Position{Offset: rapid.Int64Min(0).Draw(t, "offset"), Partitions: rapid.Int32Min(0).Draw(t, "partitions"),
			Number: rapid.Int64Min(0).Draw(t, "number"), Clock: rapid.Int64().Draw(t, "clock"), Writer: rapid.String().Draw(t, "writer"),
			RawTopic: rapid.String().Draw(t, "topic"), Started: rapid.Int64().Draw(t, "started"),
			Sum: Sum{rapid.Uint32().Draw(t, "from"), rapid.Uint32().Draw(t, "count"), rapid.Uint64().Draw(t, "mix")}}
		value := want.Append([]byte("x"))[1:]
		if got, err := ParsePosition(value); err != nil || got != want {
			t.Fatalf("%+v became %+v: %v", want, got, err)
		}
	})
}

func TestHostilePositions(t *testing.T) {
	value := somePosition.Append(nil)
	for n := range value {
		if _, err := ParsePosition(value[:n:n]); err == nil {
			t.Errorf("a position that ends after %d of its %d bytes was taken", n, len(value))
		}
	}
	for want, change := range map[string]func([]byte) []byte{
		"format 0, which there has never been":         func(v []byte) []byte { v[0] = 0; return v },
		"format 2: " + ErrNewer.Error():                func(v []byte) []byte { v[0] = 2; return v },
		"1 bytes come after its end":                   func(v []byte) []byte { return append(v, 0) },
		"it ends within the writer: 8 of 65283 bytes":  func(v []byte) []byte { v[54] = 255; return v },
		"it ends within the raw topic: 3 of 259 bytes": func(v []byte) []byte { v[59] = 1; return v },
		"offset -": func(v []byte) []byte { v[8] = 255; return v },
	} {
		_, err := ParsePosition(change(append([]byte(nil), value...)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if newer := strings.HasPrefix(want, "format 2"); errors.Is(err, ErrNewer) != newer {
			t.Errorf("%v is ErrNewer: %v, want %v", err, !newer, newer)
		}
	}
}

func FuzzParsePosition(f *testing.F) {
	f.Add(somePosition.Append(nil))
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, value []byte) {
		p, err := ParsePosition(value)
		if err == nil && string(p.Append(nil)) != string(value) {
			t.Errorf("%x became %x", value, p.Append(nil))
		}
	})
}
