package processor

import "time"

// AppendTime appends microseconds since 1970 as RFC 3339, in UTC, with as many fraction digits as it takes: six at
// most.
func AppendTime(dst []byte, micros int64) []byte {
	const secondsOfDay = 86400
	t := time.UnixMicro(micros).UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, time.RFC3339Nano) // not a time that an event or a record can have
	}
	second := uint(t.Unix()%secondsOfDay+secondsOfDay) % secondsOfDay
	text := [...]byte{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 18: 0}
	putTwo(text[0:2], uint(year)/100)
	putTwo(text[2:4], uint(year)%100)
	putTwo(text[5:7], uint(month))
	putTwo(text[8:10], uint(day))
	putTwo(text[11:13], second/3600)
	putTwo(text[14:16], second/60%60)
	putTwo(text[17:19], second%60)
	return append(appendFraction(append(dst, text[:]...), uint(t.Nanosecond()/1000)), 'Z')
}

// putTwo writes a number below 100 as two digits.
func putTwo(dst []byte, n uint) {
	dst[0], dst[1] = byte('0'+n/10), byte('0'+n%10)
}

// appendFraction appends a point and the digits of a fraction of a second without the zeros at their end; nothing for
// 0.
func appendFraction(dst []byte, micros uint) []byte {
	if micros == 0 {
		return dst
	}
	text := [...]byte{0: '.', 6: 0}
	putTwo(text[1:3], micros/10_000)
	putTwo(text[3:5], micros/100%100)
	putTwo(text[5:7], micros%100)
	end := len(text)
	for text[end-1] == '0' {
		end--
	}
	return append(dst, text[:end]...)
}
