package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/litter"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingStartFile reports a container that starts a JavaScript or Python file which the image lacks: the directory of the build
// context that is copied to its place has other such files, but not this one, and no step may make it.
var MissingStartFile = &lint.Rule{
	Name: "missing-start-file", Category: lint.Runtime,
	Summary:  "the container starts a file that the image does not have",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		target := p.Plan.Target
		if target == nil || target.Windows() {
			return
		}
		for _, t := range container.Of(p).Tasks() {
			i := sourceFile(&t)
			if i == 0 {
				continue
			}
			w := t.Words[i]
			at := w.Text
			if !path.IsAbs(at) {
				at = path.Join(t.Dir, at)
			}
			if _, ok := p.Origin(target, at); ok {
				continue
			}
			step, name := lacking(p, target, at)
			if step == nil {
				continue
			}
			others := sources(p, name)
			if len(others) == 0 || mayMake(p, target, at) {
				continue
			}
			f := p.Report(w.Span, "`%s` is not in the image", w.Text).
				Relate(step.Instruction.Head(), "the directory that should contain the file is copied here").
				Because("the build context has no `%s` and no step creates it, so the container exits at once", name)
			if t.Script != nil {
				f.Message = "`" + w.Text + "`, which the script `" + t.Script.Name + "` runs, is not in the image"
				f.RelateFile(t.Script.File, t.Script.Line, "the script is defined here")
			}
			if len(others) == 1 {
				f.Advise("did you mean `%s`?", others[0])
			} else {
				f.Advise("start a file that exists, or add a step that creates `%s`", w.Text)
			}
			return
		}
	}),
}

// sourceFile is the index of the word of t that names a source file which node or Python runs; 0 if none does.
func sourceFile(t *container.Task) int {
	var endings, valued []string
	switch {
	case t.Python():
		endings = []string{".py"}
		valued = []string{"-W", "-X"}
		if t.Command().Has("-m", "-c") {
			return 0
		}
	case t.Name() == "node":
		endings = []string{".js", ".mjs", ".cjs"}
		valued = []string{"-r", "--require", "--import", "--loader", "--env-file", "-C"}
		if t.Command().Has("-e", "--eval", "-p", "--print", "--test") {
			return 0
		}
	default:
		return 0
	}
	i := t.Operand(valued...)
	if i == 0 || !t.Words[i].Literal || !slices.Contains(endings, path.Ext(t.Words[i].Text)) || strings.Contains(t.Words[i].Text, "..") {
		return 0
	}
	return i
}

// lacking is the COPY of a directory of the build context to where the file at would be, with the name that the file would have in
// the context; nil if there is none, or if another COPY may bring it.
func lacking(p *lint.Pass, target *plan.Stage, at string) (found *plan.Step, name string) {
	for _, s := range target.Lineage() {
		for _, step := range s.Steps {
			if step.Copy == nil {
				continue
			}
			to := path.Clean(step.Destination())
			rel, below := strings.CutPrefix(at, strings.TrimSuffix(to, "/")+"/")
			if !step.Copy.To.Known || to == at || step.Instruction.Flag("exclude") != nil {
				return nil, ""
			}
			if !below {
				continue
			}
			for _, src := range step.Copy.Sources {
				taken, ok := p.Context().Transfer(step, src)
				full := path.Join(litter.Dir(src), rel)
				switch single := len(taken.Files) < 2; {
				case !ok, single && step.Copy.Add:
					return nil, "" // another stage, an archive, or what is not known
				case single:
				case p.Context().Ignored(full), p.Context().GitIgnored(full), strings.ContainsAny(src.Path.Text, "*?[") && strings.Contains(rel, "/"):
					return nil, ""
				default:
					found, name = step, full
				}
			}
		}
	}
	return found, name
}

// sources are the files of the build context beside name that have its ending.
func sources(p *lint.Pass, name string) (out []string) {
	for _, other := range p.Context().Dir(path.Dir(name)) {
		stem := strings.TrimSuffix(other, path.Ext(other))
		if path.Ext(other) == path.Ext(name) && !strings.Contains(stem, ".") && stem != "__init__" && stem != "setup" {
			out = append(out, other)
		}
	}
	return out
}

// mayMake reports whether a RUN may make the file at.
func mayMake(p *lint.Pass, target *plan.Stage, at string) bool {
	for _, s := range target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name != "RUN" {
				continue
			}
			sc := p.Script(step)
			if sc == nil || sc.Err != nil || strings.Contains(sc.Text.String, path.Base(at)) {
				return true
			}
			for _, c := range sc.Commands {
				if !harmlessCommand(c) {
					return true
				}
			}
		}
	}
	return false
}

// harmlessCommand reports whether c makes no source files.
func harmlessCommand(c *shell.Command) bool {
	switch c.Name {
	case "mkdir", "chown", "chmod", "rm", "useradd", "adduser", "groupadd", "addgroup", "echo", "set", "true", "cd", "update-ca-certificates", "corepack":
		return true
	}
	return ecosystem.Of(c.Name) != nil && !slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
		switch w.Text {
		case "run", "build", "exec", "x", "dlx", "create", "init", "start":
			return true
		}
		return !w.Literal
	})
}
