package config

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"verdict/cmd/verdict/screen"
)

//go:embed reference_head.md
var referenceHead string

// pageWidth is that of docs/configuration.md.
const pageWidth = 118

// WriteReference prints docs/configuration.md: a heading for each key, its forms, and what it means.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	b.WriteString(referenceHead)
	section := ""
	keys := allKeys()
	for i := range keys {
		k := &keys[i]
		if s := sectionTitle(k.name); s != section {
			section = s
			fmt.Fprintf(&b, "\n## %s\n", s)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n%s\n", k.name, screen.Wrap(k.forms(), pageWidth, ""),
			screen.Wrap(k.text, pageWidth, ""))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// forms are the key's variable, what may stand there, and what does if nothing is said.
func (k *Key) forms() string {
	text := "`" + k.envName() + "`: " + k.kind() + "; "
	switch {
	case k.fallback != "":
		text += "default `" + k.fallback + "`"
	case k.whenEmpty != nil:
		text += "default by other settings"
	default:
		text += "no default"
	}
	if k.secret {
		text += "; secret"
	}
	return text
}

func sectionTitle(name string) string {
	group, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return "process"
	}
	switch group {
	case "output":
		return "registry"
	case "deadletter":
		return "topics"
	case "catalog", "metadata", "limits":
		return "rules and limits"
	case "http", "log":
		return "process"
	}
	return group
}
