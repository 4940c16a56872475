package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// age is how long ago something was at the time of the look, in one or two units.
func (r *report) age(t *time.Time) string {
	if t == nil {
		return "-"
	}
	d := max(r.At.Sub(*t), 0)
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		d = d.Truncate(time.Second)
	case d < time.Hour:
		d = d.Truncate(time.Minute)
		if whole := max(r.At.Sub(*t), 0); d < 10*time.Minute {
			d = whole.Truncate(time.Second)
		}
	case d < day:
		d = d.Truncate(time.Minute)
	default:
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	}
	return screen.FormatDuration(d)
}

// longRanges is how many letters the numbers of partitions may take. A group that shares out one by one has many.
const longRanges = 24

// names are the partitions in few letters: raw/0-3,7, or how many where that is too long.
func names(list []*partView) string {
	var topics []string
	ids := map[string][]int32{}
	for _, p := range list {
		if ids[p.Topic] == nil {
			topics = append(topics, p.Topic)
		}
		ids[p.Topic] = append(ids[p.Topic], p.Partition)
	}
	for i, topic := range topics {
		if topics[i] = topic + "/" + ranges(ids[topic]); len(topics[i]) > len(topic)+1+longRanges {
			topics[i] = wording.Count(len(ids[topic]), "partition") + " of " + topic
		}
	}
	return strings.Join(topics, ", ")
}

// ranges are numbers, those that follow each other as 3-7.
func ranges(ids []int32) string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	var texts []string
	for i := 0; i < len(ids); {
		last := i
		for last+1 < len(ids) && ids[last+1] == ids[last]+1 {
			last++
		}
		switch last - i {
		case 0:
			texts = append(texts, fmt.Sprint(ids[i]))
		case 1:
			texts = append(texts, fmt.Sprint(ids[i]), fmt.Sprint(ids[last]))
		default:
			texts = append(texts, fmt.Sprintf("%d-%d", ids[i], ids[last]))
		}
		i = last + 1
	}
	return strings.Join(texts, ",")
}

// name is an instance's: its client id without what all of them begin with.
func (l *looker) name(clientID string) string {
	return plain(strings.TrimPrefix(clientID, l.cfg.ClientID+"-"))
}
