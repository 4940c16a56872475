package main

import (
	"fmt"
	"os"
	"strings"
)

// configSources are the places where settings come from, in rising order: the defaults, a file, the environment, --set.
type configSources struct {
	file string   // "" is none
	env  []string // as os.Environ gives it
	set  []string // "key=value" of each --set
}

// loadedConfig is the configuration and where each setting came from.
type loadedConfig struct {
	config
	keys   []key
	origin map[string]string // by key; "" or absent is the default
}

// configMistakes is everything that is wrong with the configuration, one line each: where, which key, what to write.
type configMistakes []string

func (m configMistakes) Error() string {
	return "the configuration has " + count(len(m), "mistake") + ":\n  " + strings.Join(m, "\n  ")
}

// What a suggestion says when no name is near.
const (
	keysAre      = "; `verdict config` lists all"
	variablesAre = "; `verdict config KEY` names the variable of a key, `verdict config` lists the keys"
)

type configLoader struct {
	loaded   *loadedConfig
	byName   map[string]*key
	mistakes configMistakes
}

// loadConfig reads all sources. The error is a configMistakes with everything that is wrong in any of them; what settings say
// together is checked by the caller (checkRun and its parts), because not every command needs all of them.
func loadConfig(src configSources) (*loadedConfig, error) {
	l := &configLoader{loaded: &loadedConfig{keys: configKeys(), origin: map[string]string{}}, byName: map[string]*key{}}
	for i := range l.loaded.keys {
		k := &l.loaded.keys[i]
		l.byName[k.name] = k
		if k.fallback == "" {
			continue
		}
		if err := k.setText(&l.loaded.config, k.fallback); err != nil {
			l.mistake("default of %s: %v", k.name, err) // a test holds that this never happens
		}
	}
	l.readEnvFileName(&src)
	if src.file != "" {
		l.readFile(src.file)
	}
	l.readEnv(src.env)
	l.readFlags(src.set)
	if len(l.mistakes) > 0 {
		return nil, l.mistakes
	}
	return l.loaded, nil
}

// fileVariable names the configuration file when --config does not.
const fileVariable = envPrefix + "CONFIG"

func (l *configLoader) readEnvFileName(src *configSources) {
	for _, pair := range src.env {
		if name, value, _ := strings.Cut(pair, "="); name == fileVariable && src.file == "" {
			src.file = value
		}
	}
}

func (l *configLoader) readEnv(env []string) {
	byVariable := map[string]*key{}
	var variables []string
	for i := range l.loaded.keys {
		k := &l.loaded.keys[i]
		byVariable[k.envName()] = k
		variables = append(variables, k.envName())
	}
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || name == fileVariable || isServiceLink(name) {
			continue
		}
		k := byVariable[name]
		if k == nil {
			l.mistake("environment %s: unknown variable%s", name, suggestion(name, append(variables, fileVariable), variablesAre))
			continue
		}
		if value == "" {
			continue // as where a template had nothing to fill in
		}
		l.set(k, "environment "+name, value)
	}
}

// isServiceLink knows the variables that Kubernetes sets in every pod beside a Service with the name verdict.
func isServiceLink(name string) bool {
	rest := strings.TrimPrefix(name, envPrefix)
	return rest == "PORT" || strings.HasPrefix(rest, "PORT_") || strings.HasPrefix(rest, "SERVICE_")
}

func (l *configLoader) readFlags(set []string) {
	for _, pair := range set {
		name, value, found := strings.Cut(pair, "=")
		k := l.byName[name]
		switch {
		case !found:
			l.mistake("--set %s: write --set key=value", name)
		case k == nil:
			l.mistake("--set %s: unknown key%s", name, suggestion(name, keyNames(), keysAre))
		default:
			l.set(k, "--set", value)
		}
	}
}

// set gives a key the text of a variable or a flag.
func (l *configLoader) set(k *key, source, value string) {
	if err := k.setText(&l.loaded.config, value); err != nil {
		for _, fault := range eachFault(err) {
			l.mistake("%s: %s: %v%s", source, k.name, fault, k.defaultText())
		}
		return
	}
	l.loaded.origin[k.name] = source
	if value == "" && k.whenEmpty != nil {
		delete(l.loaded.origin, k.name) // emptied: its default again
	}
}

func (l *configLoader) mistake(format string, args ...any) {
	l.mistakes = append(l.mistakes, fmt.Sprintf(format, args...))
}

// keyNames are the names of all keys, in the order of the table.
func keyNames() []string {
	var names []string
	for _, k := range configKeys() {
		names = append(names, k.name)
	}
	return names
}

// changed is how many keys are set.
func (c *loadedConfig) changed() int { return len(c.origin) }

// defaultText reminds of the default, after a mistake.
func (k *key) defaultText() string {
	if k.fallback == "" {
		return ""
	}
	return " (default " + k.fallback + ")"
}

// where names the place of a key's value for a mistake: file:line, the variable, --set, or that it is the default.
func (c *loadedConfig) where(name string) string {
	if origin := c.origin[name]; origin != "" {
		return origin
	}
	return "default"
}

// readSecret returns the text of a secret, or the content of its file.
func readSecret(text, file string) (string, error) {
	if file == "" {
		return text, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}
