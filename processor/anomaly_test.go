package processor

import "testing"

func TestEveryAnomalyHasAName(t *testing.T) {
	all := Anomalies()
	if len(all) != NumAnomalies-1 {
		t.Fatalf("%d anomalies have a name, there are %d", len(all), NumAnomalies-1)
	}
	for _, a := range all {
		if int(a) >= NumAnomalies || a.String() == AnomalyUnspecified.String() {
			t.Errorf("anomaly %d is called %s", a, a)
		}
	}
}
