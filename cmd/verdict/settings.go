package main

import (
	"fmt"
	"io"
)

func writeSettings(w io.Writer, cfg *loadedConfig) error {
	t := table{}
	t.row("KEY", "VALUE", "FROM")
	for i := range cfg.keys {
		k := &cfg.keys[i]
		value := k.format(&cfg.config)
		if value == "" && k.whenEmpty != nil {
			value = k.whenEmpty(&cfg.config)
		}
		t.row(k.name, orDash(value), cfg.where(k.name))
	}
	return t.write(w)
}

// findKey knows a key by its name.
func findKey(name string) (*key, error) {
	keys := configKeys()
	for i := range keys {
		if keys[i].name == name {
			return &keys[i], nil
		}
	}
	return nil, fmt.Errorf("%s: no such key%s", name, suggestion(name, keyNames(), keysAre))
}

// explain says what a key means, its variable, default and allowed values.
func (k *key) explain(w io.Writer) error {
	fmt.Fprintf(w, "%s\n\n%s\n\n", k.name, wrapText(k.text, lineWidth, ""))
	t := table{}
	t.row("value", k.kind())
	t.row("default", orDash(k.fallback))
	t.row("variable", k.envName())
	t.row("flag", "--set "+k.name+"="+orDots(k.fallback))
	return t.write(w)
}

func orDots(text string) string {
	if text == "" {
		return "..."
	}
	return text
}
