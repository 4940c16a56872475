package processor_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
)

// AppendTime writes what the library would, only faster, and also beyond the years that RFC 3339 knows.
func TestAppendTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.OneOf(
			rapid.Int64Range(-62_135_596_800_000_000, 253_402_300_799_999_999),
			rapid.Int64Range(-1_000_000, 1_000_000),
			rapid.Map(rapid.Int64Range(-60_000_000_000, 250_000_000_000), func(s int64) int64 { return s * 1_000_000 }),
			rapid.Int64(),
		).Draw(t, "micros")
		got := string(processor.AppendTime(nil, micros))
		if want := time.UnixMicro(micros).UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%d: %s, wanted %s", micros, got, want)
		}
	})
}
