package main

import (
	"bytes"
	"context"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/local"
	"verdict/processor"
)

// person is what a provider may add to its body and what must never leave.
var person = []string{
	"Beeblebrox", "zaphod@magrathea.example", "X4C7RTYB9", "1979-10-12", "https://pictures.example/face-42.jpg", "42 Improbability Drive",
}

// personMembers are JSON members full of it, of every type and depth.
func personMembers() string {
	quoted := `"` + strings.Join(person, `","`) + `"`
	return `"last_name":"Beeblebrox","email":"zaphod@magrathea.example","document_number":"X4C7RTYB9","birth_date":"1979-10-12",` +
		`"X4C7RTYB9":{"picture":{"url":"https://pictures.example/face-42.jpg"}},"address":["42 Improbability Drive"],"all":[[` + quoted + `]]`
}

// personBodies are bodies by raw format: those that can be decided, and those that cannot. P stands for the members
// above.
var personBodies = map[string][]string{
	"canonical": {
		`{P,"provider":"fourthline","product":"identity_verification","verification_id":"v-1","status":"completed","risk_code":500,"codes":[5150],` +
			`"metadata":{"name":"Beeblebrox","mail":"zaphod@magrathea.example"}}`,
		`{P,"provider":"yousign","product":"video","verification_id":"v-2","status":["Beeblebrox"]}`,
		`{P,"provider":"Beeblebrox","product":"X4C7RTYB9","verification_id":"v-3","status":"approved"}`,
		`{P,"provider":"yousign","product":"Beeblebrox","verification_id":"v-4","status":"approved"}`,
	},
	"yousign": {
		`{P,"event_id":"e-5","event_name":"Beeblebrox","event_time":"1763633885","sandbox":false,` +
			`"data":{P,"identity_video":{P,"id":"v-5","status":"declined","status_codes":[2301],"first_name":"Beeblebrox"}}}`,
		`{P,"event_id":"e-6","event_time":"1979-10-12","data":{"identity_video":{P,"id":"v-6","status":"approved"}}}`,
		`{P,"data":{"identity_video":"Beeblebrox"}}`,
		`{P,"data":{"identity_video":{P,"id":{"document":"X4C7RTYB9"},"status":"approved","status_codes":[{"name":"Beeblebrox"}]}}}`,
	},
	"ubble-v2": {
		`{P,"specversion":"2.0","type":"Beeblebrox","subject":"Beeblebrox","id":"e-7","time":"2026-11-20T17:31:00Z","data":{P,"applicant_id":"Beeblebrox",` +
			`"user_journey_id":"Beeblebrox","identity_verification_id":"v-7","status":"declined","response_codes":[{P,"code":62301,"summary":"Beeblebrox"}]}}`,
		`{P,"specversion":"2.0","data":{P,"identity_verification_id":"v-8","status":"declined","response_codes":[{"summary":"Beeblebrox"}]}}`,
		`{P,"specversion":"2.0","data":{P,"identity_verification_id":"v-8","status":"declined","response_codes":[{"code":["X4C7RTYB9"]}]}}`,
	},
	"checkout": {
		`{P,"id":"e-9","type":"Beeblebrox","version":"Beeblebrox","created_on":"2026-11-20T18:28:00.1Z","_links":{P,"self":{"href":"https://pictures.example/face-42.jpg"}},` +
			`"data":{P,"identity_verification_id":"v-9","status":"approved","response_codes":[{"code":10000,"summary":"Beeblebrox"}],"external_applicant_id":"eaplt_9"}}`,
		`{P,"id":"e-9","created_on":"Beeblebrox","data":{P,"identity_verification_id":"v-9","status":"approved"}}`,
	},
	"fourthline": {
		`{P,"verificationId":"v-10","workflowId":"Beeblebrox","clientId":"Beeblebrox","status":"completed","riskCode":500,"statusCodes":[5150]}`,
		`{P,"verificationId":"v-11","status":"completed","riskCode":"X4C7RTYB9"}`,
		`{P,"verificationId":"v-12","status":"Beeblebrox","verificationStatus":"new"}`,
	},
	"veriff-decision": {
		`{P,"status":"Beeblebrox","verification":{P,"id":"v-15","attemptId":"Beeblebrox","vendorData":"zaphod@magrathea.example","status":"declined",` +
			`"code":9102,"reason":"Beeblebrox","reasonCode":106,"decisionTime":"2026-11-20T09:14:52Z","acceptanceTime":"1979-10-12",` +
			`"person":{P,"firstName":"Beeblebrox"},"document":{P,"number":"X4C7RTYB9"},"comments":["Beeblebrox"]},"technicalData":{P,"ip":"42 Improbability Drive"}}`,
		`{P,"verification":{P,"id":"v-16","status":"declined","reasonCode":{"label":"Beeblebrox"},"decisionTime":"1979-10-12","endUserId":["X4C7RTYB9"]}}`,
		`{P,"verification":"Beeblebrox"}`,
	},
	"veriff-event": {
		`{P,"id":"v-17","attemptId":"Beeblebrox","feature":"Beeblebrox","code":7001,"action":"started","vendorData":"zaphod@magrathea.example","endUserId":"eu-17"}`,
		`{P,"id":["X4C7RTYB9"],"action":{"name":"Beeblebrox"},"endUserId":1979}`,
	},
	"auto": {
		`{P,"data":{P,"identity_video":{P,"id":"v-13","status":"verified"}}}`,
		`{P,"specversion":"2.0","created_on":"Beeblebrox","data":{P,"identity_verification_id":"v-14","status":"approved"}}`,
		`{P}`, `{P,"Beeblebrox"}`, `{"Beeblebrox":1,"Beeblebrox":2}`, "Beeblebrox", `{"x":"Beeblebrox` + "\xff" + `"}`,
	},
}

