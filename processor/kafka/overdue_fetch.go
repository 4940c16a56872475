package kafka

import (
	"context"
	"errors"
	"slices"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

const (
	// wordBytes is what a broker is asked for to have one record: a batch that is larger comes whole.
	wordBytes = 64 << 10
	// closeBy is how far apart the records of two words may be to be read in one go. What lies between is read, too.
	closeBy = 100
)

// fetchWords runs beside the unit, for the words of one partition in the order of their offsets. It is given all that
// it may touch.
func fetchWords(ctx context.Context, c *cluster.Client, words []overdueWord, fetched chan<- fetchedWords) {
	for rest := words; len(rest) > 0; {
		n := closeTogether(rest)
		fetchRange(ctx, c, rest[:n])
		select {
		case fetched <- fetchedWords{words: rest[:n], last: n == len(rest)}:
		case <-ctx.Done():
			return
		}
		rest = rest[n:]
	}
}

// closeTogether is how many of the first words are read in one go.
func closeTogether(words []overdueWord) int {
	n := 1
	for n < len(words) && words[n].offset-words[n-1].offset <= closeBy {
		n++
	}
	return n
}

// fetchRange fetches the records of words. If the first is gone, the log begins behind it, and what is left is read
// from there.
func fetchRange(ctx context.Context, c *cluster.Client, words []overdueWord) {
	err := readRange(ctx, c, words, scan.Offset(words[0].offset))
	if errors.Is(err, scan.ErrTruncated) {
		err = readRange(ctx, c, words, scan.Earliest())
	}
	for i := range words {
		if words[i].record == nil {
			words[i].err = err
		}
	}
}

func readRange(ctx context.Context, c *cluster.Client, words []overdueWord, from scan.Place) error {
	of, rest := words[0].partition, words
	_, err := scan.Read(ctx, c, []scan.Range{{Topic: of.topic, Partition: of.id, From: from,
		To: scan.Offset(words[len(words)-1].offset + 1)}}, scan.Options{FetchBytes: wordBytes},
		func(r *processor.Record) error {
			for len(rest) > 0 && rest[0].offset < r.Offset {
				rest = rest[1:]
			}
			if len(rest) > 0 && rest[0].offset == r.Offset {
				rest[0].record = copyOf(r)
			}
			return nil
		})
	return err
}

// copyOf is a record with bytes of its own.
func copyOf(r *processor.Record) *processor.Record {
	c := *r
	c.Key, c.Value, c.Headers = slices.Clone(r.Key), slices.Clone(r.Value), slices.Clone(r.Headers)
	for i := range c.Headers {
		c.Headers[i].Value = slices.Clone(c.Headers[i].Value)
	}
	return &c
}
