package state

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

func (v *statsView) write(w io.Writer) error {
	for i := range v.Topics {
		if err := v.Topics[i].write(w, v.Group); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	t := &v.Total
	fmt.Fprintf(screen.Wrapped(w, 0), "%s in %s; %s in the logs; %d overdue\n", wording.Count(t.Keys, "verification"),
		size(t.Bytes), wording.Count(int(t.Log), "offset"), t.Overdue)
	if len(t.Words) > 0 {
		fmt.Fprintf(screen.Wrapped(w, 0), "current words: %s\n", words(t.Words))
	}
	return nil
}

func (t *topicStats) write(w io.Writer, ofGroup string) error {
	fmt.Fprintf(screen.Wrapped(w, 0), "%s, remembered in %s\n", t.RawTopic, t.Changelog)
	numbers, positions, problems := &screen.Table{}, &screen.Table{}, &screen.Table{}
	numbers.Row("PARTITION", "GROUP AT", "STATE AT", "KNOWN", "SIZE", "LOG", "OVERDUE")
	positions.Row("PARTITION", "NUMBER", "CLOCK", "WRITER")
	for i := range t.Partitions {
		p := &t.Partitions[i]
		id, group, at := strconv.Itoa(int(p.Partition)), "-", "-"
		if p.Offset != nil {
			group = strconv.FormatInt(*p.Offset, 10)
		}
		if q := p.Position; q != nil {
			at = strconv.FormatInt(q.Offset, 10)
			clock := "-"
			if q.Clock != nil {
				clock = seconds(*q.Clock)
			}
			positions.Row(id, strconv.FormatInt(q.Number, 10), clock, writer(q.Writer, ofGroup))
		}
		numbers.Row(id, group, at, strconv.Itoa(p.Keys), size(p.Bytes), strconv.FormatInt(p.Log, 10),
			strconv.Itoa(p.Overdue))
		if p.Problem != nil {
			problems.Row("partition "+id, p.Problem.What+". Cure: "+p.Problem.Cure)
		}
	}
	for _, table := range []*screen.Table{numbers, positions, problems} {
		if table.Size() == 0 || table == positions && table.Size() == 1 {
			continue
		}
		if err := table.Write(w); err != nil {
			return err
		}
	}
	return nil
}

// writerColumns is what a row of 80 columns leaves for the writer, beside a number of 20 digits.
const writerColumns = 80 - len("PARTITION  12345678901234567890  2006-01-02T15:04:05Z  ")

// writer names a writer within its group.
func writer(id, group string) string {
	return screen.Squeeze(strings.TrimPrefix(id, group+"-"), writerColumns)
}

// seconds is a time without its fraction, so that a row fits.
func seconds(stamp string) string {
	before, _, fraction := strings.Cut(stamp, ".")
	return before + screen.Either(fraction, "Z", "")
}

// words lists current words by outcome, the most frequent first.
func words(counts map[string]int) string {
	var texts []string
	outcomes := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for _, outcome := range outcomes {
		texts = append(texts, fmt.Sprintf("%d %s", counts[outcome], outcome))
	}
	return strings.Join(texts, ", ")
}

// size is a number of bytes in the unit that fits it.
func size(bytes int64) string {
	switch {
	case bytes >= 10<<20:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 10<<10:
		return fmt.Sprintf("%d KiB", bytes>>10)
	default:
		return fmt.Sprintf("%d B", bytes)
	}
}
