package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
	"github.com/dockvet/dockvet/shell/fault"
)

// site is the script that a fault is in.
type site struct {
	*shell.Script
	pass    *lint.Pass
	unknown string // what unknownSh says of it
}

// sh is shOf the script. If the base image has BusyBox and a step calls the package manager of a distribution with bash, the
// default of an ARG chose the base image, and sh is not known.
func (s *site) sh() string {
	sh := shOf(s.pass, s.Script)
	if sh == "ash" && strings.HasSuffix(unknownSh(s), " bash") {
		return ""
	}
	return sh
}

// commandAt is the innermost command of at's script that f is in, nil if it is in none.
func commandAt(at *site, f *fault.Fault) (found *shell.Command) {
	for _, c := range at.Commands {
		if c.Script == at.Script && c.Span.Contains(f.Span) {
			found = c
		}
	}
	return found
}

// onFaults makes the check of a rule on one kind of fault. report makes the finding; onFaults gives it the doubt of the
// fault, and the alias if hadolint prints the fault.
//
//go:noinline
func onFaults(kind fault.Kind, report func(*lint.Pass, *site, *fault.Fault) *lint.Finding) lint.Check {
	return lint.OnRun(func(p *lint.Pass, root *shell.Script) {
		reportFaults(p, root, kind, report)
		if len(root.Nested) > 0 { // All costs as much as the check, and most scripts have none
			for s := range root.All() {
				if s != root {
					reportFaults(p, s, kind, report)
				}
			}
		}
	})
}

func reportFaults(
	p *lint.Pass, s *shell.Script, kind fault.Kind, report func(*lint.Pass, *site, *fault.Fault) *lint.Finding,
) {
	var at *site
	var printed *fault.Fault
	faults := fault.Of(s)
	for i := range faults {
		f := &faults[i]
		if f.Kind != kind {
			continue
		}
		if at == nil {
			at = &site{Script: s, pass: p}
			printed = parity.PrintedFault(s, faults)
		}
		if f.Foreign && f != printed {
			continue // no other tool prints it either
		}
		finding := report(p, at, f)
		if f == printed && f.Code != "" {
			finding.Alias(f.Code)
		}
		switch {
		case f.Foreign:
			finding.Note, finding.Help = "", ""
			finding.Doubting("%s", parity.Regardless(f.Doubt))
		case f.Doubt != "":
			finding.Doubting("%s", f.Doubt)
		}
	}
}

// offerQuotes offers to put f in double quotes.
func offerQuotes(at *site, finding *lint.Finding, f *fault.Fault) {
	if before := f.Span.Start - 1; before >= 0 && at.pass.File.Bytes[before] == '\\' {
		return // it belongs to the code around this script
	}
	if f.Doubt != "" || at.pass.File.Text(f.Span) != f.Text || !at.Accepts(`"`) || strings.Contains(f.Text, `"`) {
		return
	}
	finding.Offer(lint.Unsafe, "put "+code(f.Text)+" in double quotes", lint.Insert(f.Span.Start, `"`), lint.Insert(f.Span.End, `"`))
}

// code is text in backticks, unless it contains backticks itself.
func code(text string) string {
	text = short(text)
	switch n := strings.Count(text, "`"); {
	case n%2 == 1: // the closing one was cut off
		return text + "`"
	case n > 0:
		return text
	}
	return "`" + text + "`"
}

// short is text on one line, cut off if it is long.
func short(text string) string {
	const limit = 40
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= limit {
		return text
	}
	cut := strings.LastIndexByte(text[:limit], ' ')
	if cut < limit/2 {
		cut = limit
		for text[cut]&0xC0 == 0x80 {
			cut-- // not inside a rune
		}
	}
	return text[:cut] + "…"
}
