package config

import (
	"fmt"
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
)

// CheckRun finds what is wrong between settings for a process that reads and writes Kafka. The error is a
// Mistakes.
func (c *Loaded) CheckRun() error {
	return c.check((*relations).times, (*relations).login, (*relations).topics, (*relations).registry)
}

// CheckLogin is the part of CheckRun that is about connecting to the brokers.
func (c *Loaded) CheckLogin() error { return c.check((*relations).login) }

// CheckTopics is the part of CheckRun that `verdict topics` needs.
func (c *Loaded) CheckTopics() error {
	return c.check((*relations).login, (*relations).topics)
}

func (c *Loaded) check(parts ...func(*relations)) error {
	r := &relations{Loaded: c}
	for _, part := range parts {
		part(r)
	}
	if len(r.mistakes) > 0 {
		return r.mistakes
	}
	return nil
}

type relations struct {
	*Loaded
	mistakes Mistakes
}

// mistake is about a key, wherever its value came from.
func (r *relations) mistake(name, format string, args ...any) {
	r.mistakes = append(r.mistakes, r.Place(name)+fmt.Sprintf(format, args...))
}

// Place begins the text of a mistake: where the key's value came from, and the key.
func (c *Loaded) Place(name string) string {
	if c.origin[name] == "" {
		return name + ": "
	}
	return c.origin[name] + ": " + name + ": "
}

func (r *relations) times() {
	if k := r.Kafka; !kafka.HeartbeatFits(k.HeartbeatInterval, k.SessionTimeout) {
		r.mistake("kafka.heartbeat_interval",
			"%s is too long for kafka.session_timeout %s: at most half of it, better a third",
			screen.FormatDuration(k.HeartbeatInterval), screen.FormatDuration(k.SessionTimeout))
	}
	if r.Batch.CommitInterval*2 > r.Kafka.TransactionTimeout {
		r.mistake("batch.commit_interval", "%s is too long for kafka.transaction_timeout %s: at most half of it",
			screen.FormatDuration(r.Batch.CommitInterval), screen.FormatDuration(r.Kafka.TransactionTimeout))
	}
}

func (r *relations) login() {
	tls, sasl := &r.Kafka.TLS, &r.Kafka.SASL
	if (tls.CertFile == "") != (tls.KeyFile == "") {
		r.mistake(screen.Either(tls.CertFile == "", "kafka.tls.key_file", "kafka.tls.cert_file"),
			"a client certificate needs both kafka.tls.cert_file and kafka.tls.key_file")
	}
	for _, f := range []struct{ name, value string }{
		{"kafka.tls.ca_file", tls.CAFile}, {"kafka.tls.cert_file", tls.CertFile},
		{"kafka.tls.server_name", tls.ServerName},
	} {
		if f.value != "" && !tls.Enabled {
			r.mistake(f.name, "has no effect: set kafka.tls.enabled to true, or leave it out")
		}
	}
	if sasl.Password != "" && sasl.PasswordFile != "" {
		r.mistake("kafka.sasl.password_file", "the password is given twice, kafka.sasl.password too: keep one")
	}
	password := sasl.Password != "" || sasl.PasswordFile != ""
	if sasl.Mechanism != "" && (sasl.Username == "" || !password) {
		r.mistake("kafka.sasl.mechanism",
			"needs kafka.sasl.username and kafka.sasl.password or kafka.sasl.password_file")
	}
	if sasl.Mechanism == "" && (sasl.Username != "" || password) {
		r.mistake("kafka.sasl.mechanism", "is not set but a user name or password is: write one of %s",
			screen.OrList(cluster.Mechanisms()))
	}
}

func (r *relations) topics() {
	used := map[string]string{}
	use := func(key, topic string) {
		switch first := used[topic]; first {
		case "":
			used[topic] = key
		case key:
			r.mistake(key, "the topic %s is there twice: keep one", topic)
		case "topics.raw":
			r.mistake(key, "the topic %s is read too (topics.raw), which would never end: name another", topic)
		default:
			r.mistake(key, "the topic %s is also that of %s: name another", topic, first)
		}
	}
	for _, t := range r.Topics.Raw {
		use("topics.raw", t.Name)
	}
	for _, route := range processor.Routes() {
		use("topics."+route.Spec().Setting, r.Topics.Output[route])
	}
}

func (r *relations) registry() {
	reg := &r.Registry
	if r.Output.Format == "avro" && len(reg.URLs) == 0 {
		r.mistake("registry.url",
			"is empty, but Avro output needs a schema registry: name it (VERDICT_REGISTRY_URL), or set output.format "+
				"to json")
	}
	if reg.Password != "" && reg.PasswordFile != "" {
		r.mistake("registry.password_file", "the password is given twice, registry.password too: keep one")
	}
	password := reg.Password != "" || reg.PasswordFile != ""
	if (reg.Username != "") != password {
		r.mistake("registry.username",
			"a login needs registry.username and registry.password or registry.password_file")
	}
	https := func(address string) bool { return strings.HasPrefix(address, "https:") }
	if reg.CAFile != "" && !slices.ContainsFunc(reg.URLs, https) {
		r.mistake("registry.ca_file", "has no effect, because no registry.url begins with https")
	}
}
