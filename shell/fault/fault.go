// Package fault finds mistakes in shell code that do not depend on what its commands do, such as unquoted variables and
// bash syntax in a script for sh. It is modelled on what ShellCheck is known to report. Each kind of fault has a file
// of its own.
package fault

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// Kind is a kind of fault.
type Kind int

// The kinds of faults.
const (
	UnquotedVariable            Kind = iota // the value is split at whitespace and expanded as a glob
	UnquotedCommandSubstitution             // so is the output of a command
	MaskedExitStatus                        // `export A=$(cmd)` succeeds even if cmd fails
	SingleQuotedExpansion                   // `'$A'` is not expanded
	UselessBackslash                        // `\d` outside quotes is `d`
	LeadingGlob                             // `*` may match a name that starts with a dash
	BacktickSubstitution                    // the old form of `$(…)`
	OneTurnLoop                             // `for a in b`
	EchoEscapes                             // what `echo "\n"` prints depends on the shell
	VariablePrintfFormat                    // `printf "$A"`
	UnusedShellVariable                     // set but never read
	InertNegation                           // `! cmd` does not stop a script under `set -e`
	UnguardedCd                             // after a failed cd the next command runs in the wrong directory
	AndOrAsIfElse                           // `a && b || c` is not if-then-else
	FindToXargs                             // xargs splits names that contain whitespace
	DotWithArguments                        // `. file arg`: POSIX does not pass arguments on
	Bashism                                 // syntax or a command that sh may lack
)

// Fault is one fault at one place of a script.
type Fault struct {
	Kind Kind
	// Code is ShellCheck's code for the fault, "" if it is not known to have one.
	Code string
	// Span is the range of the fault in the Dockerfile, in bytes.
	Span parser.Span
	// At is the offset in bytes in Script.Text at which ShellCheck places the fault. It need not be the start of Span.
	At int
	// Text is what a message names: the variable, the word or the command. For a Bashism it is the feature, as a noun
	// phrase.
	Text string
	// Effect says, for a Bashism, what a shell without the feature does: a clause without its subject. It is empty if all
	// shells in use have the feature.
	Effect string
	// Other is a second command, and OtherSpan its range in the Dockerfile: for an AndOrAsIfElse the one after `||`. It has no range
	// where it is the one that declares the variable, such as export: for a MaskedExitStatus, and for an unquoted value, which only
	// older releases of dash split in a declaration.
	Other     string
	OtherSpan parser.Span
	// Doubt says why it may not be a fault here, "" if nothing speaks against it.
	Doubt string
	// Foreign says that the shell that runs the code does not have the fault, as Doubt says. Only tools that read all code as that
	// of sh report it.
	Foreign bool
	// Fatal says, for a Bashism, that a shell without the feature runs nothing of the script: it exits with a syntax
	// error.
	Fatal bool
	// ByShell says, for an InertNegation, that `set -e` is only in the SHELL instruction.
	ByShell bool
}

// Of returns the faults of s, ordered by At and then by Code, without those of the scripts in it. They are computed once
// for each script. There are none for a script that does not parse or is not run by a POSIX-like shell. A script for the
// default shell of a Windows image is read as if sh ran it, as other tools do; each of its faults has a Doubt. In a script
// that is Mixed, only faults that do not depend on what the outer shell puts in are found.
func Of(s *shell.Script) []Fault { return faults.Of(s) }

var faults = shell.NewAnalysis(find)

func find(s *shell.Script) []Fault {
	doubt := ""
	if s.Dialect == shell.Other && s.Shell == "cmd" && s.Step.Shell.Step == nil && !s.Exec {
		s = s.As("sh")
		if slices.ContainsFunc(s.Commands, isTypeLiteral) {
			return nil
		}
		doubt = "the default shell of a Windows image is not a POSIX shell"
	}
	if s.File == nil || s.Dialect == shell.Zsh {
		return nil
	}
	c := checker{script: s, text: s.Text.String}
	c.run()
	if s.Mixed {
		c.faults = slices.DeleteFunc(c.faults, func(f Fault) bool {
			fixed := f.Kind == Bashism || f.Kind == UnguardedCd || f.Kind == AndOrAsIfElse || f.Kind == InertNegation
			return !fixed || c.text[f.At] == '$'
		})
	}
	order.By(c.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Code, b.Code))
	})
	if doubt != "" {
		for i := range c.faults {
			c.faults[i].Doubt, c.faults[i].Foreign = doubt, true
		}
	}
	return c.faults
}

// isTypeLiteral reports whether c begins with PowerShell's `[Type]::Member`, which no POSIX shell reads.
func isTypeLiteral(c *shell.Command) bool {
	return len(c.Words) > 0 && len(c.Words[0].Text) > 1 && c.Words[0].Text[0] == '[' && c.Name != "[["
}
