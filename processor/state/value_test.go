package state

import (
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// full is a memory with all that one can hold.
func full() processor.Memory {
	var id processor.ID
	for i := range id {
		id[i] = byte(0xa0 + i)
	}
	standing := processor.Standing{Attempt: 2, Closes: true, Ended: true, Timed: true, OccurredAt: 1_700_000_000_000_000,
		Outcome: rules.OutcomeDeclined, Tie: 0xa0a1}
	m := processor.Memory{
		Word: processor.Word{There: true, DecisionID: id, Content: 0x11223344556677, Offset: 1000, Since: 1_700_000_001_234,
			Same: 3, Overdue: true, Status: 0xabcdef, HasRisk: true, RiskCode: -300, Report: true,
			Signature: rules.SignatureFailed, Final: true, Standing: standing},
		Sequence: 5, FirstSeen: 1_700_000_000, LastSeen: 1_700_000_100, LastOffset: 1500, RecordKey: 0xdeadbeef,
		NumSeen: processor.SeenEvents, WordSeen: 6, NumCharges: processor.KeptCharges,
	}
	for i := range m.Seen {
		m.Seen[i] = processor.Fingerprint(0x01020304050600 + i)
	}
	for i := range m.Charges {
		m.Charges[i] = processor.Charge{Variant: 0x123456, Facts: 0x654321, Flag: rules.BillingFlagBillable,
			FlagSince: 1_700_000_000_000_001, Standing: standing}
		m.Charges[i].Attempt -= int32(i)
	}
	return m
}

func packedOf(m *processor.Memory) []byte {
	var b packed
	return append([]byte{format}, b[:pack(&b, m)]...)
}

// Bytes that other versions read: to change one is a new format.
func TestValueBytes(t *testing.T) {
	m := full()
	event := func(i string) string { return i + "060504030201" }
	charge := func(attempt string) string {
		return attempt + "000000" + "563412" + "214365" + "01401e18240a0600" + "00401e18240a0600" + "a1a0" + "f1"
	}
	want := "01" + "fcdf" + "28" + "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" + "77665544332211" + "e80300000000" + "d26ce5cf8b01" +
		"00401e18240a0600" + "efcdab" + "d4feffff" + "02000000" + "03" + "050000" + "00f15365" + "64f15365" + "f401000000" +
		"efbeadde" + charge("02") + charge("01") +
		event("00") + event("01") + event("02") + event("03") + event("04") + event("05") + event("06") + event("07")
	if got := hex.EncodeToString(packedOf(&m)); got != want {
		t.Errorf("a full memory:\n got %s\nwant %s", got, want)
	}
	m = processor.Memory{Sequence: 1, LastOffset: 7, NumSeen: 1, Seen: [processor.SeenEvents]processor.Fingerprint{9}}
	want = "01" + "0000" + "01" + strings.Repeat("00", 16+7) + "070000000000" + strings.Repeat("00", 6+8+3+4+4+1) + "010000" +
		strings.Repeat("00", 4+4+5+4) + "09000000000000"
	if got := hex.EncodeToString(packedOf(&m)); got != want {
		t.Errorf("a memory without word:\n got %s\nwant %s", got, want)
	}
}

func TestValueSurvives(t *testing.T) {
	s := New(Options{})
	defer s.Free()
	rapid.Check(t, func(t *rapid.T) {
		want, got := anyMemory().Draw(t, "memory"), full()
		if err := s.Apply(make([]byte, keySize), packedOf(&want)); err != nil {
			t.Fatal(err)
		}
		if !s.Recall(processor.Key{}, &got) || got != want {
			t.Fatalf("%+v became %+v", want, got)
		}
		if value := packedOf(&want); len(value) > 1+192 || string(value) != string(packedOf(&got)) {
			t.Fatalf("%x has %d bytes", value, len(value))
		}
	})
}

// TestValueOfTheCore: what the core makes of any events survives, and the core goes on from it as from its own.
func TestValueOfTheCore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(rules.Embedded().Vocabularies()).Draw(t, "vocabulary")
		var m, got processor.Memory
		var d processor.Decision
		for offset := range int64(rapid.IntRange(1, 20).Draw(t, "events")) {
			status := "of nobody"
			if n := rapid.IntRange(-1, len(v.Statuses)-1).Draw(t, "status"); n >= 0 {
				status = v.Statuses[n].Name
			}
			e := processor.Event{Provider: v.Provider, Product: v.Product, VerificationID: "v", Status: status,
				EventID: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "id"), Attempt: int32(rapid.IntRange(-1, 3).Draw(t, "attempt")),
				HasRiskCode: rapid.Bool().Draw(t, "has risk"), ProductVariant: rapid.SampledFrom([]string{"", "x"}).Draw(t, "variant")}
			if e.HasRiskCode {
				e.RiskCode = int32(rapid.SampledFrom([]int{200, 300, 400, 500, -1}).Draw(t, "risk"))
			}
			r := processor.Record{Offset: offset, Timestamp: rapid.Int64Range(-1, 5e12).Draw(t, "timestamp")}
			if e.HasOccurredAt = rapid.Bool().Draw(t, "timed"); e.HasOccurredAt {
				e.OccurredAt = rapid.Int64Range(-1e15, 1e16).Draw(t, "time")
			}
			processor.Decide(v, &e, &d)
			d.ID, d.OccurredAt = processor.DecisionID(v.Provider, v.Product, "v", e.EventID), e.OccurredAt
			processor.Fold(v, &e, &r, 30*24*time.Hour, &d, &m)
			m.FirstSeen, m.LastSeen = min(m.FirstSeen, mostSeconds), min(m.LastSeen, mostSeconds)
			value := packedOf(&m)
			var b packed
			if err := check(&b, value); err != nil {
				t.Fatal(err)
			}
			if unpack(&b, &got); got != m || checkNumbers(&got) != nil {
				t.Fatalf("%+v became %+v: %v", m, got, checkNumbers(&got))
			}
			m = got
		}
	})
}

