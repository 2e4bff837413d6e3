package reorder

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// aside is the first of the steps above run that it can come before, if run only works on files that its words name and one of these steps
// copies other files; else nil. What the files come from and what else works on them comes with it, in order.
func aside(run *plan.Step, scripts *shell.Scripts) (to *plan.Step, with []*parser.Instruction) {
	places, ok := worksOn(run, scripts)
	if !ok {
		return nil, nil
	}
	overlap := func(names []string) bool {
		return slices.ContainsFunc(names, func(x string) bool {
			return slices.ContainsFunc(places, func(y string) bool { return plan.Within(x, y) || plan.Within(y, x) })
		})
	}
	group := []*plan.Step{run}
walk:
	for _, step := range slices.Backward(run.Stage.Steps[max(0, run.Index-far):run.Index]) {
		switch step.Instruction.Name {
		case "LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL":
		case "COPY", "ADD":
			if step.Copy == nil {
				break walk
			}
			dest := step.Destination()
			switch {
			case !path.IsAbs(dest) || strings.Contains(dest, "$"):
				break walk
			case overlap([]string{dest}):
				group, places = append(group, step), append(places, dest)
			case !apart(dest) || finds(run, dest):
				break walk
			default:
				to = step
			}
		case "RUN":
			names, ok := worksOn(step, scripts)
			if !ok || !overlap(names) {
				break walk
			}
			group, places = append(group, step), append(places, names...)
		default:
			break walk
		}
	}
	if to == nil {
		return nil, nil
	}
	for i := len(group) - 1; i >= 0; i-- {
		step := group[i]
		if step.Index > to.Index {
			with = append(with, step.Instruction)
		}
	}
	return to, with
}

// accounts are the directories that a command which adds users or groups, or looks for them, works on.
var accounts = []string{"/etc", "/home", "/var/mail", "/var/spool"}

// worksOn are the files and directories that run reads or writes, if each of its commands is known to work on nothing but what it names.
func worksOn(run *plan.Step, scripts *shell.Scripts) (names []string, ok bool) {
	sc := scripts.Of(run)
	if sc == nil || sc.Err != nil || len(sc.Nested) > 0 || len(sc.Commands) == 0 || len(run.Mounts) > 0 {
		return nil, false
	}
	for _, c := range sc.Commands {
		if c.Stmt == nil || len(c.Stmt.Redirs) > 0 || len(c.Assigns) > 0 || c.Sub || c.PipeFrom != nil || c.PipeTo != nil {
			return nil, false
		}
		operands := c.Operands()
		switch c.Name {
		case "set", "true", ":":
			continue
		case "mkdir", "touch", "ln":
		case "rm":
			if !c.Has("-f", "--force") {
				return nil, false // it fails without the file
			}
		case "chmod", "chown", "chgrp":
			if len(operands) > 0 {
				operands = operands[1:] // the mode or the owner
			}
			if c.Name != "chmod" {
				names = append(names, accounts...)
			}
		case "sed":
			if !c.Has("-i", "--in-place") || c.Has("-e", "-f", "--expression", "--file") || len(operands) < 2 {
				return nil, false
			}
			operands = operands[1:] // the script
		case "useradd", "adduser", "groupadd", "addgroup":
			names = append(names, accounts...)
			for _, w := range c.Args() {
				if !w.Literal && strings.ContainsAny(w.Text, "/`(") {
					return nil, false
				}
				if _, value, given := strings.Cut(w.Text, "="); given {
					w.Text = value
				}
				if path.IsAbs(w.Text) {
					names = append(names, w.Text)
				}
			}
			continue
		default:
			return nil, false
		}
		if len(operands) == 0 {
			return nil, false
		}
		for _, w := range operands {
			name, ok := place(run, w)
			if !ok {
				return nil, false
			}
			names = append(names, name)
		}
	}
	return names, len(names) > 0
}

// place is the path that w names in run, or the directory of those that a pattern matches. ok is false if that is not known.
func place(run *plan.Step, w shell.Word) (name string, ok bool) {
	if !w.Literal || w.Text == "" {
		return "", false
	}
	name = w.Text
	if i := strings.IndexAny(name, "*?[{~"); i >= 0 {
		name = name[:strings.LastIndexByte(name[:i], '/')+1]
	}
	if !path.IsAbs(name) {
		if !run.Workdir.Known {
			return "", false
		}
		name = path.Join(run.Workdir.Text, name)
	}
	return path.Clean(name), path.IsAbs(name)
}
