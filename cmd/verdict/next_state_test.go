package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/local"
	"verdict/processor/kafka"
)

// What docs/development.md tells to do for another format of the state is done here, with one that has four bytes for a
// sequence instead of three: a release that reads it and writes the one before, and the next, which writes it. While
// events and their repeats keep coming, a group is brought from this build to these two and back. Where this build
// meets what it cannot read, it says so and decides nothing; in the end each verification has its story, once.
func TestNextState(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew")
	}
	reads, writes := buildNextState(t)
	s := newUpgrade(t)

	old := s.start("verdict")
	s.goesOn(old)
	s.wrote(1)
	first := s.follow(old, reads)
	s.goesOn(first)
	s.wrote(1)
	second := s.follow(first, writes)
	s.goesOn(second)
	s.wrote(1, 2)
	first = s.follow(second, reads)
	s.goesOn(first)
	second = s.follow(first, writes)
	s.goesOn(second)

	second.leave()
	old = s.start("verdict")
	s.isHeld(old)
	third := s.follow(old, writes)
	s.goesOn(third)
	s.toldOnce(third)
}

// buildNextState builds the two releases.
func buildNextState(t *testing.T) (reads, writes string) {
	t.Helper()
	build := t.TempDir()
	const room = "../../processor/state/"
	replace := map[string]string{absolute(t, room+"format_two.go"): absolute(t, "testdata/nextstate/format_two.go.txt")}
	for file, edits := range map[string][]string{
		"value.go": {"format     = 1\n\theadSize   = 78", "format     = 2\n\theadSize   = 79",
			"lastSeenAt   = 65", "lastSeenAt   = 66",
			"c.put(3, uint64(m.Sequence))", "c.put(4, uint64(m.Sequence))",
			"m.Sequence = uint32(c.take(3))", "m.Sequence = uint32(c.take(4))"},
		"store.go": {"if err := s.read(value); err != nil {",
			"value = widened(value)\n\tif err := s.read(value); err != nil {"},
		"changes.go": {"append(append(c.store.value[:0], format), e.bytes()...)",
			"narrowed(append(append(c.store.value[:0], format), e.bytes()...))"},
		"position.go": {"append(dst, format)", "append(dst, written())",
			"case value[0] != format:", "case value[0] == 0:"},
	} {
		text, err := os.ReadFile(room + file)
		if err != nil {
			t.Fatal(err)
		}
		for edit := range slices.Chunk(edits, 2) {
			if strings.Count(string(text), edit[0]) != 1 {
				t.Fatalf("%s does not have once: %s", file, edit[0])
			}
		}
		changed := filepath.Join(build, file)
		writeFile(t, changed, []byte(strings.NewReplacer(edits...).Replace(string(text))))
		replace[absolute(t, room+file)] = changed
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(build, "overlay.json")
	writeFile(t, overlay, list)
	for format, name := range map[string]*string{"1": &reads, "2": &writes} {
		*name = filepath.Join(build, "writes-"+format)
		command := exec.Command("go", "build", "-overlay", overlay,
			"-ldflags=-s -w -X verdict/processor/state.writes="+format, "-o", *name, ".")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command.Args, err, out)
		}
	}
	return reads, writes
}

// upgrade is a group at work, of which the program is changed, and the events that keep coming meanwhile.
type upgrade struct {
	t       *testing.T
	cluster *local.Cluster
	raw     string
	group   string

	finish  context.CancelFunc // begin no more stories
	told    chan int           // when all are told: how many
	reader  *kgo.Client
	stories map[string][]string
	decided int
}

// upgraded is a process of a build.
type upgraded struct {
	*process
	web string
}