func TestValueSaturates(t *testing.T) {
	m := full()
	m.Word.Since, m.FirstSeen, m.LastSeen = math.MaxInt64, -5, math.MaxInt64
	m.Word.Offset, m.LastOffset = 5, math.MaxInt64
	var b packed
	pack(&b, &m)
	var got processor.Memory
	unpack(&b, &got)
	m.Word.Since, m.FirstSeen, m.LastSeen, m.LastOffset = 1<<48-1, 0, math.MaxUint32, 5+(1<<39-1)
	if got != m {
		t.Errorf("%+v, want %+v", got, m)
	}
}

// What is packed has room for all that the core knows.
func TestEnumsFit(t *testing.T) {
	for name, most := range map[string][2]int{
		"outcomes": {len(rules.Outcomes()), 7}, "signatures": {len(rules.Signatures()), 3}, "flags": {len(rules.BillingFlags()), 3},
		"events": {processor.SeenEvents, 8}, "charges": {processor.KeptCharges, 3}, "bytes": {valueSize, 192},
	} {
		if most[0] > most[1] {
			t.Errorf("%d %s, where there is room for %d", most[0], name, most[1])
		}
	}
	var m processor.Memory
	noPointers(t, reflect.TypeOf(m))
	noPointers(t, reflect.TypeFor[slot]())
	noPointers(t, reflect.TypeFor[change]())
}

func noPointers(t *testing.T, of reflect.Type) {
	t.Helper()
	switch kind := of.Kind(); kind {
	case reflect.Struct:
		for i := range of.NumField() {
			noPointers(t, of.Field(i).Type)
		}
	case reflect.Array:
		noPointers(t, of.Elem())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8,
		reflect.Uint16, reflect.Uint32, reflect.Uint64:
	default:
		t.Errorf("%s is a %s", of, kind)
	}
}

