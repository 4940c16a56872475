package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/rules"
)

// longestReader is how many lines a reader of docs/reading.md may have.
const longestReader = 10

var programName = regexp.MustCompile("`([a-z]+\\.py)`")

// readers are the programs of docs/reading.md as they stand there, but for the addresses and the names of topics.
type readers struct {
	*realParts
	directory string
}

func (r *realParts) readers() *readers {
	r.t.Helper()
	of := &readers{r, r.t.TempDir()}
	here := strings.NewReplacer("localhost:9092", r.brokers, "http://localhost:8081", r.registry,
		"idv.decisions.v1", r.prefix+"decisions", "idv.verifications.v1", r.prefix+"verifications",
		"idv.billing.v1", r.prefix+"billing", "idv.catalog.v1", r.prefix+"catalog")
	parts := strings.Split(read(r.t, filepath.Join(root, "docs/reading.md")), "\n```")
	for i := 1; i < len(parts); i += 2 {
		text, ok := strings.CutPrefix(parts[i], "python\n")
		name := programName.FindStringSubmatch(parts[i-1])
		if !ok || name == nil {
			r.t.Fatalf("docs/reading.md: this should be Python, and the text before it begin with its name:\n%s", parts[i])
		}
		lines := len(strings.Fields(regexp.MustCompile(`.+`).ReplaceAllString(text, "line")))
		if name[1] != "records.py" && lines > longestReader {
			r.t.Errorf("%s of docs/reading.md has %d lines, more than %d", name[1], lines, longestReader)
		}
		writeFile(r.t, filepath.Join(of.directory, name[1]), []byte(here.Replace(text+"\n")))
	}
	return of
}

// prints runs one of the programs.
func (r *readers) prints(name string) []string {
	r.t.Helper()
	command := exec.Command(python(), "-B", filepath.Join(r.directory, name))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		r.t.Fatalf("%s of docs/reading.md: %v\n%s", name, err, stderr.Bytes())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// byKey sorts lines by their first word, and leaves those of one key as they are: partitions are read in any order.
func byKey(lines []string) []string {
	key := func(line string) string { word, _, _ := strings.Cut(line, " "); return word }
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(key(a), key(b)) })
	return lines
}

func (r *readers) require(when, name string, got, want []string) {
	r.t.Helper()
	if !slices.Equal(got, want) {
		r.t.Errorf("%s, %s of docs/reading.md says\n%s\nand should say\n%s", when, name, strings.Join(got, "\n"),
			strings.Join(want, "\n"))
	}
}

// storyRecords are notifications as providers send them, one verification in each partition: u-9 is declined by an
// audit in the next month, with a code that the catalog lists and one that it does not, and the first word comes again;
// of y-1 the approval comes again, and pending after it; of f-9 the first of two results comes again, and has no time
// of its own; of f-8 there is one result.
func storyRecords(now time.Time) []*kgo.Record {
	ubble := func(id, at, status, codes string) string {
		return fmt.Sprintf(`{"id":%q,"version":"1.2.0","created_on":%q,"data":{"identity_verification_id":"u-9",`+
			`"status":%q,"response_codes":[%s]}}`, id, at, status, codes)
	}
	yousign := func(id string, at int64, status string) string {
		return fmt.Sprintf(`{"event_id":%q,"event_time":"%d","data":{"identity_video":{"id":"y-1","status":%q}}}`, id,
			at, status)
	}
	fourthline := func(id string, risk int) string {
		return fmt.Sprintf(`{"verificationId":%q,"verificationStatus":"completed","riskCode":%d}`, id, risk)
	}
	october := time.Date(2024, 10, 31, 23, 50, 0, 0, time.UTC)
	var records []*kgo.Record
	for partition, story := range [][]string{
		{"u-9", ubble("ue-1", "2024-10-31T23:50:00Z", "inconclusive", ""),
			ubble("ue-2", "2024-11-01T09:00:00Z", "declined", `{"code":62301},{"code":62999}`),
			ubble("ue-1", "2024-10-31T23:50:00Z", "inconclusive", "")},
		{"y-1", yousign("ye-2", october.Unix(), "approved"), yousign("ye-2", october.Unix(), "approved"),
			yousign("ye-1", october.Unix()-60, "pending")},
		{"f-9", fourthline("f-9", 300), fourthline("f-9", 200), fourthline("f-9", 300)},
		{"f-8", fourthline("f-8", 300)},
	} {
		for _, value := range story[1:] {
			records = append(records, &kgo.Record{Partition: int32(partition), Key: []byte(story[0]),
				Value: []byte(value), Timestamp: now})
		}
	}
	return records
}