func newUpgrade(t *testing.T) *upgrade {
	t.Helper()
	c, cfg := startKafka(t)
	u := &upgrade{t: t, cluster: c, raw: cfg.Topics.Raw[0].Name, group: cfg.Kafka.Group, told: make(chan int, 1),
		stories: map[string][]string{}}
	u.reader = u.client(kgo.ConsumeTopics("idv.decisions.v1"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(50*time.Millisecond))
	ctx, finish := context.WithCancel(t.Context())
	u.finish = finish
	go u.tell(ctx, u.client())
	return u
}

func (u *upgrade) client(options ...kgo.Opt) *kgo.Client {
	u.t.Helper()
	client, err := u.cluster.Client(options...)
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(client.Close)
	return client
}

// A story is begun every tick. Its events, and then their repeats, come so many ticks later that most stories see
// several builds.
var (
	storyEvents  = []string{"pending", "approved", "declined", "approved"}
	storyDelays  = []int{0, 50, 120, 250}
	repeatDelays = []int{15, 90, 230}
	storyTold    = []string{"pending FIRST 1", "approved ADVANCED 2", "declined REVERSED 3", "approved REVERSED 4"}
)

const storyTick = 20 * time.Millisecond

// tell tells stories until no more are to be begun and the last is at its end.
func (u *upgrade) tell(ctx context.Context, client *kgo.Client) {
	defer close(u.told)
	tick := time.NewTicker(storyTick)
	defer tick.Stop()
	begun, last := 0, storyDelays[len(storyDelays)-1]+repeatDelays[len(repeatDelays)-1]
	for now := 0; ctx.Err() == nil || now <= begun+last; now++ {
		if ctx.Err() == nil {
			begun = now + 1
		}
		for event, delay := range storyDelays {
			for _, again := range append([]int{0}, repeatDelays...) {
				if story := now - delay - again; story >= 0 && story < begun {
					client.Produce(u.t.Context(), u.event(story, event), func(_ *kgo.Record, err error) {
						if err != nil && u.t.Context().Err() == nil {
							u.t.Errorf("an event cannot be written: %v", err)
						}
					})
				}
			}
		}
		if ctx.Err() != nil {
			continue // the rest without a pause
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	if err := client.Flush(u.t.Context()); err == nil {
		u.told <- begun
	}
}

func (u *upgrade) event(story, event int) *kgo.Record {
	id := fmt.Sprintf("v-%d", story)
	return &kgo.Record{Topic: u.raw, Key: []byte(id), Value: fmt.Appendf(nil,
		`{"provider":"yousign","product":"video","verification_id":%q,"event_id":"%s-%d","status":%q}`,
		id, id, event, storyEvents[event])}
}

// start begins a process of a build.
func (u *upgrade) start(build string) *upgraded {
	u.t.Helper()
	p := startProcess(u.t, []string{"VERDICT_KAFKA_BROKERS=" + u.cluster.Broker(), "VERDICT_OUTPUT_FORMAT=json",
		"VERDICT_KAFKA_SESSION_TIMEOUT=6s", "VERDICT_KAFKA_HEARTBEAT_INTERVAL=100ms"}, build, "run")
	return &upgraded{p, "http://" + p.awaitLog("verdict is starting")["http"].(string)}
}

// follow lets a process of a build join, and the one before leave.
func (u *upgrade) follow(before *upgraded, build string) *upgraded {
	u.t.Helper()
	next := u.start(build)
	next.awaitLog("partitions assigned")
	before.leave()
	awaitAnswer(u.t, next.web+"/readyz", 200, "ready")
	return next
}

func (r *upgraded) leave() {
	r.t.Helper()
	r.signal(syscall.SIGTERM)
	r.awaitExit(0)
}

// goesOn waits until a process is ready and so many more decisions have come.
func (u *upgrade) goesOn(r *upgraded) {
	u.t.Helper()
	awaitAnswer(u.t, r.web+"/readyz", 200, "ready")
	const more = 200
	for goal, limit := u.decided+more, time.Now().Add(patience); u.decided < goal; {
		if u.read(50 * time.Millisecond); time.Now().After(limit) {
			u.t.Fatalf("%d decisions, and no more come:\n%s", u.decided, r.text.String())
		}
	}
}

// read takes up the decisions of a while.
func (u *upgrade) read(limit time.Duration) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), limit)
	defer cancel()
	for ctx.Err() == nil {
		for _, r := range u.reader.PollFetches(ctx).Records() {
			var d struct {
				ID        string `json:"verification_id"`
				Status    string `json:"provider_status"`
				Lifecycle struct {
					Transition string
					Sequence   int
				}
			}
			if err := json.Unmarshal(r.Value, &d); err != nil {
				u.t.Fatalf("%v in %s", err, r.Value)
			}
			u.stories[d.ID] = append(u.stories[d.ID], fmt.Sprintf("%s %s %d", d.Status, d.Lifecycle.Transition,
				d.Lifecycle.Sequence))
			u.decided++
		}
	}
}

