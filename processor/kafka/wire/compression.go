package wire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segmentio/kafka-go/compress"
)

// Compression is the codec of written batches.
type Compression uint8

// Compressions. Readers of all Kafka clients understand each.
const (
	CompressionUnspecified Compression = iota
	CompressionNone
	CompressionGzip
	CompressionSnappy
	CompressionLZ4
	CompressionZstd
)

var compressionNames = []string{"unspecified", "none", "gzip", "snappy", "lz4", "zstd"}

func (c Compression) String() string { return compressionNames[min(int(c), len(compressionNames)-1)] }

// Compressions lists what ParseCompression takes.
func Compressions() []string { return slices.Clone(compressionNames[1:]) }

// ParseCompression reads "none", "gzip", "snappy", "lz4" or "zstd".
func ParseCompression(s string) (Compression, error) {
	if i := slices.Index(compressionNames, s); i > 0 {
		return Compression(i), nil
	}
	return 0, fmt.Errorf("compression must be one of %s", strings.Join(compressionNames[1:], ", "))
}

// codec is nil where nothing is compressed.
func (c Compression) codec() compress.Codec {
	if c <= CompressionNone {
		return nil
	}
	return c.Client().Codec()
}

// Client is the compression as kafka-go numbers it; 0 is none.
func (c Compression) Client() compress.Compression {
	return compress.Compression(max(c, CompressionNone) - CompressionNone)
}
