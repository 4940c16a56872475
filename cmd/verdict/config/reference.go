package config

import (
	"fmt"
	"io"
	"strings"
)

const referenceHead = `# Configuration

<!-- Written by ` + "`verdict config --markdown`" + ` from the table of keys in cmd/verdict/config/keys.go; a test holds it current. -->

Settings come from, in rising order: the defaults below, a YAML file (` + "`--config FILE`" + ` or ` + "`VERDICT_CONFIG`" + `), the environment
(` + "`VERDICT_`" + ` and the key in upper case, an underscore for each dot) and ` + "`--set key=value`" + ` (repeatable). A file is optional: Verdict
runs with the environment alone. ` + "`verdict config`" + ` shows what a run would use and where each value comes from, ` + "`verdict check`" + `
whether it fits together. An unknown key or a wrong value ends the start with exit code 2; all mistakes are named at once,
each with its file and line, variable or flag. Values and their forms:

- duration: a number and a unit, ` + "`500ms`, `10s`, `5m`" + `; size: bytes, or a number with ` + "`KiB`, `MiB` or `GiB`" + `
- list: a YAML list, or texts with commas between them
- an empty environment variable counts as none; ` + "`--set key=`" + ` empties a text, a list or a setting without a default
- secrets are best given by their ` + "`..._file`" + ` key or by the environment; no log, error or command ever shows one

` + "```yaml" + `
kafka:
  brokers: [kafka-1:9092, kafka-2:9092]
  tls: {enabled: true, ca_file: /etc/verdict/ca.pem}
  sasl: {mechanism: SCRAM-SHA-512, username: verdict, password_file: /run/secrets/kafka}
topics:
  raw:
    - {name: idv.raw.v1, format: canonical}
registry:
  url: [https://registry:8081]
http:
  address: ":9600"
` + "```" + `
`

// WriteReference prints docs/configuration.md.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	b.WriteString(referenceHead)
	section := ""
	keys := allKeys()
	for i := range keys {
		k := &keys[i]
		if s := sectionTitle(k.name); s != section {
			section = s
			fmt.Fprintf(&b, "\n## %s\n\n| key, variable | value | default | meaning |\n| --- | --- | --- | --- |\n", s)
		}
		secret := ""
		if k.secret {
			secret = " Secret."
		}
		fallback := "–"
		if k.fallback != "" {
			fallback = "`" + k.fallback + "`"
		}
		fmt.Fprintf(&b, "| `%s`<br>`%s` | %s | %s | %s%s |\n", k.name, k.envName(), k.kind(), fallback, k.text, secret)
	}
	_, err := io.WriteString(w, b.String())
	return err
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
