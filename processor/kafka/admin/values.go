package admin

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// This file reads the values of topics' settings.

const cleanupPolicy = "cleanup.policy"

// cleanup is a cleanup.policy.
type cleanup struct{ compact, delete bool }

// cleanupOf reads a cleanup.policy; ok is false where something else is in it.
func cleanupOf(value string) (c cleanup, ok bool) {
	ok = true
	for part := range strings.SplitSeq(value, ",") {
		switch strings.TrimSpace(part) {
		case "compact":
			c.compact = true
		case "delete":
			c.delete = true
		default:
			ok = false
		}
	}
	return c, ok
}

// policyOf is the cleanup.policy among settings.
func policyOf(values map[string]string) cleanup {
	c, _ := cleanupOf(values[cleanupPolicy])
	return c
}

func (c cleanup) String() string {
	switch {
	case c.compact && c.delete:
		return "compact,delete"
	case c.compact:
		return "compact"
	case c.delete:
		return "delete"
	}
	return ""
}

// noLimit is more than any retention.
const noLimit = math.MaxInt64

// kept is a retention as a number; one below 0 has no limit, nor has one that is no number.
func kept(value string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	if err != nil || n < 0 {
		return noLimit
	}
	return n
}

// keepsLess says whether a retention deletes what the other one does not.
func keepsLess(a, b string) bool { return kept(a) < kept(b) }

// unlimited is the retention of a topic whose records are never deleted for their age.
const unlimited time.Duration = -1

// longest is what two of fit into a duration; a longer retention is as good as unlimited.
const longest = 100 * 365 * day

// retention is how long a topic with these settings keeps its records; known is false where the settings do not say.
func retention(values map[string]string) (d time.Duration, known bool) {
	if !policyOf(values).delete {
		return unlimited, values[cleanupPolicy] != ""
	}
	ms := kept(values["retention.ms"])
	if ms > int64(longest/time.Millisecond) {
		return unlimited, values["retention.ms"] != ""
	}
	return time.Duration(ms) * time.Millisecond, true
}

// tooFew says whether fewer replicas than have to be in sync leave nothing that can be written to.
func tooFew(insync string, replicas int) bool {
	n, err := strconv.Atoi(insync)
	return err == nil && n > replicas
}

// same compares values: numbers as numbers, and true and false in any spelling.
func same(a, b string) bool {
	if a == b {
		return true
	}
	if strings.EqualFold(a, b) {
		return strings.EqualFold(a, "true") || strings.EqualFold(a, "false")
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}
