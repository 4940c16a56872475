package config

import (
	"fmt"
	"os"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules/wording"
)

// Sources are the places where settings come from, in rising order: the defaults, a file, the environment, --set.
type Sources struct {
	File string   // "" is none
	Env  []string // as os.Environ gives it
	Set  []string // "key=value" of each --set
}

// Loaded is the configuration and where each setting came from.
type Loaded struct {
	Config
	keys   []Key
	origin map[string]string   // by key; "" or absent is the default
	items  map[string][]string // by key, where each item of a list came from that a file has in several lines
}

// Mistakes is everything that is wrong with the configuration, one line each: where, which key, what to write.
type Mistakes []string

func (m Mistakes) Error() string {
	return "the configuration has " + wording.Count(len(m), "mistake") + ":\n  " + strings.Join(m, "\n  ")
}

// What a suggestion says when no name is near.
const (
	keysAre      = "; `verdict config` lists all"
	variablesAre = "; `verdict config KEY` names the variable of a key, `verdict config` lists the keys"
)

type loader struct {
	loaded   *Loaded
	byName   map[string]*Key
	mistakes Mistakes
}

// Load reads all sources. The error is a Mistakes with everything that is wrong in any of them; what settings say
// together is checked by the caller (CheckRun and its parts), because not every command needs all of them.
func Load(src Sources) (*Loaded, error) {
	l := &loader{byName: map[string]*Key{}, loaded: &Loaded{
		keys: allKeys(), origin: map[string]string{}, items: map[string][]string{},
	}}
	for i := range l.loaded.keys {
		k := &l.loaded.keys[i]
		l.byName[k.name] = k
		if k.fallback == "" {
			continue
		}
		if err := k.setText(&l.loaded.Config, k.fallback); err != nil {
			l.mistake("default of %s: %v", k.name, err) // a test holds that this never happens
		}
	}
	l.readEnvFileName(&src)
	if src.File != "" {
		l.readFile(src.File)
	}
	l.readEnv(src.Env)
	l.readFlags(src.Set)
	if len(l.mistakes) > 0 {
		return nil, l.mistakes
	}
	l.loaded.settleState()
	return l.loaded, nil
}

// fileVariable names the configuration file when --config does not.
const fileVariable = envPrefix + "CONFIG"

func (l *loader) readEnvFileName(src *Sources) {
	for _, pair := range src.Env {
		if name, value, _ := strings.Cut(pair, "="); name == fileVariable && src.File == "" {
			src.File = value
		}
	}
}

func (l *loader) readEnv(env []string) {
	byVariable := map[string]*Key{}
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
			l.mistake("environment %s: unknown variable%s", name,
				screen.Suggestion(name, append(variables, fileVariable), variablesAre))
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

func (l *loader) readFlags(set []string) {
	for _, pair := range set {
		name, value, found := strings.Cut(pair, "=")
		k := l.byName[name]
		switch {
		case !found:
			l.mistake("--set %s: write --set key=value", name)
		case k == nil:
			l.mistake("--set %s: unknown key%s", name, screen.Suggestion(name, KeyNames(), keysAre))
		default:
			l.set(k, "--set", value)
		}
	}
}

// set gives a key the text of a variable or a flag.
func (l *loader) set(k *Key, source, value string) {
	if err := k.setText(&l.loaded.Config, value); err != nil {
		for _, fault := range eachFault(err) {
			l.mistake("%s: %s: %v%s", source, k.name, fault, k.defaultText())
		}
		return
	}
	l.loaded.origin[k.name] = source
	delete(l.loaded.items, k.name)
	if value == "" && k.whenEmpty != nil {
		delete(l.loaded.origin, k.name) // emptied: its default again
	}
}

func (l *loader) mistake(format string, args ...any) {
	l.mistakes = append(l.mistakes, fmt.Sprintf(format, args...))
}

// KeyNames are the names of all keys, in the order of the table.
func KeyNames() []string {
	var names []string
	for _, k := range allKeys() {
		names = append(names, k.name)
	}
	return names
}

// Changed is how many keys are set.
func (c *Loaded) Changed() int { return len(c.origin) }

// defaultText reminds of the default, after a mistake.
func (k *Key) defaultText() string {
	if k.fallback == "" {
		return ""
	}
	return " (default " + k.fallback + ")"
}

// where names the place of a key's value for a mistake: file:line, the variable, --set, or that it is the default.
func (c *Loaded) where(name string) string {
	if origin := c.origin[name]; origin != "" {
		return origin
	}
	return "default"
}

// ReadSecret returns the text of a secret, or the content of its file.
func ReadSecret(text, file string) (string, error) {
	if file == "" {
		return text, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}
