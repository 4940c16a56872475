package table

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"verdict/processor"
	"verdict/processor/kafka/scan"
)

// place is a key in a partition. Before partitions were added, a key may have been in another one.
type place struct {
	partition int32
	key       string
}

// row is the latest record of a key in a partition.
type row struct {
	value   []byte
	offset  int64
	foreign string // what makes it none of the table's; "": it is one
}

// mostForeign is how many foreign records are found before reading ends: a topic that has so many is another one.
const mostForeign = 1000

func (t *table) locate(ctx context.Context) error {
	ranges, err := scan.Topic(ctx, t.client, t.Topic, scan.Earliest(), scan.LastStable())
	if errors.Is(err, scan.ErrMissing) {
		return fmt.Errorf("%s: %w", t.Topic, ErrMissing)
	}
	t.partitions = int32(len(ranges))
	return err
}

// read returns the value of each key that has one. What is going to be changed must be all that there is: open
// transactions are waited for.
func (t *table) read(ctx context.Context) (map[string][]byte, error) {
	to := scan.HighWatermark()
	if t.DryRun {
		to = scan.LastStable()
	}
	ranges, err := scan.Topic(ctx, t.client, t.Topic, scan.Earliest(), to)
	if err != nil {
		return nil, err
	}
	rows, foreign := map[place]row{}, map[place]row{}
	_, err = scan.Read(ctx, t.client, ranges, scan.Options{}, func(r *processor.Record) error {
		at := place{r.Partition, string(r.Key)}
		delete(rows, at)
		delete(foreign, at)
		if r.Value == nil {
			return nil
		}
		latest := row{bytes.Clone(r.Value), r.Offset, t.foreign(r)}
		if latest.foreign == "" {
			rows[at] = latest
			return nil
		}
		foreign[at] = latest
		if len(foreign) >= mostForeign {
			return scan.ErrStop
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is there: %w", err)
	}
	if len(foreign) > 0 {
		return nil, t.refuse(foreign)
	}
	values := map[string][]byte{}
	for at, r := range rows {
		values[at.key] = r.value
	}
	return values, nil
}

// foreign says what makes a record none of the table's. One that is in another partition than its key belongs to would
// stay beside the row that is written for it, and a reader of both could not tell which is newer.
func (t *table) foreign(r *processor.Record) string {
	if problem := t.Foreign(r); problem != "" {
		return problem
	}
	if home := t.placeOf(r.Key); home != r.Partition {
		return fmt.Sprintf("its key belongs to partition %d: partitions were added to the topic since it was written",
			home)
	}
	return ""
}

// shown is how many foreign records an error tells of.
const shown = 3

func (t *table) refuse(foreign map[place]row) error {
	places := slices.SortedFunc(maps.Keys(foreign), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(foreign[a].offset, foreign[b].offset))
	})
	var lines []string
	for _, at := range places[:min(shown, len(places))] {
		r := foreign[at]
		lines = append(lines, fmt.Sprintf("%s/%d, offset %d: %s", t.Topic, at.partition, r.offset, r.foreign))
	}
	if more := len(places) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and at least %d more", more))
	}
	return fmt.Errorf("the topic holds records of something else, and nothing was written: name a topic of its own, "+
		"or write a record without a value for the key of each, into its partition:\n%s", strings.Join(lines, "\n"))
}
