package status

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor/kafka"
	"verdict/processor/kafka/overview"
	"verdict/rules/wording"
)

// kind is what is wrong.
type kind string

// Kinds, the worst first. The first few are what an outcome is Wrong by.
const (
	kindMissing   kind = "missing_topic"
	kindNobody    kind = "nobody"
	kindHeld      kind = "held"
	kindLate      kind = "late"
	kindBlocked   kind = "blocked"
	kindUnread    kind = "unread"
	kindNoOwner   kind = "no_owner"
	kindLost      kind = "lost"
	kindRestoring kind = "restoring"
	kindStarting  kind = "starting"
	kindTwice     kind = "same_instance"
	kindNotReady  kind = "not_ready"
	kindUnmarked  kind = "unmarked"
	kindRules     kind = "rules"
	kindOthers    kind = "other_topics"
	kindSharing   kind = "sharing"
)

var kinds = []kind{kindMissing, kindNobody, kindHeld, kindLate, kindBlocked, kindUnread, kindNoOwner, kindLost,
	kindRestoring, kindStarting, kindTwice, kindNotReady, kindUnmarked, kindRules, kindOthers, kindSharing}

// fails says whether a look that finds such a thing ends with Wrong.
func (k kind) fails() bool { return slices.Index(kinds, k) <= slices.Index(kinds, kindLate) }

// problem is something that is wrong, or worth knowing.
type problem struct {
	Kind       kind     `json:"kind"`
	Fails      bool     `json:"fails"` // it is what makes the outcome wrong
	Text       string   `json:"text"`
	Partitions []string `json:"partitions,omitempty"`
}

func (r *report) problem(k kind, parts []*partView, format string, args ...any) {
	p := problem{Kind: k, Fails: k.fails(), Text: fmt.Sprintf(format, args...)}
	for _, part := range parts {
		p.Partitions = append(p.Partitions, part.String())
		if part.bad == "" || slices.Index(kinds, k) < slices.Index(kinds, part.bad) {
			part.bad = k
		}
	}
	r.Problems = append(r.Problems, p)
}

// those are the partitions of which something holds.
func (r *report) those(holds func(*partView) bool) []*partView {
	var list []*partView
	for i := range r.Partitions {
		if holds(&r.Partitions[i]) {
			list = append(list, &r.Partitions[i])
		}
	}
	return list
}

// judge says what is wrong.
func (l *looker) judge(r *report, v *overview.View) {
	switch len(v.Missing) {
	case 0:
	case 1:
		r.problem(kindMissing, nil, "the topic %s is not there: create it (`verdict topics --create`), or grant "+
			"DESCRIBE on it", v.Missing[0])
	default:
		r.problem(kindMissing, nil, "%d topics are not there: %s: create them (`verdict topics --create`), or grant "+
			"DESCRIBE on them", len(v.Missing), strings.Join(v.Missing, ", "))
	}
	r.waiting(v, l.o.MaxAge)
	r.owners(v)
	r.states()
	r.offsets()
	r.rules()
	l.twice(r)
	for i := range r.Members {
		if m := &r.Members[i]; m.Ready != nil && !*m.Ready && !r.tells(m) {
			r.problem(kindNotReady, nil, "%s is not ready%s%s", l.name(m.ClientID),
				screen.Either(m.Since == nil, "", " for "+r.age(m.Since)),
				screen.Either(m.Reason == "", "", ": "+m.Reason))
		}
	}
	slices.SortStableFunc(r.Problems, func(a, b problem) int {
		return cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))
	})
	for _, p := range r.Problems {
		if p.Fails {
			r.Outcome = Wrong
		} else if p.Kind == kindUnread && r.Outcome == Fine {
			r.Outcome = Unknown
		}
	}
}

