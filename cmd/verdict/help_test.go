package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// The help of each command fits terminals of different widths, and loses no word.
func TestHelpFits(t *testing.T) {
	root := newRootCommand(streams{})
	for _, cmd := range append(commandsBelow(root), root) {
		whole := strings.Join(strings.Fields(helpText(cmd, 1000)), " ")
		for _, width := range []int{60, 80, 100} {
			text := helpText(cmd, width)
			if strings.Join(strings.Fields(text), " ") != whole {
				t.Errorf("%s at %d columns has other words than without a limit", cmd.CommandPath(), width)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if n := utf8.RuneCountInString(line); n > max(width, 80) {
					t.Errorf("%s at %d columns has a line of %d: %s", cmd.CommandPath(), width, n, line)
				}
			}
		}
	}
}

// A line of a help's list that goes on in the next one is not broken on a terminal of 80 columns, in mid-sentence.
func TestHelpListsFit(t *testing.T) {
	for _, cmd := range commandsBelow(newRootCommand(streams{})) {
		lines := strings.Split(cmd.Long, "\n")
		for i, line := range lines[:len(lines)-1] {
			goesOn := strings.HasPrefix(line, "  ") && strings.HasPrefix(lines[i+1], "      ")
			if n := utf8.RuneCountInString(line); goesOn && n > 80 {
				t.Errorf("%s: %d columns, and the text goes on: %s", cmd.CommandPath(), n, line)
			}
		}
	}
}

// A wrong call names what was probably meant, and the help of the command that was called.
func TestWrongCallsSuggest(t *testing.T) {
	for call, want := range map[string][]string{
		"decide --explan x":             {"unknown flag: --explan; did you mean --explain?", "`verdict decide --help`"},
		"decide a b":                    {"decide takes at most 1 argument: b is too much", "`verdict decide --help`"},
		"decied":                        {"decied: no such command; did you mean decide?", "`verdict --help`"},
		"decde --input auto x":          {"decde: no such command; did you mean decide?"},
		"run x y":                       {"run takes no argument: x y is too much", "`verdict run --help`"},
		"zzzzzz":                        {"zzzzzz: no such command\n`verdict --help` tells what there is"},
		"help decde":                    {"help decde: no such command; did you mean decide?"},
		"completion bsh":                {"completion bsh: no such shell; did you mean bash?"},
		"completion tcl":                {"completion tcl: no such shell; write bash, fish, powershell or zsh"},
		"demo -x":                       {"unknown shorthand flag: 'x' in -x", "`verdict demo --help`"},
		"run --config a --conifg b":     {"did you mean --config?"},
		"topics --replication-facto 3":  {"did you mean --replication-factor?"},
		"catalog yousign":               {"did you mean yousign-video?"},
		"catalog fourthline":            {"did you mean fourthline-docauth or fourthline-idv?"},
		"catalog yousign-vidoe":         {"did you mean yousign-video?"},
		"catalog yousign-video aproved": {"neither a status nor a code of yousign-video; did you mean approved?"},
		"catalog 99999":                 {"no vocabulary lists this code"},
	} {
		var out, errs strings.Builder
		code := run(strings.Fields(call), streams{strings.NewReader(""), &out, &errs})
		if code != exitUsage {
			t.Errorf("%s: exit code %d, want %d", call, code, exitUsage)
		}
		for _, text := range want {
			if !strings.Contains(errs.String(), text) {
				t.Errorf("%s: %q is missing in\n%s", call, text, errs.String())
			}
		}
	}
}

func TestVersionFlag(t *testing.T) {
	said := map[string]bool{}
	for _, call := range []string{"version", "--version", "-v"} {
		var out, errs strings.Builder
		if code := run([]string{call}, streams{strings.NewReader(""), &out, &errs}); code != exitOK {
			t.Errorf("%s: exit code %d, %s", call, code, errs.String())
		}
		said[out.String()] = true
	}
	if len(said) != 1 {
		t.Errorf("not all say the same: %v", said)
	}
}
