package screen

import (
	"testing"
	"time"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{"0": 0, "1024": kib, "1KiB": kib, "3 MiB": 3 * mib, "1_000": 1000,
		"2GiB": 2 * gib} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "1MB", "1.5MiB", "one", "9999999999999"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
	for n, want := range map[Size]string{0: "0", 1023: "1023", kib: "1KiB", 1536: "1536", 8 * mib: "8MiB"} {
		if n.String() != want {
			t.Errorf("%d: %s, want %s", int(n), n, want)
		}
	}
}

func TestDurationsAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		5 * time.Minute: "5m", time.Hour: "1h", 90 * time.Second: "1m30s", 100 * time.Millisecond: "100ms", 10 * time.Second: "10s",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
