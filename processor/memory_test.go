package processor_test

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

// What is remembered is hashes, enums and numbers: no text, which might be personal, and no pointer, so that millions
// of them cost the garbage collector nothing.
func TestMemoryHoldsNoTextsAndNoPointers(t *testing.T) {
	var look func(path string, of reflect.Type)
	look = func(path string, of reflect.Type) {
		switch of.Kind() {
		case reflect.Struct:
			for i := range of.NumField() {
				look(path+"."+of.Field(i).Name, of.Field(i).Type)
			}
		case reflect.Array:
			look(path+"[]", of.Elem())
		case reflect.Bool, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		default:
			t.Errorf("%s is a %s", path, of.Kind())
		}
	}
	look("Memory", reflect.TypeFor[processor.Memory]())
}

// A key depends on all three names, and on where one ends and the next begins.
func TestKeyOf(t *testing.T) {
	seen := map[processor.Key][3]string{}
	long := strings.Repeat("x", 300)
	for _, names := range [][3]string{
		{"a", "b", "c"}, {"ab", "", "c"}, {"", "ab", "c"}, {"a", "bc", ""}, {"a", "b", "d"},
		{"a", "b", long}, {"a", "b", long + "x"},
	} {
		key := processor.KeyOf(names[0], names[1], names[2])
		if other, twice := seen[key]; twice {
			t.Errorf("%v and %v have one key", names, other)
		}
		seen[key] = names
	}
	// By another program: the first 16 bytes of the SHA-256 of three texts, each with its length in front.
	key := processor.KeyOf("yousign", "video", "v-1")
	if hex.EncodeToString(key[:]) != "e1ff7417a07eca021673f1c2f9565702" {
		t.Errorf("key %x", key)
	}
}

// These hashes are in the changelog: what another version makes of the same event is compared with them. The numbers
// were computed by another program.
func TestHashesStayAsTheyAre(t *testing.T) {
	const content = 0xc002c22376ebee
	for text, seen := range map[string]processor.Fingerprint{
		"completed risk=500 5150 4170 5150 variant=face account=acc id=e-1 t=7": 0x2613912f76ebee,
		"completed risk=500 4170 05150 variant=face account=acc t=0":            0x787e9f6876ebee,
		"completed risk=500 4170 5150 variant=face account=acc attempt=1":       content,
	} {
		s := newStory(t, rules.Embedded(), vocabulary(t, "idv"), processor.Options{})
		s.tell(storyEvent(t, text))
		m := s.memory()
		charge := m.Charges[0]
		if m.Word.Content != content || m.Seen[0] != seen || charge.Facts != 0x82c600 || charge.Variant != 0x8594c6 {
			t.Errorf("%s: content %#x, seen %#x, facts %#x, variant %#x",
				text, m.Word.Content, m.Seen[0], charge.Facts, charge.Variant)
		}
	}
}

// What an event says is all of this, and nothing else. A part that moves from one field to the next is seen.
func TestContent(t *testing.T) {
	same := []string{
		"completed risk=500 5150 4170 account=x", "completed risk=500 4170 5150 5150 attempt=1 api",
		"completed risk=500 04170 5150 id=a t=1",
	}
	others := []string{
		"completed risk=500 5150", "completed 4170 5150", "completed risk=200 4170 5150", "pending risk=500 4170 5150",
		"completed risk=500 4170 5150 attempt=2", "completed risk=500 4170 5150 variant=x",
		"completed risk=500 4170 5150 sandbox", "completed risk=500 4170 5150 51", "complete risk=500 4170 5150",
	}
	contents := map[uint64]string{}
	for i, text := range append(same, others...) {
		s := newStory(t, rules.Embedded(), vocabulary(t, "idv"), processor.Options{})
		s.tell(storyEvent(t, text))
		content := s.memory().Word.Content
		if other, there := contents[content]; there != (i > 0 && i < len(same)) {
			t.Errorf("%s: content %#x, as %q", text, content, other)
		}
		contents[content] = text
	}
}
