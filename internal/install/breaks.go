package install

import (
	"cmp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// NeedsLock is what of call makes it fail without a lock file, as a message names it: the command, with the option or the variable
// that matters; "" if it does not fail.
func NeedsLock(call *shell.Call) string {
	lock := Manager(call).Lock
	if lock == nil {
		return ""
	}
	for _, n := range lock.Needed {
		if !of(cmp.Or(n.Verbs, lock.Verbs), call.Verb.Text) {
			continue
		}
		if len(n.Flags) == 0 {
			return "`" + Command(call) + "`"
		}
		if flag := call.Command.Flag(n.Flags...); flag != nil && !strings.HasSuffix(flag.Text, "=false") {
			return "`" + Command(call) + " " + flag.Text + "`"
		}
		for _, name := range n.Env {
			if v := call.Command.Script.Step.Env.Lookup(name); v != nil && (v.Value().Text == "1" || v.Value().Text == "true") {
				return "`" + Command(call) + "` with `" + name + "`"
			}
		}
	}
	return ""
}

// Fails reports whether the step of call certainly fails if no lock file is copied: call needs one, nothing before it
// can create one, and a failure of call fails the step.
func (f *Facts) Fails(call *shell.Call) bool {
	step := call.Command.Script.Step
	if NeedsLock(call) == "" || !decides(call.Command) {
		return false
	}
	if f.makesLock(step, call) {
		return false
	}
	for before := range step.Before() {
		if f.makesLock(before, call) {
			return false
		}
	}
	return true
}

// makesLock reports whether step may create the lock file of call before call runs.
func (f *Facts) makesLock(step *plan.Step, call *shell.Call) bool {
	m := Manager(call)
	text := step.Instruction.Text.String
	if mentions(text, m.Lock.Files) {
		return true
	}
	if step.Copy != nil {
		return step.Copy.From != nil || step.Copy.Add
	}
	sc := f.p.Script(step)
	if sc == nil {
		return step.Instruction.Name == "RUN"
	}
	return sc.Err != nil || slices.ContainsFunc(sc.Calls(), func(c *shell.Call) bool {
		return c != call && Manager(c).Family == m.Family && c.Command.Span.Start < call.Command.Span.Start
	})
}

// decides reports whether a failure of c fails its step.
func decides(c *shell.Command) bool {
	sc := c.Script
	if c.Outer != nil || sc.Err != nil || sc.ForWindows() {
		return false
	}
	if c.Stmt == nil {
		return sc.Exec
	}
	if sc.File == nil {
		return false
	}
	stops := false // by `set -e`
	for i, stmt := range sc.File.Stmts {
		last := i == len(sc.File.Stmts)-1
		if (last || stops) && fails(stmt, c.Stmt, last) {
			return true
		}
		stops = stops || setsErrexit(stmt)
	}
	return false
}

// fails reports whether stmt fails if inner does. If it is not the last statement, only `set -e` ends the script, which
// ignores all but the last command of an `&&` list.
func fails(stmt, inner *syntax.Stmt, last bool) bool {
	if stmt.Negated || stmt.Background || stmt.Coprocess {
		return false
	}
	if b, ok := stmt.Cmd.(*syntax.BinaryCmd); ok {
		return b.Op == syntax.AndStmt && (fails(b.Y, inner, last) || last && fails(b.X, inner, last))
	}
	return stmt == inner
}

func setsErrexit(stmt *syntax.Stmt) bool {
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) < 2 || call.Args[0].Lit() != "set" {
		return false
	}
	word := call.Args[1].Lit()
	return strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.Contains(word, "e")
}