// wrote compares the formats that the changelog has with these. Each partition is read as far as it was stable when it
// was first read.
func (u *upgrade) wrote(want ...byte) {
	u.t.Helper()
	reader := u.client(kgo.ConsumeTopics(kafka.Changelog(u.group, u.raw)), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(50*time.Millisecond))
	defer reader.Close()
	ctx, cancel := context.WithTimeout(u.t.Context(), patience)
	defer cancel()
	ends, whole := map[int32]int64{}, map[int32]bool{}
	var formats []byte
	for len(whole) < madePartitions && ctx.Err() == nil {
		reader.PollFetches(ctx).EachPartition(func(p kgo.FetchTopicPartition) {
			if _, ok := ends[p.Partition]; !ok {
				ends[p.Partition] = p.LastStableOffset
			}
			p.EachRecord(func(r *kgo.Record) {
				if !r.Attrs.IsControl() && !slices.Contains(formats, r.Value[0]) {
					formats = append(formats, r.Value[0])
				}
				if r.Offset+1 >= ends[p.Partition] {
					whole[p.Partition] = true
				}
			})
		})
	}
	slices.Sort(formats)
	if len(whole) < madePartitions || !slices.Equal(formats, want) {
		u.t.Fatalf("the changelog has formats %v, want %v; %d partitions were read whole", formats, want, len(whole))
	}
}

// isHeld waits until a process holds all partitions, says why and what to do, and sees that it decides nothing.
func (u *upgrade) isHeld(r *upgraded) {
	u.t.Helper()
	logged, _ := r.awaitLog("a partition is held back; trying again")["error"].(string)
	awaitAnswer(u.t, r.web+"/readyz", 503, "3 partitions are held back")
	before := u.written()
	if u.read(2 * time.Second); u.written() != before { // some tries more
		u.t.Errorf("%d records came to the decisions of partitions that are held", u.written()-before)
	}
	_, ready := get(u.t, r.web+"/readyz")
	for _, part := range []string{kafka.Changelog(u.group, u.raw) + "/", " offset ",
		"a newer version of Verdict has written it", "run that version, or a newer one"} {
		if !strings.Contains(ready, part) || !strings.Contains(logged, part) {
			u.t.Errorf("%q is missing in\n%s\n%s", part, ready, logged)
		}
	}
}

// written is how many records the decisions' topic has, those that end transactions included.
func (u *upgrade) written() (n int64) {
	for _, p := range u.cluster.Kafka.PartitionInfos("idv.decisions.v1") {
		n += p.HighWatermark
	}
	return n
}

// toldOnce lets the stories end and holds what was decided against them.
func (u *upgrade) toldOnce(r *upgraded) {
	u.t.Helper()
	u.finish()
	begun, ok := <-u.told
	if !ok {
		u.t.Fatal("the events could not all be written")
	}
	for limit := time.Now().Add(patience); u.decided < begun*len(storyEvents) && time.Now().Before(limit); {
		u.read(100 * time.Millisecond)
	}
	u.read(500 * time.Millisecond)
	u.t.Logf("%d verifications, %d decisions", begun, u.decided)
	wrong := 0
	for story := range begun {
		id := fmt.Sprintf("v-%d", story)
		if got := u.stories[id]; !slices.Equal(got, storyTold) && wrong < 10 {
			wrong++
			u.t.Errorf("%s: %q, want %q", id, got, storyTold)
		}
	}
	if len(u.stories) != begun {
		u.t.Errorf("%d verifications, want %d", len(u.stories), begun)
	}
	r.leave()
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
