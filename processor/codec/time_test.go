package codec

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-21T10:00:00Z":               "2026-11-21T10:00:00Z",
		"2026-11-21t10:00:00z":               "2026-11-21T10:00:00Z",
		"2026-11-21T10:00:00.1Z":             "2026-11-21T10:00:00.1Z",
		"2026-11-21T10:00:00.1234567890123Z": "2026-11-21T10:00:00.123456Z",
		"2026-11-21T10:00:00-00:00":          "2026-11-21T10:00:00Z",
		"2026-11-21T10:00:00.5+05:30":        "2026-11-21T04:30:00.5Z",
		"1969-12-31T23:59:59.999999Z":        "1969-12-31T23:59:59.999999Z",
		"2016-12-31T23:59:60Z":               "2017-01-01T00:00:00Z",
		"2017-01-01T00:59:60.25+01:00":       "2017-01-01T00:00:00.25Z",
		"2024-02-29T00:00:00Z":               "2024-02-29T00:00:00Z",
		"0001-01-01T00:00:00Z":               "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.9999999999Z":    "9999-12-31T23:59:59.999999Z",
	} {
		got, ok := parseTime(text)
		expected, err := time.Parse(time.RFC3339, want)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || got != expected.UnixMicro() {
			t.Errorf("%s: got %d, %v; want %d", text, got, ok, expected.UnixMicro())
		}
	}
}

func TestParseTimeRefused(t *testing.T) {
	for _, text := range []string{
		"yesterday", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21 10:00:00Z", "2026-11-21T10:00:00,5Z", "2026-11-21T10:00:00.Z",
		"2026-11-21T1:00:00Z", "2026-13-21T10:00:00Z", "2026-02-29T10:00:00Z", "2026-00-10T10:00:00Z", "2026-11-00T10:00:00Z",
		"2026-11-21T24:00:00Z", "2026-11-21T10:60:00Z", "2026-11-21T10:00:60Z", "2026-11-21T10:00:61Z", "2026-11-21T10:00:00+24:00",
		"2026-11-21T10:00:00+01:60", "2026-11-21T10:00:00+0100", "2026-11-21T10:00:00+01", "2026-11-21T10:00:00ZZ", "+026-11-21T10:00:00Z",
		"2026-11-21T10:00:00.5", "2026-11-21T10:00:00.123456789012345678", " 2026-11-21T10:00:00Z", "2026-11-21T-1:00:00Z",
	} {
		if got, ok := parseTime(text); ok {
			t.Errorf("%s: got %d, want it refused", text, got)
		}
	}
}

// Whatever the standard library writes is read as what it was.
func TestParseTimeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(minMicros+86400e6, maxMicros-86400e6).Draw(t, "micros")
		zone := time.FixedZone("", rapid.IntRange(-23*60, 23*60).Draw(t, "minutes")*60)
		text := time.UnixMicro(micros).In(zone).Format(time.RFC3339Nano)
		if got, ok := parseTime(text); !ok || got != micros {
			t.Fatalf("%s: got %d, %v; want %d", text, got, ok, micros)
		}
	})
}

// Each day that the calendar has is counted as the library counts it, and no other is one.
func TestDaysSince1970(t *testing.T) {
	for year := range 10_000 {
		for month := range 14 {
			for _, day := range []int{0, 1, 28, 29, 30, 31, 32} {
				library := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
				there := library.Month() == time.Month(month) && library.Day() == day
				days, ok := daysSince1970(year, month, day)
				if ok != there || ok && int64(days)*86400 != library.Unix() {
					t.Fatalf("%d-%d-%d: day %d, %v; the library has %s", year, month, day, days, ok, library)
				}
			}
		}
	}
}