// tells says whether why a member is not ready has been told with one of its partitions: it is the same reason, with
// words around it.
func (r *report) tells(m *memberView) bool {
	return slices.ContainsFunc(r.Partitions, func(p partView) bool {
		return p.Owner == m.ClientID && p.Reason != "" && strings.Contains(m.Reason, p.Reason)
	})
}

// waiting tells of records that wait for nobody, or too long, or of which that cannot be seen.
func (r *report) waiting(v *overview.View, maxAge time.Duration) {
	waits := r.those(func(p *partView) bool { return p.Lag != nil && *p.Lag > 0 })
	if len(waits) > 0 && len(r.Members) == 0 {
		r.problem(kindNobody, waits, "nobody is in the group %s%s, and %s: start an instance (`verdict run`), or name "+
			"the right group by kafka.group", r.Group, screen.Either(v.State == "", ", which has never been", ""),
			screen.Either(r.Lag == 1, "a record waits", fmt.Sprintf("%d records wait", r.Lag)))
	}
	late := r.those(func(p *partView) bool { return p.Oldest != nil && r.At.Sub(*p.Oldest) > maxAge })
	if len(late) > 0 {
		oldest := slices.MinFunc(late, func(a, b *partView) int { return a.Oldest.Compare(*b.Oldest) })
		r.problem(kindLate, late, "records of %s wait for more than %s, the oldest for %s", names(late),
			screen.FormatDuration(maxAge), r.age(oldest.Oldest))
	}
	r.each(r.those(func(p *partView) bool { return p.Error != "" }), kindUnread,
		func(p *partView) string { return p.Error },
		func(list []*partView) string { return "how old what waits is cannot be seen of " + names(list) })
}

// owners tells of partitions that no member has.
func (r *report) owners(v *overview.View) {
	switch v.State {
	case "PreparingRebalance", "CompletingRebalance":
		r.problem(kindSharing, nil, "the group is sharing its partitions out: look again in some seconds")
	case "Stable":
		lacks := map[string][]*partView{}
		for _, p := range r.those(func(p *partView) bool { return p.Owner == "" }) {
			lacks[p.Topic] = append(lacks[p.Topic], p)
		}
		for _, topic := range slices.Sorted(maps.Keys(lacks)) {
			r.lacksOwner(topic, lacks[topic])
		}
	}
	if len(v.Others) > 0 {
		r.problem(kindOthers, nil, "members read topics that topics.raw of these settings does not name: %s",
			strings.Join(v.Others, ", "))
	}
}

func (r *report) lacksOwner(topic string, list []*partView) {
	added := func(p *partView) bool { return p.Committed == nil }
	all := r.those(func(p *partView) bool { return p.Topic == topic })
	switch {
	case len(list) == len(all):
		r.problem(kindNoOwner, list, "no member reads the topic %s: it is new, or the instances have other settings "+
			"(topics.raw)", topic)
	case !slices.ContainsFunc(list, func(p *partView) bool { return !added(p) }):
		r.problem(kindNoOwner, list, "no member reads %s yet: partitions that were added are taken up in a while; "+
			"if this stays, restart an instance", names(list))
	default:
		r.problem(kindNoOwner, list, "no member has %s: if this stays, restart an instance", names(list))
	}
}

// states tells what the instances say of partitions that they do not decide.
func (r *report) states() {
	for _, s := range []struct {
		state string
		kind  kind
	}{{kafka.StateHeld, kindHeld}, {kafka.StateRestoring, kindRestoring}, {kafka.StateStarting, kindStarting}} {
		r.each(r.those(func(p *partView) bool { return p.State == s.state }), s.kind,
			func(p *partView) string { return p.Reason },
			func(list []*partView) string {
				text := fmt.Sprintf("%s %s %s", names(list), screen.Either(len(list) == 1, "is", "are"), s.state)
				if age := r.age(longest(list)); age != "-" {
					text += " for " + age
				}
				return text
			})
	}
	r.each(r.those((*partView).blocked), kindBlocked, func(p *partView) string { return p.Reason },
		func(list []*partView) string {
			return names(list) + screen.Either(len(list) == 1, " gets", " get") + " no further"
		})
}

