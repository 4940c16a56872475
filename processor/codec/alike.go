package codec

import (
	"math/bits"

	"verdict/rules/wording"
)

// A producer who misspells an optional field loses it without a word: names that the envelope does not have are read
// over. So each of them is looked at here. It counts as a misspelt field if the record does not have that field itself.

// maxAlike bounds the letters of names that are looked at.
const maxAlike = 24

// knownWords are what people call the fields, in small letters without separators, and the fields' own names so.
var knownWords = map[string]field{
	"vendor": fieldProvider, "providername": fieldProvider, "productname": fieldProduct,
	"session": fieldVerificationID, "sessionid": fieldVerificationID, "verification": fieldVerificationID,
	"verificationstatus": fieldStatus, "eventuuid": fieldEventID,
	"subject": fieldSubjectRef, "subjectid": fieldSubjectRef,
	"journey": fieldJourneyRef, "journeyid": fieldJourneyRef, "variant": fieldProductVariant,
	"accountid": fieldAccount, "accountref": fieldAccount, "workspace": fieldAccount, "workspaceid": fieldAccount,
	"code": fieldCodes, "statuscode": fieldCodes, "statuscodes": fieldCodes, "reasoncode": fieldCodes,
	"reasoncodes": fieldCodes, "responsecode": fieldCodes, "responsecodes": fieldCodes,
	"risk": fieldRiskCode, "attemptnumber": fieldAttempt, "env": fieldEnvironment,
	"timestamp": fieldOccurredAt, "time": fieldOccurredAt, "eventtime": fieldOccurredAt, "occurred": fieldOccurredAt,
	"meta": fieldMetadata,
}

// foldedField is a field's name in small letters without separators.
type foldedField struct {
	name    string
	letters uint32 // which it has
	slips   int    // letters that may be wrong; none in a short name
}

var foldedFields = func() (all [numFields]foldedField) {
	for f := fieldNone + 1; f < numFields; f++ {
		name := string(fold(nil, f.String()))
		slips := 0
		switch {
		case len(name) >= 10:
			slips = 2
		case len(name) >= 6:
			slips = 1
		}
		all[f] = foldedField{name, lettersOf(name), slips}
		knownWords[name] = f
	}
	return all
}()

// alike finds the field that a name which is none looks like; fieldNone: there is none.
func alike(name string) field {
	var stack [maxAlike]byte
	folded := string(fold(stack[:0], name))
	if f, ok := knownWords[folded]; ok {
		return f
	}
	letters := lettersOf(folded)
	for f := fieldNone + 1; f < numFields; f++ {
		own := &foldedFields[f]
		// A wrong letter changes two of the letters there are at most: to see that is much faster than to compare.
		if bits.OnesCount32(letters^own.letters) <= 2*own.slips &&
			wording.Distance(folded, own.name, own.slips+1) <= own.slips {
			return f
		}
	}
	return fieldNone
}

// alikeMemory has what the first unknown names of the record before looked like. A producer writes the same ones again,
// and to compare a name with one of them is much faster than to look at it. The names are copied: they are a record's.
type alikeMemory [maxUnknown]struct {
	name   [32]byte
	length int // 0: there is none
	alike  field
}

// of finds the field that the n-th unknown name of a record looks like.
func (m *alikeMemory) of(n int, name string) field {
	if n >= len(m) || len(name) > len(m[0].name) || name == "" {
		return alike(name)
	}
	known := &m[n]
	if string(known.name[:known.length]) != name {
		known.length, known.alike = copy(known.name[:], name), alike(name)
	}
	return known.alike
}

// fold appends a name in small letters and without separators; of a long one only the begin.
func fold(dst []byte, name string) []byte {
	for i := 0; i < len(name) && len(dst) < maxAlike; i++ {
		switch c := name[i]; {
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c|0x20)
		case c != '_' && c != '-' && c != ' ' && c != '.':
			dst = append(dst, c)
		}
	}
	return dst
}

// lettersOf has bit n for the n-th letter of the alphabet.
func lettersOf(folded string) (set uint32) {
	for i := 0; i < len(folded); i++ {
		if c := folded[i] - 'a'; c < 26 {
			set |= 1 << c
		}
	}
	return set
}
