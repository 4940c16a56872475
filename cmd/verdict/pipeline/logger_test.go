package pipeline

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

func TestJSONLogHasNoSurprises(t *testing.T) {
	var text strings.Builder
	log := NewLogger(&text, "info", "auto")
	log.Debug("not this")
	log.Info("this", zap.Duration("wait", 1500*time.Millisecond))
	var line map[string]any
	if err := json.Unmarshal([]byte(text.String()), &line); err != nil {
		t.Fatalf("%v: %s", err, text.String())
	}
	if line["msg"] != "this" || line["level"] != "info" || line["wait"] != "1.5s" || line["time"] == nil {
		t.Errorf("%v", line)
	}
}
