package parity

import (
	"path"
	"slices"

	"github.com/dockvet/dockvet/shell"
)

// Bare reports whether c is called by its bare name, and not through another command. hadolint recognises no other call: it
// compares the first word as it is written and does not look past sudo or env.
func Bare(c *shell.Command) bool {
	return c.Outer == nil && len(c.Words) > 0 && c.Words[0].Text == path.Base(c.Words[0].Text)
}

// PipefailOn reports whether hadolint sees that pipefail is on in sc. It only looks for a SHELL of the same stage that starts
// bash, zsh or ash.
func PipefailOn(sc *shell.Script) bool {
	set := sc.Step.Shell
	return set.Step != nil && set.Step.Stage == sc.Step.Stage && shell.Pipefail(set.Words) &&
		slices.Contains([]string{"bash", "zsh", "ash"}, path.Base(set.Words[0]))
}

// UncheckedPipe reports whether hadolint prints DL4006 for a script with a pipe.
func UncheckedPipe(sc *shell.Script) bool {
	return !sc.Exec && !sc.Step.OnBuild && !PipefailOn(sc)
}
