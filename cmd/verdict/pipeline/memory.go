package pipeline

import (
	"os"
	"runtime/debug"
)

// collectorPercent is lower than Go's 100: what stays is a few large buffers, so that a collection costs next to
// nothing, and the heap's room to grow would be as large as they are.
const collectorPercent = 50

// BoundMemory sets the garbage collector for a process that decides; GOGC goes before.
func BoundMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectorPercent)
	}
}
