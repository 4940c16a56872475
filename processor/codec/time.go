package codec

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
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[7] != '-' || s[10]|0x20 != 't' ||
		s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	century, year, month, day := twoDigits(s[0:]), twoDigits(s[2:]), twoDigits(s[5:]), twoDigits(s[8:])
	hour, minute, second := twoDigits(s[11:]), twoDigits(s[14:]), twoDigits(s[17:])
	if max(century, year, month, day, hour, minute, second) > 99 || hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	days, ok := daysSince1970(int(century*100+year), int(month), int(day))
	if !ok {
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
	seconds := int64(days)*86400 + int64(hour*3600+minute*60+second) - offset
	if second == 60 && seconds%86400 != 0 {
		return 0, false // leap seconds end a day of UTC, nothing else
	}
	return seconds*1e6 + micros, true
}

// twoDigits reads the number that begins s; it is above 99 if there is none.
func twoDigits(s string) uint {
	tens, ones := uint(s[0]-'0'), uint(s[1]-'0')
	if tens > 9 || ones > 9 {
		return 100
	}
	return tens*10 + ones
}

// monthStarts are the days of a year that does not leap before each month, and all of them.
var monthStarts = [...]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// daysSince1970 counts days of the Gregorian calendar, from the year 0 on; false for a day that there is not.
func daysSince1970(year, month, day int) (int, bool) {
	if month < 1 || month > 12 {
		return 0, false
	}
	leap := 0
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		leap = 1
	}
	start, end := monthStarts[month-1], monthStarts[month]
	if month > 2 {
		start += leap
	}
	if month >= 2 {
		end += leap
	}
	if day < 1 || day > end-start {
		return 0, false
	}
	const before1970 = 719528 // days from the first of the year 0
	leapDays := (year+3)/4 - (year+99)/100 + (year+399)/400
	return year*365 + leapDays + start + day - 1 - before1970, true
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