// privacyRun feeds all bodies to a running process and returns its outputs and all it said of itself.
func privacyRun(t *testing.T, settings ...string) (outputs []*kgo.Record, said string, raw int) {
	t.Helper()
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	var topics []string
	for format := range personBodies {
		topic := "raw-" + format + ":" + format
		if format == "fourthline" {
			topic += ":identity_verification"
		}
		topics = append(topics, topic)
	}
	settings = append(settings, "kafka.brokers="+c.Broker(), "registry.url="+c.RegistryURL(),
		"topics.raw="+strings.Join(topics, ","),
		"log.level=debug", "log.format=json", "http.address=127.0.0.1:0")
	cfg, err := config.Load(config.Sources{Set: settings})
	if err != nil {
		t.Fatal(err)
	}
	makeTopics(t, c, cfg)
	args := []string{"run"}
	for _, s := range settings {
		args = append(args, "--set", s)
	}
	client, err := c.Client(kgo.ConsumeTopics(cfg.OutputTopics()...),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	raw = producePersons(t, client)
	p := startProcess(t, nil, "verdict", args...)
	web := "http://" + p.awaitLog("verdict is starting")["http"].(string)
	outputs = readOutputs(t, client, cfg, raw)
	_, metrics := get(t, web+"/metrics")
	_, ready := get(t, web+"/readyz")
	p.signal(syscall.SIGTERM)
	p.awaitExit(0)
	return outputs, p.text.String() + metrics + ready, raw
}

func producePersons(t *testing.T, client *kgo.Client) int {
	t.Helper()
	n := 0
	for format, bodies := range personBodies {
		for _, body := range bodies {
			record := &kgo.Record{
				Topic: "raw-" + format, Value: []byte(strings.ReplaceAll(body, "P,", personMembers()+",")),
				Headers: []kgo.RecordHeader{{Key: "name", Value: []byte("Beeblebrox")},
					{Key: "X4C7RTYB9", Value: []byte("1979-10-12")}},
			}
			if body == "{P}" {
				record.Value = []byte("{" + personMembers() + "}")
			}
			record.Key = []byte("zaphod@magrathea.example")
			if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	return n
}

// readOutputs reads until each raw record has its decision or dead letter. Billing and risk events were committed
// with them.
func readOutputs(t *testing.T, client *kgo.Client, cfg *config.Loaded, raw int) []*kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var outputs []*kgo.Record
	seen := map[string]int{}
	n := func(route processor.Route) int { return seen[cfg.Topics.Output[route]] }
	for n(processor.RouteDecision)+n(processor.RouteDeadLetter) < raw || n(processor.RouteBilling) == 0 ||
		n(processor.RouteRisk) == 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%v after %v of %d", err, seen, raw)
		}
		for _, r := range fetches.Records() {
			seen[r.Topic]++
			outputs = append(outputs, r)
		}
	}
	return outputs
}

