package screen

import (
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes.
type Size int

const (
	kib Size = 1 << 10
	mib Size = 1 << 20
	gib Size = 1 << 30
)

var sizeUnits = []struct {
	name  string
	bytes Size
}{{"GiB", gib}, {"MiB", mib}, {"KiB", kib}}

// ParseSize reads a number of bytes, or of KiB, MiB or GiB: 1048576, 1MiB, 1_000.
func ParseSize(text string) (Size, error) {
	unit := Size(1)
	for _, u := range sizeUnits {
		if number, ok := strings.CutSuffix(text, u.name); ok {
			text, unit = strings.TrimSpace(number), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 32)
	return Size(n) * unit, err
}

func (s Size) String() string {
	for _, u := range sizeUnits {
		if s >= u.bytes && s%u.bytes == 0 {
			return strconv.Itoa(int(s/u.bytes)) + u.name
		}
	}
	return strconv.Itoa(int(s))
}

// FormatDuration leaves out the zeros of time.Duration's own form: 5m, not 5m0s.
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