// The readers of the docs are right about what providers send twice, late and out of order; and about rules that have
// changed, which decide anew only where the operator has asked for that.
func realReaders(r *realParts) {
	docs, now := r.readers(), time.Now()
	r.produce(storyRecords(now)...)
	settings := []string{"VERDICT_TOPICS_RAW=" + r.prefix + "raw:auto:identity_verification",
		rememberAll} // the providers' times are of 2024
	r.decideAll(settings)
	docs.require("at first", "onboarding.py", docs.prints("onboarding.py"), []string{
		"fourthline/identity_verification/f-8 REVIEW AWAIT_REVIEW",
		"fourthline/identity_verification/f-9 APPROVED NOT_APPLICABLE",
		"ubble/identity_verification/u-9 DECLINED OPTIONAL", "yousign/video/y-1 APPROVED NOT_APPLICABLE"})
	month := now.UTC().Format("2006-01") // fourthline gives no time
	docs.require("at first", "billing.py", docs.prints("billing.py"), []string{
		"2024-10 yousign APPROVED BILLABLE 1", "2024-11 ubble DECLINED UNDETERMINED 1",
		month + " fourthline APPROVED UNDETERMINED 1", month + " fourthline REVIEW UNDETERMINED 1"})
	told := []string{"f-8 FIRST REVIEW", "f-9 FIRST REVIEW", "f-9 REVERSED APPROVED", "u-9 FIRST INCONCLUSIVE",
		"u-9 REVERSED DECLINED", "y-1 FIRST APPROVED"}
	docs.require("at first", "decisions.py", byKey(docs.prints("decisions.py")), told)
	r.publishCatalog(settings, "--create")
	docs.require("at first", "meanings.py", docs.prints("meanings.py"), r.meanings())

	settings = append(settings, "VERDICT_CATALOG_DIR="+r.catalogThatApproves300())
	if said := r.publishCatalog(settings); !strings.HasPrefix(said, "changed  "+ofRisk300+"\n") ||
		!strings.Contains(said, ": 0 rows added, 1 changed, 0 removed, ") {
		r.t.Errorf("published again, with another outcome of the risk code 300:\n%s", said)
	}
	docs.require("with another row", "meanings.py", docs.prints("meanings.py"), r.meanings())
	if said := r.publishCatalog(settings, "--dry-run"); !strings.Contains(said, ": 0 rows added, 0 changed, 0 removed, ") {
		r.t.Errorf("a trial after it:\n%s", said)
	}
	r.setBack()
	r.decideAll(settings, r.saysThatNothingIsDecidedAgain)
	docs.require("with offsets set back", "decisions.py", byKey(docs.prints("decisions.py")), told)

	r.resetState(settings)
	r.decideAll(settings)
	docs.require("after a reset", "onboarding.py", docs.prints("onboarding.py"), []string{
		"fourthline/identity_verification/f-8 APPROVED NOT_APPLICABLE",
		"fourthline/identity_verification/f-9 APPROVED NOT_APPLICABLE",
		"ubble/identity_verification/u-9 DECLINED OPTIONAL", "yousign/video/y-1 APPROVED NOT_APPLICABLE"})
	docs.require("after a reset", "billing.py", docs.prints("billing.py"), []string{
		"2024-10 yousign APPROVED BILLABLE 1", "2024-11 ubble DECLINED UNDETERMINED 1",
		month + " fourthline APPROVED UNDETERMINED 2"})
	told = []string{"f-8 FIRST REVIEW", "f-8 FIRST APPROVED", "f-9 FIRST REVIEW", "f-9 REVERSED APPROVED",
		"f-9 FIRST APPROVED", "f-9 UNEXPECTED APPROVED", "u-9 FIRST INCONCLUSIVE", "u-9 REVERSED DECLINED",
		"u-9 FIRST INCONCLUSIVE", "u-9 REVERSED DECLINED", "y-1 FIRST APPROVED", "y-1 FIRST APPROVED"}
	docs.require("after a reset", "decisions.py", byKey(docs.prints("decisions.py")), told)

	r.resetState(settings)
	r.decideAll(settings)
	docs.require("after a reset with the same rules", "decisions.py", byKey(docs.prints("decisions.py")), told)
	docs.seesWhoIsErased(month)
}

const ofRisk300 = "fourthline/identity_verification/risk_code/300"

