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
	return c.check((*relations).times, (*relations).login, (*relations).state, (*relations).topics,
		(*relations).registry)
}

// CheckLogin is the part of CheckRun that is about connecting to the brokers.
func (c *Loaded) CheckLogin() error { return c.check((*relations).login) }

// CheckTopics is the part of CheckRun that `verdict topics` needs.
func (c *Loaded) CheckTopics() error {
	return c.check((*relations).login, (*relations).state, (*relations).topics)
}

// CheckSchemas is the part of CheckRun that `verdict schemas` needs.
func (c *Loaded) CheckSchemas() error {
	return c.check((*relations).state, (*relations).topics, (*relations).registry)
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

// ItemPlace is Place for one item of a list, counted from 0.
func (c *Loaded) ItemPlace(name string, at int) string {
	if places := c.items[name]; at < len(places) {
		return places[at] + ": " + name + ": "
	}
	return c.Place(name)
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
	type use struct{ key, topic string }
	uses := map[string]use{} // by the topic's name with _ for each dot: Kafka has only one of two that differ there
	add := func(key, topic string) {
		alike := strings.ReplaceAll(topic, ".", "_")
		first, there := uses[alike]
		switch {
		case topic == "": // switched off
		case !there:
			uses[alike] = use{key, topic}
		case key == "kafka.group" && first.key == key: // the raw topics are as like, which has been told
		case first.topic != topic:
			r.mistake(key, "the topics %s and %s (%s) differ only in . and _, and Kafka refuses the second: name "+
				"another", topic, first.topic, first.key)
		case first.key == key:
			r.mistake(key, "the topic %s is there twice: keep one", topic)
		case first.key == "topics.raw":
			r.mistake(key, "the topic %s is read too (topics.raw), which would never end: name another", topic)
		default:
			r.mistake(key, "the topic %s is also that of %s: name another", topic, first.key)
		}
	}
	for _, t := range r.Topics.Raw {
		add("topics.raw", t.Name)
	}
	outputs := r.Outputs()
	for _, route := range processor.Routes() {
		add("topics."+route.Spec().Setting, outputs[route])
	}
	for _, changelog := range r.changelogs() {
		add("kafka.group", changelog)
	}
}

// changelogs are the topics of the state, of which kafka.group is the beginning.
func (r *relations) changelogs() (topics []string) {
	if !r.StateOn() {
		return nil
	}
	for _, t := range r.Topics.Raw {
		topics = append(topics, kafka.Changelog(r.Kafka.Group, t.Name))
	}
	return topics
}

// settleState switches state off where nobody has asked for it and it cannot be.
func (c *Loaded) settleState() {
	if c.origin["state.enabled"] == "" {
		c.State.Enabled = c.StateOn()
	}
}

func (r *relations) state() {
	if r.State.Enabled && !r.StateOn() {
		r.mistake("state.enabled", "needs delivery exactly_once, which is %s: after a crash the state would not be "+
			"that of what was published; leave it out, or set delivery to exactly_once", r.Delivery)
	}
	for _, changelog := range r.changelogs() {
		if err := checkTopic(changelog); err != nil {
			r.mistake("kafka.group", "with state there is a topic whose name begins with it, and %v: choose another "+
				"group, or set state.enabled to false", err)
		}
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
