package rules_test

import (
	"testing"
	"time"

	"verdict/rules"
)

// What is remembered of a status finds it again.
func TestStatusByHash(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		for _, s := range v.Statuses {
			if found := v.StatusByHash(rules.StatusHash(v.Name, s.Name)); found != s || s.Hash>>24 != 0 {
				t.Errorf("%s/%s: hash %x finds %v", v.Name, s.Name, s.Hash, found)
			}
		}
		if found := v.StatusByHash(rules.StatusHash(v.Name, "elsewhere")); found != nil {
			t.Errorf("%s: a status that it lacks is %s", v.Name, found.Name)
		}
	}
}

// The two limits that are set: no page names any.
func TestOverdueAfter(t *testing.T) {
	for _, v := range rules.Embedded().Vocabularies() {
		for _, s := range v.Statuses {
			after, basis := time.Duration(0), ""
			if name := v.Name + "/status/" + s.Name; name == "yousign-video/status/pending" ||
				name == "veriff-idv/status/submitted" {
				after, basis = 24*time.Hour, "policy:"+name+"/overdue_after"
			}
			if s.OverdueAfter != after || s.OverdueBasis != basis {
				t.Errorf("%s/%s: overdue after %v by %q", v.Name, s.Name, s.OverdueAfter, s.OverdueBasis)
			}
		}
	}
}
