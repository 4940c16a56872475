package rules

import "math/bits"

// AppendFields appends the names of a set of fields, sorted.
func (v *Vocabulary) AppendFields(names []string, set FieldSet) []string {
	for ; set != 0; set &= set - 1 {
		names = append(names, v.Fields[bits.TrailingZeros64(uint64(set))])
	}
	return names
}
