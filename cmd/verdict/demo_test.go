package main

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestDemoLeavesNothingBehind: cluster, registry, server and runner all end, and no goroutine stays.
func TestDemoLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var out, errs strings.Builder
	if code := run([]string{"demo", "--once"}, streams{strings.NewReader(""), &out, &errs}); code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
	if errs.Len() > 0 {
		t.Errorf("stderr: %s", errs.String())
	}
}
