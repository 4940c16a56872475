package config

import (
	"fmt"
	"io"

	"verdict/cmd/verdict/screen"
)

// WriteSettings lists each key with its value and where that came from. A secret is shown as ***.
func WriteSettings(w io.Writer, cfg *Loaded) error {
	t := screen.Table{}
	t.Row("KEY", "VALUE", "FROM")
	for i := range cfg.keys {
		k := &cfg.keys[i]
		value := k.format(&cfg.Config)
		if value == "" && k.whenEmpty != nil {
			value = k.whenEmpty(&cfg.Config)
		}
		t.Row(k.name, screen.OrDash(value), cfg.where(k.name))
	}
	return t.Write(w)
}

// FindKey knows a key by its name.
func FindKey(name string) (*Key, error) {
	keys := allKeys()
	for i := range keys {
		if keys[i].name == name {
			return &keys[i], nil
		}
	}
	return nil, fmt.Errorf("%s: no such key%s", name, screen.Suggestion(name, KeyNames(), keysAre))
}

// Values are what may be written, where that can be listed; otherwise the default, as an example of its form.
func (k *Key) Values() []string {
	switch {
	case len(k.allowed) > 0:
		return k.allowed
	case k.kind() == "true, false":
		return []string{"true", "false"}
	case k.fallback != "":
		return []string{k.fallback}
	}
	return nil
}

// Explain says what a key means, its variable, default and allowed values.
func (k *Key) Explain(w io.Writer) error {
	fmt.Fprintf(w, "%s\n\n%s\n\n", k.name, screen.Wrap(k.text, screen.TextWidth(w), ""))
	t := screen.Table{}
	t.Row("value", k.kind())
	t.Row("default", screen.OrDash(k.fallback))
	t.Row("variable", k.envName())
	t.Row("flag", "--set "+k.name+"="+orDots(k.fallback))
	return t.Write(w)
}

func orDots(text string) string {
	if text == "" {
		return "..."
	}
	return text
}
