package kafka

import "time"

// ShareByLoad lets the load decide within a test's time, and on a machine with one CPU, too.
func (r *Runner) ShareByLoad(window time.Duration, most int) {
	r.loadWindow, r.mostUnits = window, most
}