// longest is when the first of the partitions came into its state; nil: not known.
func longest(list []*partView) (since *time.Time) {
	for _, p := range list {
		if p.Since != nil && (since == nil || p.Since.Before(*since)) {
			since = p.Since
		}
	}
	return since
}

// each tells of partitions, those with the same reason together.
func (r *report) each(list []*partView, k kind, reason func(*partView) string, text func([]*partView) string) {
	by := map[string][]*partView{}
	var reasons []string
	for _, p := range list {
		why := withoutPlace(reason(p), p.String())
		if by[why] == nil {
			reasons = append(reasons, why)
		}
		by[why] = append(by[why], p)
	}
	for _, why := range reasons {
		r.problem(k, by[why], "%s%s", text(by[why]), screen.Either(why == "", "", ": "+why))
	}
}

// withoutPlace leaves out of a reason which partition it is about, so that the same reason is the same text.
func withoutPlace(reason, place string) string {
	reason = strings.TrimPrefix(reason, place+": ")
	reason = strings.TrimPrefix(reason, place+" ") // an offset follows
	reason = strings.ReplaceAll(reason, ", "+place+":", ":")
	return strings.ReplaceAll(reason, " "+place, " it") // a changelog's name ends with its raw topic's
}

// offsets tells of offsets that are not as an instance leaves them.
func (r *report) offsets() {
	if lost := r.those(func(p *partView) bool { return p.lost > 0 }); len(lost) > 0 {
		n := int64(0)
		for _, p := range lost {
			n += p.lost
		}
		r.problem(kindLost, lost, "%s of %s %s removed before the group had decided what was there (retention, or "+
			"delete-records): kafka.on_truncation says what instances do", wording.Count(int(n), "offset"), names(lost),
			screen.Either(n == 1, "was", "were"))
	}
	strange := r.those(func(p *partView) bool { return p.Committed != nil && p.LastCommit == nil })
	if len(strange) > 0 {
		r.problem(kindUnmarked, strange, "the %s of %s %s committed by another tool or an older version: when, and by "+
			"which rules, is not known", screen.Either(len(strange) == 1, "offset", "offsets"), names(strange),
			screen.Either(len(strange) == 1, "was", "were"))
	}
}

// twice tells of members with one name. An instance that was killed is also a member until its session has ended.
func (l *looker) twice(r *report) {
	count := map[string]int{}
	for i := range r.Members {
		count[r.Members[i].ClientID]++
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		if n := count[name]; n > 1 {
			r.problem(kindTwice, nil, "%d members are called %s: if this stays, processes have the same "+
				"kafka.instance_id; give each its own", n, l.name(name))
		}
	}
}

// rules tells where instances work by different ones. An offset that nothing moves keeps the version that it was
// committed by, so only what has an owner counts, and of that the instances' own word; of one that was not asked, its
// last commit's.
func (r *report) rules() {
	versions, what := map[string]int{}, "instance"
	if slices.ContainsFunc(r.Members, func(m memberView) bool { return m.RulesVersion != "" }) {
		for i := range r.Members {
			if version := cmp.Or(r.Members[i].RulesVersion, r.Members[i].marked); version != "" {
				versions[version]++
			}
		}
	} else {
		what = "partition"
		for _, p := range r.those(func(p *partView) bool { return p.Owner != "" && p.RulesVersion != "" }) {
			versions[p.RulesVersion]++
		}
	}
	if len(versions) < 2 {
		return
	}
	var texts []string
	for _, version := range slices.Sorted(maps.Keys(versions)) {
		texts = append(texts, fmt.Sprintf("%s (%s)", plain(version), wording.Count(versions[version], what)))
	}
	r.problem(kindRules, nil, "rules differ: %s", strings.Join(texts, ", "))
}
