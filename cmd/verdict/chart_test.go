package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"verdict/cmd/verdict/check"
	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/web"
)

// TestChartSettings: what each pod of the chart is given as settings is taken, each file that a setting names is
// mounted, and the rules are good and pass their cases.
func TestChartSettings(t *testing.T) {
	cases := 0
	for name, objects := range chartRenders(t) {
		for who, pod := range pods(objects) {
			cfg := podSettings(t, mountedFiles(t, objects, &pod), &pod.Containers[0])
			holds, whole := cfg.CheckRun, true
			switch pod.Containers[0].Args[0] {
			case "topics": // it has no password for the registry, and needs none
				holds, whole = cfg.CheckTopics, false
			case "schemas": // nor this one for Kafka
				holds, whole = cfg.CheckSchemas, false
			}
			if err := holds(); err != nil {
				t.Errorf("%s, %s: %v", name, who, err)
			}
			if cfg.Catalog.Overlay == "" || !whole { // everything's rules are not the chart's
				continue
			}
			var said strings.Builder
			if err := check.Run(t.Context(), cfg, false, &said); err != nil {
				t.Errorf("%s, %s: %v\n%s", name, who, err, &said)
			}
			if strings.Contains(said.String(), "1 case") {
				cases++
			}
		}
	}
	if cases == 0 {
		t.Error("no pod has read a case")
	}
}

// podSettings are the settings of a container whose files lie below a directory.
func podSettings(t *testing.T, below string, c *container) *config.Loaded {
	t.Helper()
	var env []string
	for _, e := range c.Env {
		if e.Value == "" {
			e.Value = "PLAIN" // of a Secret or a ConfigMap; the one that has a choice is kafka.sasl.mechanism
		}
		if strings.HasPrefix(e.Value, "/") {
			e.Value = filepath.Join(below, e.Value)
			if _, err := os.Stat(e.Value); err != nil {
				t.Errorf("%s: %s: %v", c.Name, e.Name, err)
			}
		}
		env = append(env, e.Name+"="+e.Value)
	}
	cfg, err := config.Load(config.Sources{Env: env})
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	if cfg.Kafka.InstanceID != "" {
		t.Errorf("%s: all pods have the instance id %s", c.Name, cfg.Kafka.InstanceID)
	}
	return cfg
}

// TestChartCommands: what each pod runs is a command with such flags.
func TestChartCommands(t *testing.T) {
	for name, objects := range chartRenders(t) {
		for who, pod := range pods(objects) {
			args := pod.Containers[0].Args
			if err := parses(newRootCommand(streams{}), args); err != nil {
				t.Errorf("%s, %s: %s: %v", name, who, strings.Join(args, " "), err)
			}
		}
	}
}

// TestChartGracePeriod: no pod is killed while it may still end its transactions.
func TestChartGracePeriod(t *testing.T) {
	for name, objects := range chartRenders(t) {
		for who, pod := range pods(objects) {
			if !strings.HasPrefix(who, "Deployment") {
				continue
			}
			cfg := podSettings(t, mountedFiles(t, objects, &pod), &pod.Containers[0])
			grace := time.Duration(pod.TerminationGracePeriodSeconds) * time.Second
			if least := cfg.ShutdownTimeout + 7*time.Second; grace < least {
				t.Errorf("%s: a pod is killed after %s, and may take %s", name, grace, least)
			}
		}
	}
}

// TestChartMemory: the collector works harder before the kernel kills, and not so early that it does nothing else.
func TestChartMemory(t *testing.T) {
	for name, objects := range chartRenders(t) {
		for who, pod := range pods(objects) {
			c := pod.Containers[0]
			at := slices.IndexFunc(c.Env, func(v variable) bool { return v.Name == "GOMEMLIMIT" })
			if !strings.HasPrefix(who, "Deployment") || name == "everything" { // which sets it itself
				continue
			}
			limit, err := screen.ParseSize(c.Resources.Limits.Memory + "B") // 1Gi, 1GiB
			if err != nil || at < 0 {
				t.Fatalf("%s: limit %s: %v; GOMEMLIMIT at %d", name, c.Resources.Limits.Memory, err, at)
			}
			soft, err := strconv.ParseInt(c.Env[at].Value, 10, 64)
			if share := float64(soft) / float64(limit); err != nil || share < 0.8 || share > 0.9 {
				t.Errorf("%s: GOMEMLIMIT %s of %d: %.2f, %v", name, c.Env[at].Value, limit, share, err)
			}
		}
	}
}

// TestChartProbes: what the chart asks for is served, on the port that it names.
func TestChartProbes(t *testing.T) {
	ready := &web.Readiness{}
	ready.Asking(func() error { return nil })
	server, err := web.Start(t.Context(), "127.0.0.1:0", prometheus.NewRegistry(), ready, func() any { return nil },
		zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop(t.Context()) })
	for name, objects := range chartRenders(t) {
		for _, o := range objects {
			if o.Kind == "Service" && o.Spec.Ports[0].Port != 9600 {
				t.Errorf("%s: the Service has port %d", name, o.Spec.Ports[0].Port)
			}
			if o.Kind != "Deployment" {
				continue
			}
			pod := o.Spec.Template.Spec
			c := pod.Containers[0]
			cfg := podSettings(t, mountedFiles(t, objects, &pod), &c)
			if cfg.HTTP.Address != ":9600" || c.Ports[0].ContainerPort != 9600 {
				t.Errorf("%s: served at %s, and probed at %d", name, cfg.HTTP.Address, c.Ports[0].ContainerPort)
			}
			if c.LivenessProbe.HTTPGet.Path != "/healthz" || c.StartupProbe.HTTPGet.Path != "/healthz" {
				t.Errorf("%s: what is down elsewhere would restart pods: liveness is the process, /healthz", name)
			}
			if cfg.Kafka.SilentTimeout < 12*time.Hour {
				t.Errorf("%s: an outage of the brokers restarts pods after %s", name, cfg.Kafka.SilentTimeout)
			}
			for _, path := range []string{c.LivenessProbe.HTTPGet.Path, c.ReadinessProbe.HTTPGet.Path} {
				if status, body := get(t, "http://"+server.Address()+path); status != 200 {
					t.Errorf("%s: %s: %d %s", name, path, status, body)
				}
			}
		}
	}
}