// publishCatalog publishes the catalog of these settings on its topic, and returns what that says.
func (r *realParts) publishCatalog(settings []string, args ...string) string {
	r.t.Helper()
	command := exec.Command(r.binary, append([]string{"catalog", "--publish", r.prefix + "catalog"}, args...)...)
	command.Env = r.environment(settings...)
	out, err := command.CombinedOutput()
	if err != nil {
		r.t.Fatalf("verdict catalog --publish: %v\n%s", err, out)
	}
	return string(out)
}

// meanings is what meanings.py says of the story, in the catalog's words.
func (r *realParts) meanings() []string {
	of := func(key string) string {
		for _, e := range rules.Embedded().Entries() {
			if e.Key() == key {
				return e.Meaning
			}
		}
		r.t.Fatalf("the catalog has no entry %s", key)
		return ""
	}
	const fourthline, ubble = "fourthline/identity_verification/", "ubble/identity_verification/"
	return []string{
		fourthline + "f-8 | " + of(fourthline+"status/completed"), fourthline + "f-9 | " + of(fourthline+"status/completed"),
		ubble + "u-9 | " + of(ubble+"status/declined") + " | " + of(ubble+"code/62301") + " | not listed",
		"yousign/video/y-1 | " + of("yousign/video/status/approved"),
	}
}

// decideAll has an instance decide what there is, and looks at it before it ends.
func (r *realParts) decideAll(settings []string, look ...func(*instance)) {
	r.t.Helper()
	i := r.start("one", settings...)
	r.awaitAll(time.Minute, i)
	for _, f := range look {
		f(i)
	}
	i.stop()
}

// catalogThatApproves300 is the catalog with another outcome of fourthline's risk code 300.
func (r *realParts) catalogThatApproves300() string {
	r.t.Helper()
	directory := filepath.Join(r.t.TempDir(), "catalog")
	r.output(nil, "catalog", "--export", directory)
	path := filepath.Join(directory, "fourthline-idv.yaml")
	text := read(r.t, path)
	row := regexp.MustCompile(`(?s)      300:\n.*?AWAIT_REVIEW.*?\n`)
	if !row.MatchString(text) {
		r.t.Fatalf("%s: no row of the risk code 300 that asks for a review", path)
	}
	writeFile(r.t, path, []byte(row.ReplaceAllString(text, `      300:
        outcome: APPROVED
        origin: operator
        final: true
        report_available: true
        retry: {advice: NOT_APPLICABLE, scope: NONE, origin: operator}
`)))
	return directory
}

// setBack moves the stopped group's offsets to the beginning, as kafka-consumer-groups --reset-offsets does.
func (r *realParts) setBack() {
	r.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(r.brokers), kgo.MaxVersions(kversion.V3_0_0()))
	if err != nil {
		r.t.Fatal(err)
	}
	defer client.Close()
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic = r.prefix + "raw"
	for p := range outputPartitions["raw"] {
		partition := kmsg.NewOffsetCommitRequestTopicPartition()
		partition.Partition = p
		topic.Partitions = append(topic.Partitions, partition)
	}
	request := kmsg.NewPtrOffsetCommitRequest()
	request.Group = r.group()
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(r.context(), client)
	if err != nil {
		r.t.Fatalf("set offsets back: %v", err)
	}
	for _, p := range answer.Topics[0].Partitions {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			r.t.Fatalf("set offsets back: %v", err)
		}
	}
}

func (r *realParts) saysThatNothingIsDecidedAgain(i *instance) {
	r.t.Helper()
	if text := i.output(); !strings.Contains(text, "nothing is decided again") ||
		!strings.Contains(text, "verdict state reset") {
		r.t.Error("the log does not say that nothing is decided again, and what to do")
	}
	if !regexp.MustCompile(`(?m)^verdict_rewinds_total\{.*\} [1-9]`).MatchString(i.metrics()) {
		r.t.Error("verdict_rewinds_total counts nothing")
	}
}

// metrics asks the process for them.
func (i *instance) metrics() string {
	i.t.Helper()
	address := regexp.MustCompile(`"http":"([^"]+)"`).FindStringSubmatch(i.output())
	if address == nil {
		i.t.Fatalf("%s: the log does not say where it listens", i.name)
	}
	answer, err := http.Get("http://" + address[1] + "/metrics")
	if err != nil {
		i.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		i.t.Fatal(err)
	}
	return string(text)
}

func (r *realParts) resetState(settings []string) {
	r.t.Helper()
	command := exec.Command(r.binary, "state", "reset", "--yes")
	command.Env = r.environment(settings...)
	if out, err := command.CombinedOutput(); err != nil {
		r.t.Fatalf("verdict state reset: %v\n%s", err, out)
	}
}
