package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// rulesPageTools are what docs/rules.md uses of kcat and jq, so that the test of that page needs neither. TestMain runs
// them by the name that this program is called by.
var rulesPageTools = map[string]func(){"kcat": kcat, "jq": jq}

// linkRulesPageTools makes a directory for PATH that has them.
func linkRulesPageTools(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name := range rulesPageTools {
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// kcat writes lines of the standard input to a topic, each behind its key and a colon, or prints what one partition
// holds.
func kcat() {
	args := strings.Join(os.Args[1:], " ")
	var broker, topic, rest string
	if n, _ := fmt.Sscanf(args, "-P -b %s -t %s -K%s", &broker, &topic, &rest); n == 3 && rest == ":" {
		orExit(produceLines(broker, topic, os.Stdin))
	} else if n, _ := fmt.Sscanf(args, "-C -e -q -b %s -t %s", &broker, &topic); n == 2 {
		orExit(printTopic(broker, topic, os.Stdout))
	} else {
		orExit(fmt.Errorf("no kcat for %q", args))
	}
}

func orExit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func produceLines(broker, topic string, in io.Reader) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	defer client.Close()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		record := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(value)}
		if err := client.ProduceSync(context.Background(), record).FirstErr(); err != nil {
			return err
		}
	}
	return lines.Err()
}

// printTopic reads to what is the end of the topic's only partition at the first answer. An empty one has no answer,
// and is given up.
func printTopic(broker, topic string, out io.Writer) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(topic), kgo.KeepControlRecords(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for next, end := int64(0), int64(-1); next != end; {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			end = p.LastStableOffset
			for _, r := range p.Records {
				next = r.Offset + 1
				if !r.Attrs.IsControl() {
					fmt.Fprintln(out, string(r.Value))
				}
			}
		})
		if err := fetches.Err(); err != nil {
			return err
		}
	}
	return nil
}

// jq knows four filters: the value on one line, a text in it, an array of some of its fields, and a line for kcat.
func jq() {
	filter := os.Args[2]
	in := io.Reader(os.Stdin)
	if len(os.Args) > 3 {
		file, err := os.Open(os.Args[3])
		orExit(err)
		in = file
	}
	for d := json.NewDecoder(in); ; {
		var value json.RawMessage
		err := d.Decode(&value)
		if errors.Is(err, io.EOF) {
			return
		}
		orExit(err)
		line, err := filtered(filter, value)
		orExit(err)
		fmt.Println(line)
	}
}

func filtered(filter string, value json.RawMessage) (string, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		return "", err
	}
	switch {
	case filter == ".":
		return compact.String(), nil
	case filter == `"\(.verification_id):\(tojson)"`:
		key, err := fieldOf(value, "verification_id")
		return strings.Trim(string(key), `"`) + ":" + compact.String(), err
	case strings.HasPrefix(filter, ".") && os.Args[1] == "-r":
		field, err := fieldOf(value, strings.Split(filter, ".")[1:]...)
		if err != nil {
			return "", err
		}
		var text string
		err = json.Unmarshal(field, &text)
		return text, err
	case strings.HasPrefix(filter, "[.") && strings.HasSuffix(filter, "]"):
		var items []string
		for _, path := range strings.Split(filter[1:len(filter)-1], ", ") {
			item, err := fieldOf(value, strings.Split(path, ".")[1:]...)
			if err != nil {
				return "", err
			}
			items = append(items, string(item))
		}
		return "[" + strings.Join(items, ",") + "]", nil
	default:
		return "", fmt.Errorf("no jq for %q", filter)
	}
}

func fieldOf(value json.RawMessage, path ...string) (json.RawMessage, error) {
	for _, name := range path {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(value, &fields); err != nil {
			return nil, err
		}
		value = fields[name]
	}
	return value, nil
}
