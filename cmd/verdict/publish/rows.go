package publish

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka/table"
	"verdict/rules"
)

// encoding writes the values of entries.
type encoding struct {
	contentType string
	value       func(e *rules.Entry) ([]byte, error)
}

// encoding is by the configured format. For Avro the registry is asked for the schema's id; a trial registers nothing:
// where the schema is not known yet, no value that is there can be like one that will be written.
func (o *Options) encoding(ctx context.Context) (encoding, error) {
	if o.Config.Output.Format == "json" {
		return encoding{"application/json", func(e *rules.Entry) ([]byte, error) {
			return codec.AppendCatalogJSON(nil, e)
		}}, nil
	}
	registry, err := pipeline.NewRegistry(o.Config)
	if err != nil {
		return encoding{}, err
	}
	defer registry.Close()
	ask := registry.RegisterCatalog
	if o.DryRun || !o.Config.Registry.Register {
		ask = registry.LookUpCatalog
	}
	id, err := ask(ctx, o.Topic)
	if o.DryRun && o.Config.Registry.Register && errors.Is(err, codec.ErrNotRegistered) {
		id, err = 0, nil
	}
	if err != nil {
		return encoding{}, fmt.Errorf("the schema of the catalog's entries: %w", err)
	}
	return encoding{"application/avro", func(e *rules.Entry) ([]byte, error) {
		return codec.AppendCatalogAvro(nil, id, e), nil
	}}, nil
}

func rowsOf(catalog *rules.Catalog, encode encoding) ([]table.Row, error) {
	var rows []table.Row
	for _, e := range catalog.Entries() {
		value, err := encode.value(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Key(), err)
		}
		rows = append(rows, table.Row{Key: e.Key(), Value: value})
	}
	return rows, nil
}

// entryType is the ce_type of each record, by which those of the catalog are known.
const entryType = "idv.catalog.v1"

// headers are those of CloudEvents, as the outputs have them. What a row says has no time of its own: ce_time is when
// it was published.
type headers struct {
	version, contentType string
	now                  time.Time
	minimal              bool
}

func (h *headers) of(key string) []processor.Header {
	id := key + ":" + h.version + ":" + strconv.FormatInt(h.now.UnixMilli(), 10)
	if h.minimal {
		return []processor.Header{{Key: "ce_id", Value: []byte(id)}, {Key: "ce_type", Value: []byte(entryType)}}
	}
	parts := strings.SplitN(key, "/", 3)
	return []processor.Header{
		{Key: "ce_specversion", Value: []byte("1.0")},
		{Key: "ce_id", Value: []byte(id)},
		{Key: "ce_type", Value: []byte(entryType)},
		{Key: "ce_source", Value: []byte("/verdict/" + parts[0] + "/" + parts[1])},
		{Key: "ce_time", Value: processor.AppendTime(nil, h.now.UnixMicro())},
		{Key: "ce_subject", Value: []byte(key)},
		{Key: "content-type", Value: []byte(h.contentType)},
	}
}

// foreign says what makes a record none of the catalog's. Both are looked at: a key of this form may be another
// program's, and so may the type.
func foreign(r *processor.Record) string {
	kind, there := r.Header("ce_type")
	switch {
	case !there:
		return "it has no header ce_type, which would be " + entryType
	case string(kind) != entryType:
		return "its header ce_type is not " + entryType
	case !isKey(string(r.Key)):
		return "its key is not provider/product/kind/name"
	default:
		return ""
	}
}

func isKey(key string) bool {
	parts := strings.SplitN(key, "/", 4)
	if len(parts) < 4 {
		return false
	}
	for _, kind := range rules.EntryKinds() {
		if parts[2] == strings.ToLower(kind.String()) {
			return true
		}
	}
	return false
}
