package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// presence says whether a directory exists.
type presence int

const (
	unclear presence = iota
	absent
	present
)

// directory says whether dir, an absolute path, exists as a directory before step.
func directory(p *lint.Pass, step *plan.Step, dir string) presence {
	if step.Workdir.Known && plan.Within(step.Workdir.Text, dir) {
		return present
	}
	for before := range step.Before() {
		switch found := makes(p, before, dir); found {
		case present, unclear:
			return found
		case absent:
		}
	}
	return inBase(step.Stage, dir)
}

// makes says whether step makes the directory dir. It is absent if the step has nothing to do with it.
func makes(p *lint.Pass, step *plan.Step, dir string) presence {
	switch in := step.Instruction; in.Name {
	case "RUN":
		return madeByRun(p, step, dir)
	case "WORKDIR":
		if step.Workdir.Known && plan.Within(step.Workdir.Text, dir) {
			return present
		}
		if strings.Contains(in.Text.String, "$") {
			return unclear
		}
	case "VOLUME":
		if strings.Contains(in.Text.String, dir) || strings.Contains(in.Text.String, "$") {
			return unclear
		}
	case "COPY", "ADD":
		t := step.Copy
		switch {
		case t == nil:
		case !t.To.Known || !path.IsAbs(t.To.Text) && !step.Workdir.Known:
			return unclear
		default:
			to := step.Destination()
			if to != dir && plan.Within(to, dir) || to == dir && slashed(t.To.Text) {
				return present
			}
			if plan.Within(dir, to) {
				return unclear // the sources may be or contain such a directory
			}
		}
	}
	return absent
}

func madeByRun(p *lint.Pass, step *plan.Step, dir string) presence {
	sc := p.Script(step)
	if sc == nil || sc.Err != nil || sc.File == nil {
		return unclear
	}
	for _, c := range sc.Commands {
		if c.Name == "mkdir" && !c.Sub && slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
			return w.Literal && path.IsAbs(w.Text) && plan.Within(path.Clean(w.Text), dir)
		}) {
			return present
		}
	}
	// What the script mentions it may make, and so may a program of the build.
	if text := sc.Text.String; strings.Contains(text, path.Base(dir)) || slices.ContainsFunc(sc.Commands, container.Opaque) {
		return unclear
	}
	return absent
}

// inBase says whether the base image of s has dir.
func inBase(s *plan.Stage, dir string) presence {
	var root *plan.Image
	for _, stage := range s.Lineage() {
		root = stage.Base
	}
	switch {
	case dir == "/":
		return present
	case root == nil:
		return unclear
	case root.Scratch:
		return absent
	case !root.External():
		if image.Standard(dir) {
			return present
		}
		return unclear
	}
	if has, known := image.Of(*root.Ref).Directory(dir); known {
		if has {
			return present
		}
		return absent
	}
	return unclear
}

// slashed reports whether a destination says that it is a directory.
func slashed(to string) bool {
	return strings.HasSuffix(to, "/") || strings.HasSuffix(to, `\`) || path.Base(to) == "." || path.Base(to) == ".."
}
