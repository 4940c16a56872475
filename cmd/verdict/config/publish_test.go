package config

import (
	"strings"
	"testing"
)

// What a run reads or writes is no topic for the catalog, however it is spelt.
func TestTopicsForTheCatalog(t *testing.T) {
	for topic, want := range map[string]string{
		"idv.catalog.v1":           "",
		"idv.raw.v1":               "is the raw topic idv.raw.v1 (topics.raw)",
		"idv_raw_v1":               "is the raw topic idv.raw.v1",
		"idv.verifications.v1":     "is the topic of the current words (topics.verifications)",
		"idv.deadletter_v1":        "is the topic of the dead letters (topics.deadletter)",
		"verdict-state.idv.raw.v1": "keeps the state of the group verdict",
		"a b":                      "is no topic name",
	} {
		cfg, err := Load(Sources{Set: []string{"output.format=json"}})
		if err != nil {
			t.Fatal(err)
		}
		err = cfg.CheckPublish(topic)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), "--publish: ") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", topic, err, want)
		}
	}
	cfg, err := Load(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.CheckPublish("idv.catalog.v1"); err == nil || !strings.Contains(err.Error(), "registry.url") {
		t.Errorf("Avro without a registry: %v", err)
	}
}
