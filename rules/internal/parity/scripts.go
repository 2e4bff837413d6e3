package parity

import (
	"path"
	"slices"

	"github.com/dockvet/dockvet/shell"
	"github.com/dockvet/dockvet/shell/fault"
)

// Bare reports whether c is called by its bare name, and not through another command. hadolint recognises no other
// call: it compares the first word as it is written and does not look past sudo or env.
func Bare(c *shell.Command) bool {
	return c.Outer == nil && len(c.Words) > 0 && c.Words[0].Text == path.Base(c.Words[0].Text)
}

// PipefailOn reports whether hadolint sees that pipefail is on in sc. It only looks for a SHELL of the same stage that
// starts bash, zsh or ash.
func PipefailOn(sc *shell.Script) bool {
	set := sc.Step.Shell
	return set.Step != nil && set.Step.Stage == sc.Step.Stage && shell.Pipefail(set.Words) &&
		slices.Contains([]string{"bash", "zsh", "ash"}, path.Base(set.Words[0]))
}

// UncheckedPipe reports whether hadolint prints DL4006 for a script with a pipe.
func UncheckedPipe(sc *shell.Script) bool {
	return !sc.Exec && sc.Outer == nil && !sc.Step.OnBuild && !PipefailOn(sc)
}

// PrintedFault is the one of the faults of sc that hadolint prints, nil if it prints none. hadolint runs ShellCheck and
// keeps only the last thing that it says about a RUN. It does not tell ShellCheck the options of SHELL, and neither of
// them reads the exec form or code in the arguments of a shell.
func PrintedFault(sc *shell.Script, faults []fault.Fault) *fault.Fault {
	var last *fault.Fault
	if sc.Exec || sc.Outer != nil {
		return nil
	}
	for i := range faults {
		f := &faults[i]
		if (last == nil || f.At > last.At) && !f.ByShell {
			last = f
		}
	}
	return last
}

// Cd reports whether hadolint prints DL3003 for a `cd`.
func Cd(c *shell.Command) bool { return c.Script.Outer == nil && !c.Script.Step.OnBuild }

// HostCommand reports whether hadolint prints DL3001 for c.
func HostCommand(c *shell.Command) bool {
	switch c.Name {
	case "free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim":
		return Bare(c)
	}
	return false
}

// LinkedSh reports whether hadolint prints DL4005 for c, which replaces the shell at path.
func LinkedSh(c *shell.Command, path string) bool {
	return c.Name == "ln" && Bare(c) && path == "/bin/sh"
}

// LongUID reports whether hadolint prints DL3046 for c, a useradd. flag is how the user's number is given, and source
// is the number as it is written, in quotes or as a variable. hadolint counts its characters.
func LongUID(c *shell.Command, flag, source string) bool {
	return flag == "-u" && Bare(c) && len(source) > 5
}
