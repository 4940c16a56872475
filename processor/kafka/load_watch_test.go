package kafka

import "testing"

// The number of units follows the load up at once and down late, within its bounds, and what it comes down to can do
// the work.
func TestUnitsFollowTheLoad(t *testing.T) {
	for most := 1; most <= 17; most++ {
		units := 1
		for range 10 {
			w := loadWatch{units: units, most: most}
			units = w.window(1)
		}
		if units != most {
			t.Errorf("all busy: %d units of at most %d", units, most)
		}
		for units > 1 {
			w := loadWatch{units: units, most: most}
			for i := range 10 * lightWindows { // now and then there is a little more to do
				load := lightLoad / 2
				if i%(lightWindows-1) == 0 {
					load = lightLoad
				}
				if n := w.window(load); n != units {
					t.Fatalf("%d units become %d within the windows that they must be idle for", units, n)
				}
			}
			w.light = 0
			n := units
			for range lightWindows {
				n = w.window(lightLoad * 0.99)
			}
			if n < 1 || n >= units {
				t.Fatalf("%d idle units become %d", units, n)
			}
			if load := lightLoad * float64(units) / float64(n); load >= heavyLoad {
				t.Errorf("%d units become %d, which have a load of %.2f then and become more at once", units, n, load)
			}
			units = n
		}
	}
}