func TestHostileValues(t *testing.T) {
	m := full()
	value := packedOf(&m)
	change := func(at int, to byte) []byte {
		changed := append([]byte(nil), value...)
		changed[at] = to
		return changed
	}
	var none processor.Memory
	noWord := func(at int, to byte) []byte {
		changed := packedOf(&none)
		changed[at] = to
		return changed
	}
	for name, test := range map[string]struct {
		key, value []byte
		want       string
	}{
		"no key":                   {nil, value, "its key has 0 bytes instead of 16"},
		"position's key":           {PositionKey, value, "its key has 1 bytes instead of 16"},
		"long key":                 {make([]byte, 17), value, "its key has 17 bytes instead of 16"},
		"empty":                    {nil, []byte{}, "it is empty"},
		"format 0":                 {nil, change(0, 0), "format 0, which there has never been"},
		"format 2":                 {nil, change(0, 2), ErrNewer.Error()},
		"format 255":               {nil, change(0, 255), "format 255"},
		"nine events":              {nil, change(3, 0x29), "9 events seen, where at most 8"},
		"three charges":            {nil, change(3, 0x38), "3 charges, where at most 2"},
		"one more byte":            {nil, append(change(0, 1), 0), "it has 194 bytes, where its counts make it 193"},
		"outcome 0":                {nil, change(1, 0xf8), "outcome 0 and signature 3"},
		"signature 0":              {nil, change(1, 0xe4), "outcome 4 and signature 0"},
		"word of no event":         {nil, change(3, 0x26), "it has 193 bytes"},
		"flag 0":                   {nil, change(1+headSize+28, 0xf0), "charge 0 has flag 0 and outcome 4"},
		"charge's outcome 0":       {nil, change(1+headSize+29+28, 0xe1), "charge 1 has flag 1 and outcome 0"},
		"word's field without it":  {nil, noWord(4, 1), "what nothing stands for"},
		"word's place without it":  {nil, noWord(2, 0x20), "what nothing stands for"},
		"last offset without word": {nil, noWord(1+headSize-9, 1), "what nothing stands for"},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{})
			defer s.Free()
			key := test.key
			if key == nil && name != "no key" {
				key = make([]byte, keySize)
			}
			err := s.Apply(key, test.value)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if newer := len(test.value) > 0 && test.value[0] > format; errors.Is(err, ErrNewer) != newer {
				t.Errorf("%v is ErrNewer: %v, want %v", err, !newer, newer)
			}
			if s.Len() != 0 {
				t.Error("what was refused is remembered")
			}
		})
	}
	for n := range value {
		if err := New(Options{}).Apply(make([]byte, keySize), value[:n:n]); err == nil {
			t.Errorf("a value that ends after %d of its %d bytes was taken", n, len(value))
		}
	}
}

func FuzzApply(f *testing.F) {
	m := full()
	f.Add(make([]byte, keySize), packedOf(&m))
	m = processor.Memory{}
	f.Add(make([]byte, keySize), packedOf(&m))
	f.Add([]byte(nil), []byte{2})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		s := New(Options{Deadline: deadlineOf})
		defer s.Free()
		if err := s.Apply(key, value); err != nil || value == nil {
			if s.Len() != 0 {
				t.Error("what was refused is remembered")
			}
			return
		}
		var m processor.Memory
		if !s.Recall(processor.Key(key), &m) {
			t.Fatal("nothing is remembered")
		}
		s.Put(processor.Key(key), &m)
		s.Seal().Each(func(gotKey, got []byte) {
			if string(gotKey) != string(key) || string(got) != string(value) {
				t.Errorf("%x %x became %x %x", key, value, gotKey, got)
			}
		})
	})
}

// A memory that was moved, once or twice, is the same but for its offsets, which are none of the partition.
func TestMovedValues(t *testing.T) {
	for _, there := range []bool{true, false} {
		m := processor.Memory{Sequence: 2, LastOffset: 9, RecordKey: 7, LastSeen: 5, NumSeen: 1}
		if there {
			m.Word = processor.Word{There: true, Offset: 0, Signature: 1, Standing: processor.Standing{Outcome: 1}}
		}
		var b packed
		value := append([]byte{format}, b[:pack(&b, &m)]...)
		for range 2 {
			var err error
			if value, err = Moved(value); err != nil {
				t.Fatal(err)
			}
		}
		var got processor.Memory
		if err := ParseMemory(value, &got); err != nil {
			t.Fatal(err)
		}
		word, wordMoved := processor.PlaceOf(got.Word.Offset)
		last, lastMoved := processor.PlaceOf(got.LastOffset)
		if word != 0 || wordMoved != there || last != 9 || !lastMoved {
			t.Errorf("with a word (%v): its offset is %d, the last %d", there, got.Word.Offset, got.LastOffset)
		}
		if got.Word.Offset, got.LastOffset = 0, 9; got != m {
			t.Errorf("got %+v, want %+v", got, m)
		}
	}
	if _, err := Moved(nil); err == nil {
		t.Error("nothing is taken for a memory")
	}
}
