package wire

// murmur2 is the hash of the Java client's default partitioner: 32-bit MurmurHash2 with its seed.
func murmur2(key []byte) uint32 {
	const m, seed = 0x5bd1e995, 0x9747b28c
	h := seed ^ uint32(len(key))
	for ; len(key) >= 4; key = key[4:] {
		k := uint32(key[0]) | uint32(key[1])<<8 | uint32(key[2])<<16 | uint32(key[3])<<24
		k *= m
		k ^= k >> 24
		k *= m
		h = h*m ^ k
	}
	switch len(key) {
	case 3:
		h ^= uint32(key[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(key[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(key[0])) * m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}

// KeyHash is the hash that places a key, whatever the number of partitions.
func KeyHash(key []byte) uint32 { return murmur2(key) }

// PartitionFor places a record as the Java client would; without a key, it stays with the number of the partition it
// came from.
func PartitionFor(key []byte, source, count int32) int32 {
	if key == nil {
		return source % count
	}
	return PartitionOfHash(murmur2(key), count)
}

// PartitionOfHash is where a key with this KeyHash has its place among so many partitions.
func PartitionOfHash(hash uint32, count int32) int32 { return int32(hash&0x7fffffff) % count }
