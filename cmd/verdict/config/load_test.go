package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"verdict/cmd/verdict/screen"
)

// TestLaterSourceWins sets one key in every subset of the sources.
func TestLaterSourceWins(t *testing.T) {
	file := filepath.Join(t.TempDir(), "verdict.yaml")
	if err := os.WriteFile(file, []byte("kafka: {group: file}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for subset := range 8 {
		var src Sources
		want, origin := "verdict", "default"
		if subset&1 != 0 {
			src.File, want, origin = file, "file", file+":1"
		}
		if subset&2 != 0 {
			src.Env, want, origin = []string{"VERDICT_KAFKA_GROUP=env"}, "env", "environment VERDICT_KAFKA_GROUP"
		}
		if subset&4 != 0 {
			src.Set, want, origin = []string{"kafka.group=set"}, "set", "--set"
		}
		cfg, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Kafka.Group != want || cfg.where("kafka.group") != origin {
			t.Errorf("sources %03b: %q from %s, want %q from %s", subset, cfg.Kafka.Group, cfg.where("kafka.group"),
				want, origin)
		}
	}
}

// TestEveryKeyFromEverySource writes each key's own value back through environment, --set and a file.
func TestEveryKeyFromEverySource(t *testing.T) {
	for _, k := range allKeys() {
		value := sampleValue(&k)
		file := filepath.Join(t.TempDir(), "verdict.yaml")
		if err := os.WriteFile(file, []byte(nested(k.name, value)), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, src := range map[string]Sources{
			"file": {File: file}, "environment": {Env: []string{k.envName() + "=" +
				value}}, "--set": {Set: []string{k.name + "=" + value}},
		} {
			cfg, err := Load(src)
			if err != nil {
				t.Errorf("%s from %s: %v", k.name, name, err)
				continue
			}
			want := value
			if k.secret {
				want = "***"
			}
			if got := k.format(&cfg.Config); got != want {
				t.Errorf("%s from %s: %q, want %q", k.name, name, got, want)
			}
		}
	}
}

// sampleValue is an allowed value other than the default.
func sampleValue(k *Key) string {
	if i := slices.IndexFunc(k.allowed, func(a string) bool { return a != k.fallback }); i >= 0 {
		return k.allowed[i]
	}
	switch k.field(new(Config)).(type) {
	case *bool:
		return map[string]string{"true": "false", "false": "true"}[k.fallback]
	case *int:
		return "4321"
	case *screen.Size:
		return "3MiB"
	case *time.Duration:
		return screen.FormatDuration(max(7*time.Second, 2*time.Duration(k.min)))
	case *[]rawTopic:
		return "one:canonical::api,two:fourthline:identity_verification:sdk,three:canonical"
	}
	switch k.name {
	case "kafka.brokers":
		return "one:1,two:2"
	case "registry.url":
		return "http://one:1,https://two:2/path"
	case "http.address":
		return ":80"
	case "topics.settings":
		return "*:min.insync.replicas=2,idv.raw.v1:retention.ms=1"
	}
	return "another"
}

func nested(name, value string) string {
	parts := strings.Split(name, ".")
	text := ""
	for i, part := range parts {
		text += strings.Repeat("  ", i) + part + ":"
		if i < len(parts)-1 {
			text += "\n"
		}
	}
	return text + ` "` + value + "\"\n"
}

func TestEmptyVariableCountsAsNone(t *testing.T) {
	cfg, err := Load(Sources{Env: []string{"VERDICT_SHUTDOWN_TIMEOUT=", "VERDICT_CONFIG="}})
	if err != nil || cfg.ShutdownTimeout != 8*time.Second {
		t.Errorf("%v, %v; want the default", cfg, err)
	}
}

// TestSecretsAreNeverShown: not in an error about them, not in a list of settings, whatever is wrong.
func TestSecretsAreNeverShown(t *testing.T) {
	const secret = "hunter2"
	for _, k := range allKeys() {
		if !k.secret {
			continue
		}
		cfg, err := Load(Sources{Set: []string{k.name + "=" + secret, "output.format=json"}})
		if err != nil {
			t.Fatal(err)
		}
		var shown strings.Builder
		if err := WriteSettings(&shown, cfg); err != nil {
			t.Fatal(err)
		}
		if err := cfg.CheckRun(); err != nil {
			shown.WriteString(err.Error())
		}
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%s is shown:\n%s", k.name, shown.String())
		}
	}
}

func TestKeysAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range allKeys() {
		if seen[k.name] || seen[k.envName()] {
			t.Errorf("%s is there twice", k.name)
		}
		seen[k.name], seen[k.envName()] = true, true
		if k.text == "" || strings.Contains(k.text, "\n") {
			t.Errorf("%s: the text must be one paragraph", k.name)
		}
		if secretFile := k.name + "_file"; k.secret && !slices.ContainsFunc(allKeys(),
			func(o Key) bool { return o.name == secretFile }) {
			t.Errorf("%s is secret: there must be a key %s", k.name, secretFile)
		}
	}
}
