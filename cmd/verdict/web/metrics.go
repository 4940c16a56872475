package web

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// freshFor is how long metrics are shown again as they were gathered: much shorter than anybody's scrape interval, so
// that whoever asks all the time costs no more than two gathers a second.
const freshFor = 500 * time.Millisecond

// metricsPage shows metrics as text, the same to all who ask at a time. It does not compress them: that costs more than
// a scrape each some seconds saves.
type metricsPage struct {
	from prometheus.Gatherer
	now  func() time.Time

	mu       sync.Mutex
	gathered time.Time
	text     []byte
	err      error
}

func newMetricsPage(from prometheus.Gatherer) *metricsPage {
	return &metricsPage{from: from, now: time.Now}
}

func (p *metricsPage) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	text, err := p.current()
	if err != nil {
		http.Error(w, "the metrics cannot be gathered: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	_, _ = w.Write(text) // who has gone away needs no answer
}

// current is the text as it is now or was a moment ago. Who asks while it is gathered waits for that.
func (p *metricsPage) current() ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gathered.IsZero() || p.now().Sub(p.gathered) >= freshFor {
		p.text, p.err = textOf(p.from)
		p.gathered = p.now()
	}
	return p.text, p.err
}

// textOf is a new text each time: the one before may still be on its way to somebody.
func textOf(from prometheus.Gatherer) ([]byte, error) {
	families, err := from.Gather()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&b, family); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
