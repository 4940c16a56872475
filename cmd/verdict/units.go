package main

import (
	"strconv"
	"strings"
	"time"
)

// size is a number of bytes.
type size int

const (
	kib size = 1 << 10
	mib size = 1 << 20
	gib size = 1 << 30
)

var sizeUnits = []struct {
	name  string
	bytes size
}{{"GiB", gib}, {"MiB", mib}, {"KiB", kib}}

func parseSize(text string) (size, error) {
	unit := size(1)
	for _, u := range sizeUnits {
		if number, ok := strings.CutSuffix(text, u.name); ok {
			text, unit = strings.TrimSpace(number), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 32)
	return size(n) * unit, err
}

func (s size) String() string {
	for _, u := range sizeUnits {
		if s >= u.bytes && s%u.bytes == 0 {
			return strconv.Itoa(int(s/u.bytes)) + u.name
		}
	}
	return strconv.Itoa(int(s))
}

// formatDuration leaves out the zeros of time.Duration's own form: 5m, not 5m0s.
func formatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
