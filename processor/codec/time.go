package codec

import "time"

// The years 1 to 9999, which is what RFC 3339 can write in UTC.
const (
	minMicros = -62_135_596_800_000_000
	maxMicros = 253_402_300_799_999_999
)

// parseTime reads an RFC 3339 time (section 5.6): any number of fraction digits, of which those below a microsecond are
// dropped; t and z may be lower case; a leap second (23:59:60 in UTC) is the second after it. time.Parse is not used
// because it is both laxer (a comma, one-digit hours) and stricter (no leap second). The result is in microseconds
// since 1970 UTC.
func parseTime(s string) (int64, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[7] != '-' || s[10]|0x20 != 't' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	bad := false
	number := func(from, to, low, high int) int {
		n := 0
		for _, c := range []byte(s[from:to]) {
			bad = bad || c < '0' || c > '9'
			n = n*10 + int(c-'0')
		}
		bad = bad || n < low || n > high
		return n
	}
	year, month, day := number(0, 4, 0, 9999), number(5, 7, 1, 12), number(8, 10, 1, 31)
	hour, minute, second := number(11, 13, 0, 23), number(14, 16, 0, 59), number(17, 19, 0, 60)
	if bad || day > daysIn(year, month) {
		return 0, false
	}
	micros, rest, ok := parseFraction(s[19:])
	if !ok {
		return 0, false
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return 0, false
	}
	seconds := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC).Unix() - offset
	if second == 60 && seconds%86400 != 0 {
		return 0, false // leap seconds end a day of UTC, nothing else
	}
	return seconds*1e6 + micros, true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func parseFraction(s string) (micros int64, rest string, ok bool) {
	if s[0] != '.' {
		return 0, s, true
	}
	i, unit := 1, int64(100_000)
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		micros += int64(s[i]-'0') * unit
		unit /= 10
	}
	return micros, s[i:], i > 1
}

// parseOffset reads Z or ±hh:mm; the result is in seconds east of UTC.
func parseOffset(s string) (int64, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != len("+00:00") || s[3] != ':' || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var digits [4]int64
	for i, at := range [...]int{1, 2, 4, 5} {
		if s[at] < '0' || s[at] > '9' {
			return 0, false
		}
		digits[i] = int64(s[at] - '0')
	}
	hours, minutes := digits[0]*10+digits[1], digits[2]*10+digits[3]
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	seconds := hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
