package processor

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// dropOriginals removes the original key and headers from a dead letter. Its partition stays that of the original key.
func (o *Output) dropOriginals(r *Record) {
	o.Key = nil
	o.Headers = o.Headers[len(r.Headers):]
}

// digest replaces the original value of a dead letter by its SHA-256 and length, as JSON and as headers. Whoever has
// the original, by the coordinates in the headers, can tell that it is the one.
func (o *Output) digest(r *Record) {
	sum := sha256.Sum256(r.Value)
	digest := hex.EncodeToString(sum[:])
	length := strconv.Itoa(len(r.Value))
	o.Value = []byte(`{"sha256":"` + digest + `","bytes":` + length + `}`)
	o.Headers = append(o.Headers, Header{HeaderValueSHA256, []byte(digest)}, Header{HeaderValueBytes, []byte(length)})
}