// personIn finds what must not be there.
func personIn(text []byte) string {
	for _, secret := range person {
		if bytes.Contains(text, []byte(secret)) {
			return secret
		}
	}
	return ""
}

// Nothing of the person is in a decision, billing event or risk event, in their keys and headers, in what Verdict
// adds to a dead letter, in its log (of the level debug), its metrics or its readiness. A dead letter's own bytes are
// the original's, unless it is a digest.
func TestNoPersonLeaves(t *testing.T) {
	for _, settings := range [][]string{
		{"output.format=avro"},
		{"output.format=json", "deadletter.value=digest"},
		{"output.format=json", "deadletter.value=digest", "delivery=at_least_once"},
	} {
		t.Run(strings.Join(settings, " "), func(t *testing.T) {
			outputs, said, raw := privacyRun(t, settings...)
			if secret := personIn([]byte(said)); secret != "" {
				t.Errorf("the log or the metrics hold %s:\n%s", secret, said)
			}
			digest := len(settings) > 1
			originals := 0
			for _, r := range outputs {
				isDeadLetter := r.Topic == "idv.deadletter.v1"
				if isDeadLetter && personIn(r.Value) != "" {
					originals++
				}
				for _, text := range leaving(r, isDeadLetter && !digest) {
					if secret := personIn(text); secret != "" {
						t.Errorf("a record of %s holds %s: %s", r.Topic, secret, text)
					}
				}
			}
			if !digest && originals == 0 {
				t.Error("no dead letter has its original bytes: the test looks at nothing")
			}
			if len(outputs) <= raw {
				t.Errorf("%d records of %d, no billing or risk event among them", len(outputs), raw)
			}
		})
	}
}

// leaving is all of a record that Verdict has written itself.
func leaving(r *kgo.Record, hasOriginal bool) [][]byte {
	var texts [][]byte
	for _, h := range r.Headers {
		if !hasOriginal || strings.HasPrefix(h.Key, "verdict-") {
			texts = append(texts, []byte(h.Key), h.Value)
		}
	}
	if !hasOriginal {
		texts = append(texts, r.Key, r.Value)
	}
	return texts
}

// The same for the command line: what decide prints about each body.
func TestNoPersonIsPrinted(t *testing.T) {
	for format, bodies := range personBodies {
		var text strings.Builder
		for _, body := range bodies {
			text.WriteString(strings.ReplaceAll(body, "P,", personMembers()+",") + "\n")
		}
		for _, how := range []string{"table", "json"} {
			args := []string{"decide", "--input", format, "--format", how, "--explain", "-"}
			if format == "fourthline" {
				args = append(args, "--product", "identity_verification")
			}
			var out, errs strings.Builder
			if code := run(args, streams{strings.NewReader(text.String()), &out, &errs}); code != exitOK {
				t.Fatalf("%s: exit code %d, %s", format, code, errs.String())
			}
			if secret := personIn([]byte(out.String() + errs.String())); secret != "" {
				t.Errorf("decide --input %s --format %s prints %s:\n%s", format, how, secret, out.String())
			}
		}
	}
}
