//go:build unix

package faults

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sample is one reading of /metrics, by name with labels.
type sample map[string]float64

func parseMetrics(text io.Reader) (sample, error) {
	s := sample{}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		cut := strings.LastIndexByte(line, ' ')
		if cut < 0 || line[0] == '#' {
			continue
		}
		value, err := strconv.ParseFloat(line[cut+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("/metrics: %w", err)
		}
		s[line[:cut]] = value
	}
	return s, lines.Err()
}

// sum adds up all series of a metric.
func (s sample) sum(name string) float64 {
	total := 0.0
	for series, value := range s {
		if series == name || strings.HasPrefix(series, name+"{") {
			total += value
		}
	}
	return total
}

var lagPartition = regexp.MustCompile(`^verdict_lag_records\{.*partition="(\d+)"`)

// partitions are those for which the instance reports a lag: the ones it has.
func (s sample) partitions() []int32 {
	var list []int32
	for series := range s {
		if m := lagPartition.FindStringSubmatch(series); m != nil {
			p, _ := strconv.Atoi(m[1]) // digits
			list = append(list, int32(p))
		}
	}
	slices.Sort(list)
	return list
}

var web = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func get(ctx context.Context, url string, read func(*http.Response) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := web.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return read(res)
}

func TestParseMetrics(t *testing.T) {
	s, err := parseMetrics(strings.NewReader(`# HELP x y
verdict_lag_records{partition="11",topic="raw"} 3
verdict_lag_records{partition="2",topic="raw"} 0
go_goroutines 12
go_memstats_heap_inuse_bytes 1.5e+06
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.partitions(); !slices.Equal(got, []int32{2, 11}) {
		t.Errorf("partitions: %v", got)
	}
	if s.sum("verdict_lag_records") != 3 || s.sum("go_memstats_heap_inuse_bytes") != 1.5e6 {
		t.Errorf("sums: %v", s)
	}
}
