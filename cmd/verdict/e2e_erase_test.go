package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// seesWhoIsErased erases u-9 by the commands of docs/operations.md: the readers bear a record without a value, and
// without headers.
func (r *readers) seesWhoIsErased(month string) {
	r.t.Helper()
	for _, topic := range []string{"verifications", "billing"} {
		r.erase(r.prefix+topic, "u-9")
	}
	r.require("after erasing u-9", "onboarding.py", r.prints("onboarding.py"), []string{
		"fourthline/identity_verification/f-8 APPROVED NOT_APPLICABLE",
		"fourthline/identity_verification/f-9 APPROVED NOT_APPLICABLE", "yousign/video/y-1 APPROVED NOT_APPLICABLE"})
	r.require("after erasing u-9", "billing.py", r.prints("billing.py"), []string{
		"2024-10 yousign APPROVED BILLABLE 1", month + " fourthline APPROVED UNDETERMINED 2"})
	var told []string
	for _, line := range r.meanings() {
		if !strings.Contains(line, "/u-9 ") {
			told = append(told, line)
		}
	}
	r.require("after erasing u-9", "meanings.py", r.prints("meanings.py"), told)
}

var shellBlock = regexp.MustCompile("(?s) *```sh\n(.*?)\n *```")

// erase types what the page says of a verification in a topic.
func (r *realParts) erase(topic, id string) {
	r.t.Helper()
	var commands string
	for _, block := range shellBlock.FindAllStringSubmatch(read(r.t, filepath.Join(root, "docs/operations.md")), -1) {
		if strings.Contains(block[1], "while read") {
			commands = block[1]
		}
	}
	if commands == "" {
		r.t.Fatal("docs/operations.md does not say how a tombstone is written")
	}
	command := exec.Command("bash", "-ceu", commands)
	command.Dir = r.t.TempDir() // they keep a list of keys
	command.Env = append(cleanEnvironment(), "KAFKA="+r.brokers, "T="+topic, "ID="+id)
	if out, err := command.CombinedOutput(); err != nil {
		r.t.Fatalf("erasing %s in %s: %v\n%s", id, topic, err, out)
	}
}
