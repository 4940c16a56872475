// Package codec turns the bytes of Kafka records into events and decisions into bytes: JSON, and Avro in the schema
// registry's wire format. It is the only room that knows JSON, Avro and the registry; it knows no Kafka client and no
// rule.
//
// # Reading
//
// A record that can never be decoded is a *processor.Rejection; a registry that does not answer is
// ErrRegistryUnavailable, and the record is to be tried again. Both formats fill the same draft of an event, which
// judges the fields only when the record was read to its end: a malformed document is malformed wherever the fault is,
// a missing field goes before an invalid one, and of several the first in the envelope's order is named. No detail
// quotes a record.
//
// In both formats names of environment and integration are lower case (as producers of JSON write them) or upper case
// (the symbols of the published schema), nothing else. Documents and values may be nested 64 deep.
//
// # Reading outputs back
//
// OutputReader is for programs that read what Verdict wrote. Which fields there are, and which must be, it takes from
// the published schemas; outputFields says where each goes. So a field added to a schema is a row there, and a test
// fails that writes a decision and reads it back.
//
// # Avro and its archived library
//
// github.com/hamba/avro/v2 was archived in January 2026, at version 2.31.0, with three published advisories that nobody
// will fix: GO-2026-5046 (a count can keep its decoder busy), GO-2026-5047 (a length can overflow) and GO-2026-5048 (a
// map's size can exhaust memory). All three are in the decoder, which also takes truncated input for complete.
// Therefore:
//   - This room alone imports it, and uses it to parse and compare schemas and to write primitives. Its decoder is
//     never called outside of tests.
//   - Values are read by avroCursor, by a plan that is made once for each schema. It allocates nothing ahead of bytes
//     that are there, walks nothing that takes no bytes and stops at the bounds of Limits, in fields that are read over
//     as well.
//   - Schemas come from the operator's registry, not from records. Parsing is bounded by the size of an answer, and a
//     panic becomes an incompatible schema.
//
// So replacing it means to replace a schema parser and five write methods.
//
// # Registry
//
// See Registry. A schema that was found once is kept for ever; the ids of a busy topic are found when they are first
// seen.
package codec
