package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAClaimIsReadAsItWasMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := claim{instance: rapid.String().Draw(t, "instance"),
			generation: rapid.Int32Range(0, math.MaxInt32).Draw(t, "generation")}
		for _, topic := range rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "topics") {
			for _, id := range rapid.SliceOf(rapid.Int32Range(0, math.MaxInt32-1)).Draw(t, "ids") {
				c.add(topic, id, holding{upto: rapid.Int64Min(0).Draw(t, "upto"), had: rapid.Bool().Draw(t, "had")})
			}
		}
		if got := parseClaim(c.bytes()); !reflect.DeepEqual(got, c) {
			t.Fatalf("%+v becomes %+v", c, got)
		}
	})
}

// Whatever a member of the group says, it is read in bounded memory, and what is not a claim claims nothing.
func TestAForeignClaimClaimsNothing(t *testing.T) {
	good := claim{instance: "a", generation: 7}
	good.add("raw", 3, holding{upto: 9, had: true})
	said := good.bytes()
	huge := binary.AppendUvarint(nil, math.MaxUint64)
	cases := map[string][]byte{
		"nothing":               nil,
		"an instance id":        []byte("verdict-a"),
		"another version":       append([]byte{claimVersion + 1}, said[1:]...),
		"more than a claim":     append(bytes.Clone(said), 0),
		"too large":             append(bytes.Clone(said), make([]byte, claimMost)...),
		"a long instance":       append([]byte{claimVersion, 1}, huge...),
		"many topics":           {claimVersion, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"many partitions":       {claimVersion, 1, 0, 1, 1, 'r', 0xff, 0xff, 0xff, 0xff, 0x0f},
		"a generation too high": append(append([]byte{claimVersion}, huge...), said[2:]...),
		"a partition too high":  append(append([]byte{claimVersion, 1, 0, 1, 1, 'r', 1}, huge...), 0),
		"an offset too high":    append([]byte{claimVersion, 1, 0, 1, 1, 'r', 1, 0}, huge...),
		"numbers that add up to more than there are": {claimVersion, 1, 0, 1, 1, 'r', 2,
			0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0},
		"a topic twice": {claimVersion, 1, 0, 2, 1, 'r', 1, 0, 0, 1, 'r', 1, 0, 0},
	}
	for n := range said {
		cases[fmt.Sprintf("cut off after %d bytes", n)] = said[:n]
	}
	for name, said := range cases {
		if got := parseClaim(said); !reflect.DeepEqual(got, claim{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		rest := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "rest")
		for topic, held := range parseClaim(append([]byte{claimVersion}, rest...)).held {
			if len(topic)+len(held) > len(rest) {
				t.Fatalf("%d bytes become %d partitions of %q", len(rest), len(held), topic)
			}
			for id, h := range held {
				if id < 0 || h.upto < 0 {
					t.Fatalf("%d: %+v", id, h)
				}
			}
		}
	})
}

func TestALargeClaimNamesWhatItHadFirst(t *testing.T) {
	c := claim{instance: "a", generation: 7}
	for id := range int32(3000) {
		c.add("raw", 2*id, holding{upto: 1_000_000_000, had: id%3 == 0})
	}
	got := parseClaim(c.bytes())
	if n := len(got.held["raw"]); n != 1000 || !got.held["raw"][6].had {
		t.Errorf("%d partitions", n)
	}
	for id := range int32(9000) {
		c.add(strings.Repeat("raw", 10), id, holding{upto: 1_000_000_000, had: true})
	}
	if got := parseClaim(c.bytes()); got.instance != "a" || got.generation != 7 || len(got.held) != 0 {
		t.Errorf("%+v", got)
	}
}

// What a member says is what it was assigned last and what it has state of.
func TestUserDataClaimsWhatIsHeld(t *testing.T) {
	s := &spread{instance: "a"}
	said := func() claim {
		t.Helper()
		b, err := s.UserData()
		if err != nil {
			t.Fatal(err)
		}
		return parseClaim(b)
	}
	if got := said(); !reflect.DeepEqual(got, claim{instance: "a"}) {
		t.Errorf("at first %+v", got)
	}
	s.assigned(generation(5, map[string][]int{"raw": {1, 2}, "other": nil}))
	s.held = func() map[string][]heldPartition { return map[string][]heldPartition{"raw": {{2, 70}, {3, 80}}} }
	want := claim{instance: "a", generation: 5, held: map[string]map[int32]holding{"raw": {1: {had: true},
		2: {upto: 70, had: true}, 3: {upto: 80}}}}
	if got := said(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v", got, want)
	}
	s.assigned(generation(6, nil))
	want = claim{instance: "a", generation: 6,
		held: map[string]map[int32]holding{"raw": {2: {upto: 70}, 3: {upto: 80}}}}
	if got := said(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v", got, want)
	}
}
