package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka"
)

// Place is where a record is.
type Place struct {
	Topic     string
	Partition int32
	Offset    int64
}

func (p Place) String() string { return fmt.Sprintf("%s/%d/%d", p.Topic, p.Partition, p.Offset) }

func placeOf(r *processor.Record) Place { return Place{r.Topic, r.Partition, r.Offset} }

// ParsePlace reads TOPIC/PARTITION/OFFSET.
func ParsePlace(text string) (Place, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 || parts[0] == "" {
		return Place{}, fmt.Errorf("%s: write TOPIC/PARTITION/OFFSET, such as idv.raw.v1/3/1042", text)
	}
	partition, err := strconv.ParseUint(parts[1], 10, 31)
	if err != nil {
		return Place{}, fmt.Errorf("%s: the partition %q is no number from 0", text, parts[1])
	}
	offset, err := strconv.ParseUint(parts[2], 10, 63)
	if err != nil {
		return Place{}, fmt.Errorf("%s: the offset %q is no number from 0", text, parts[2])
	}
	return Place{parts[0], int32(partition), int64(offset)}, nil
}

// CheckTopic says what is wrong with a topic whose records cannot be explained, or nil: what its records are follows
// from the settings.
func CheckTopic(cfg *config.Loaded, topic string) error {
	if isRaw(cfg, topic) || routeOf(cfg, topic) != processor.RouteUnspecified {
		return nil
	}
	var names []string
	for _, t := range cfg.Topics.Raw {
		if topic == kafka.Changelog(cfg.Kafka.Group, t.Name) {
			return fmt.Errorf("%s: its records are what is remembered of verifications: "+
				"`verdict state show VERIFICATION_ID` shows them", topic)
		}
		names = append(names, t.Name)
	}
	for _, name := range cfg.Topics.Output {
		if name != "" {
			names = append(names, name)
		}
	}
	return fmt.Errorf("%s: it is no topic of these settings (topics)%s", topic,
		screen.Suggestion(topic, names, ": write "+screen.OrList(names)))
}

func isRaw(cfg *config.Loaded, topic string) bool {
	for _, t := range cfg.Topics.Raw {
		if t.Name == topic {
			return true
		}
	}
	return false
}

// routeOf finds the route of an output topic, also of one that is not written without state.
func routeOf(cfg *config.Loaded, topic string) processor.Route {
	at := slices.Index(cfg.Topics.Output[:], topic)
	if at < 0 || topic == "" {
		return processor.RouteUnspecified
	}
	return processor.Route(at)
}
