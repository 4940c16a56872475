package screen

import "testing"

func TestNearestName(t *testing.T) {
	const otherwise = "; look into the list"
	names := []string{"kafka.brokers", "kafka.group", "topics.raw"}
	for wrong, want := range map[string]string{
		"kafka.broker": "; did you mean kafka.brokers?", "Kafka.Group": "; did you mean kafka.group?", "xyzzy": otherwise,
		"group": "; did you mean kafka.group?", "kafka.nope": otherwise, "kafka.x": otherwise, "": otherwise, "kafka.": otherwise,
	} {
		if got := Suggestion(wrong, names, otherwise); got != want {
			t.Errorf("%s: %s, want %s", wrong, got, want)
		}
	}
}
