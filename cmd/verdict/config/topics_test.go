package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is left out of a raw topic has its default, wherever the topic is written.
func TestRawTopics(t *testing.T) {
	for text, want := range map[string]rawTopic{
		"a":                                      {"a", "canonical", "", "", ""},
		"a:":                                     {"a", "canonical", "", "", ""},
		"a:yousign":                              {"a", "yousign", "", "", ""},
		"a:canonical::api":                       {"a", "canonical", "", "api", ""},
		"a:::sdk":                                {"a", "canonical", "", "sdk", ""},
		"a:auto:identity_verification:sdk":       {"a", "auto", "identity_verification", "sdk", ""},
		"{name: a}":                              {"a", "canonical", "", "", ""},
		`{name: a, format: "", integration: ""}`: {"a", "canonical", "", "", ""},
		"{name: a, integration: api}":            {"a", "canonical", "", "api", ""},
		"a:::sdk:acme de":                        {"a", "canonical", "", "sdk", "acme de"},
		"a:yousign:::w-1":                        {"a", "yousign", "", "", "w-1"},
		"a:canonical:::":                         {"a", "canonical", "", "", ""},
		"a:yousign:::w:1:b":                      {"a", "yousign", "", "", "w:1:b"},
		`{name: a, account: "w:1"}`:              {"a", "canonical", "", "", "w:1"},
		"{name: a, account: w-1}":                {"a", "canonical", "", "", "w-1"},
		"{name: a, format: fourthline, product: p}": {"a", "fourthline", "p", "", ""},
	} {
		sources := []Sources{{File: topicsFile(t, text)}}
		if !strings.HasPrefix(text, "{") {
			sources = append(sources, Sources{Set: []string{"topics.raw=" + text}})
		}
		for _, src := range sources {
			if cfg, err := Load(src); err != nil || !slices.Equal(cfg.Topics.Raw, []rawTopic{want}) {
				t.Errorf("%s: got %+v, %v, want %+v", text, cfg, err, want)
			}
		}
	}
}

func TestMistakesOfRawTopics(t *testing.T) {
	const unreadable = "has an unreadable item: write one text per item, or for a topic " +
		"{name: TOPIC, format: FORMAT, product: PRODUCT, integration: sdk, account: ACCOUNT}"
	const around = "write it without a colon or white space around it, and without control characters"
	for text, want := range map[string]string{
		"a:canonical::ios": `topic "a" has the integration "ios": write sdk or api`,
		"a:canonical:::x:": `topic "a" has the account "x:": ` +
			around,
		"a:canonical::::y": `topic "a" has the account ":y": ` +
			around,
		":canonical": `"" is no topic name: 1 to 249 letters, digits, dots, underscores and hyphens`,

		"__consumer_offsets": `"__consumer_offsets" begins with __, as Kafka's own topics do: choose another name`,

		`{name: a, integration: ":"}`: `has an item whose integration is ":": write it without a colon`,
		`{name: a, account: " x"}`: `topic "a" has the account " x": ` +
			around,
		`{name: a, account: "x:"}`:      `topic "a" has the account "x:": ` + around,
		`{name: a, account: "x,y"}`:     `has an item whose account is "x,y": write it without a comma`,
		`{name: "a:b"}`:                 `has an item whose name is "a:b": write it without a colon`,
		"{name: a, integration: null}":  "has an item whose integration has no value: write one, or leave it out",
		"{name: a, product: }":          "has an item whose product has no value: write one, or leave it out",
		"{name: a, integration: ios}":   `topic "a" has the integration "ios": write sdk or api`,
		"{name: a, integration: [sdk]}": unreadable,
		"{name: a, kind: canonical}": "has an item with an unknown key kind; it may have: name, format, product, " +
			"integration, account",
		"{name: a, acount: x}": "has an item with an unknown key acount; did you mean account?",
		"{format: canonical}":  unreadable,
		`{name: "a,b"}`:        `has an item whose name is "a,b": write it without a comma`,
		"null":                 unreadable,
	} {
		sources := map[string]Sources{"verdict.yaml:2": {File: topicsFile(t, text)}}
		if !strings.HasPrefix(text, "{") && text != "null" {
			sources["environment VERDICT_TOPICS_RAW"] = Sources{Env: []string{"VERDICT_TOPICS_RAW=" + text}}
		}
		for where, src := range sources {
			_, err := Load(src)
			whole := where + ": topics.raw: " + want + " (default idv.raw.v1:canonical)"
			if err == nil || !strings.HasSuffix(err.Error(), whole) || strings.Count(err.Error(), "\n") != 1 {
				t.Errorf("%s: got %v, want %s", text, err, whole)
			}
		}
	}
}

// topicsFile has one raw topic, in its second line.
func topicsFile(t *testing.T, item string) string {
	t.Helper()
	if !strings.HasPrefix(item, "{") && item != "null" {
		item = `"` + item + `"`
	}
	file := filepath.Join(t.TempDir(), "verdict.yaml")
	if err := os.WriteFile(file, []byte("topics: {raw: [\n  "+item+"]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
