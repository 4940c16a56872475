package main

import (
	"os"
	"os/exec"
	"testing"
)

// A command that moves state does all of it, also when nobody reads what it prints any more.
func TestStateResetIsDoneAlthoughNobodyReads(t *testing.T) {
	s := newStoryStage(t)
	s.emptyGroupTakesOffsets()
	s.tellPending(8)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = write.Close() }()
	args := []string{"state", "reset", "--yes"}
	for _, set := range s.settings {
		args = append(args, "--set", set)
	}
	command := exec.Command("verdict", args...)
	command.Stdout, command.Env = write, cleanEnvironment()
	if err := command.Run(); err != nil {
		t.Errorf("verdict state reset: %v", err)
	}
	stats, _ := s.command(exitOK, "state", "stats")
	contains(t, stats, "0 verifications in ")
}
