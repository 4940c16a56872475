package pipeline

import "github.com/prometheus/client_golang/prometheus"

// rulesMetrics say by which rules the process decides, and how the last look at their files went.
type rulesMetrics struct {
	program string // its version
	version string // that of the rules which decide; "": none yet
	build   *prometheus.GaugeVec
	info    *prometheus.GaugeVec
	success prometheus.Gauge
	when    prometheus.Gauge
	last    prometheus.Gauge
	refused prometheus.Counter
}

func newRulesMetrics(reg prometheus.Registerer, program string) *rulesMetrics {
	gauge := func(name, help string) prometheus.GaugeOpts {
		return prometheus.GaugeOpts{Namespace: "verdict", Name: name, Help: help}
	}
	m := &rulesMetrics{program: program,
		build: prometheus.NewGaugeVec(gauge("build_info",
			"1, with the versions of program and rules as labels."), []string{"version", "rules_version"}),
		info: prometheus.NewGaugeVec(gauge("rules_info",
			"1, with the version of the rules that decide as label."), []string{"rules_version"}),
		success: prometheus.NewGauge(gauge("rules_last_reload_successful",
			"1 if the rules' files are those that decide, 0 if the last change of them was refused, or a look at them "+
				"hangs.")),
		when: prometheus.NewGauge(gauge("rules_last_reload_success_timestamp_seconds",
			"When the rules that decide were taken over, or found again after others that were refused.")),
		last: prometheus.NewGauge(gauge("rules_last_look_timestamp_seconds",
			"When a look at the rules' files last came to its end.")),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "verdict", Name: "rules_refused_total",
			Help: "Times that a change of the rules' files was refused: each content once, and when asked by SIGHUP."}),
	}
	reg.MustRegister(m.build, m.info, m.success, m.when, m.last, m.refused)
	return m
}

// taken notes that rules decide. There is no moment without a label set, and afterwards no old one.
func (m *rulesMetrics) taken(version string) {
	m.build.WithLabelValues(m.program, version).Set(1)
	m.info.WithLabelValues(version).Set(1)
	if m.version != "" && m.version != version {
		m.build.DeleteLabelValues(m.program, m.version)
		m.info.DeleteLabelValues(m.version)
	}
	m.version = version
	m.success.Set(1)
	m.when.SetToCurrentTime()
}

func (m *rulesMetrics) refuse() {
	m.success.Set(0)
	m.refused.Inc()
}

// looked notes that a look has come to its end, and whether it was content.
func (m *rulesMetrics) looked(content bool) {
	m.last.SetToCurrentTime()
	if content {
		m.success.Set(1)
	}
}
