package reorder

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Later makes the orders in which an installation of the application's dependencies comes before the files that it does not read. It is a
// rule so that it has the facts of a lint.Pass; its findings are only there for their fixes.
var Later = &lint.Rule{
	Name: "copied-too-early", Summary: "files are copied before an installation that does not read them", Category: lint.Cache,
	Profile: lint.Strict, Scope: lint.AnyStage, Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached || p.Context() == nil {
			return
		}
		for _, step := range s.Steps {
			sc := p.Script(step)
			if sc == nil || sc.Err != nil {
				continue
			}
			for _, call := range sc.Calls() {
				if call.Action != shell.Install || !call.Manifest {
					continue
				}
				if in := install.Of(p).Reads(call); in != nil {
					later(p, call, in)
					sooner(p, call, in)
				}
			}
		}
	}),
}

// far is how many steps above an installation are looked at.
const far = 50

// later offers to move what is copied above call, and not read by it, below its step.
func later(p *lint.Pass, call *shell.Call, in *app.Inputs) {
	facts, step := install.Of(p), call.Command.Script.Step
	var kept, moved, between []*plan.Step
	between = append(between, step)
	for _, above := range slices.Backward(step.Stage.Steps[max(0, step.Index-far):step.Index]) {
		if above.Copy == nil {
			between = append(between, above)
			continue
		}
		indifferent := !slices.ContainsFunc(between, func(x *plan.Step) bool { return !facts.Indifferent(above, x, call) })
		reads, known := takesAny(p, above, in)
		switch {
		case !known:
			kept = append(kept, above)
		case reads && len(moved) == 0:
			if edits := facts.ManifestsFirst(above, call, in); edits != nil {
				p.Report(above.Instruction.Head(), "copied too early").Offer(lint.Unsafe, "copy the manifests first", edits...)
			}
			kept = append(kept, above)
		case reads || !indifferent || slices.ContainsFunc(kept, func(k *plan.Step) bool { return overlap(p, above, k) }):
			kept = append(kept, above)
		default:
			moved = append(moved, above)
		}
	}
	if len(moved) == 0 {
		return
	}
	slices.Reverse(moved)
	nl := p.File.Newline()
	var edits []lint.Edit
	var text strings.Builder
	for _, x := range moved {
		span := parser.Span{Start: p.File.Above(x.Instruction), End: x.Instruction.Span.End}
		text.WriteString(nl + string(p.File.Bytes[span.Start:span.End]))
		edits = append(edits, lint.Delete(parser.Span{Start: span.Start, End: span.End + len(nl)}))
	}
	edits = append(edits, lint.Insert(step.Instruction.Span.End, text.String()))
	p.Report(moved[0].Instruction.Head(), "copied too early").
		Offer(lint.Unsafe, "copy after `"+install.Command(call)+"` what it does not read", edits...)
}

// sooner offers to move the step of call, with what is copied for it, above the installation of another language's packages, so that a
// change of their list no longer makes it run again.
func sooner(p *lint.Pass, call *shell.Call, in *app.Inputs) {
	step := call.Command.Script.Step
	if soleInstall(p, step) != call {
		return
	}
	block := []*plan.Step{step}
	for i := step.Index - 1; i >= 0; i-- {
		above := step.Stage.Steps[i]
		if above.Copy != nil {
			block = append(block, above)
			continue
		}
		other := soleInstall(p, above)
		if other == nil || install.Manager(other).Family == install.Manager(call).Family {
			return
		}
		reads := install.Of(p).Reads(other)
		if reads == nil {
			return
		}
		first := above
		for i--; i >= 0 && step.Stage.Steps[i].Copy != nil; i-- {
			if taken, known := takesAny(p, step.Stage.Steps[i], in); taken || !known {
				break
			}
			first = step.Stage.Steps[i]
		}
		var list []*parser.Instruction
		for i := len(block) - 1; i >= 0; i-- {
			x := block[i]
			if x.Copy != nil {
				taken, known := takesAny(p, x, reads)
				if taken || !known || slices.ContainsFunc(step.Stage.Steps[first.Index:above.Index], func(y *plan.Step) bool { return overlap(p, x, y) }) {
					return
				}
			}
			list = append(list, x.Instruction)
		}
		if edits := move(p.File, p.File.Above(first.Instruction), list...); edits != nil {
			p.Report(step.Instruction.Head(), "installed too late").
				Offer(lint.Unsafe, "run `"+install.Command(call)+"` before `"+install.Command(other)+"`", edits...)
		}
		return
	}
}

// soleInstall is the installation of an application's packages that step runs, if it runs nothing else.
func soleInstall(p *lint.Pass, step *plan.Step) *shell.Call {
	sc := p.Script(step)
	if sc == nil || sc.Err != nil || len(sc.Commands) != 1 || len(sc.Calls()) != 1 || len(step.Mounts) > 0 {
		return nil
	}
	if call := sc.Calls()[0]; call.Action == shell.Install && call.Manifest && !install.Compiles(call) {
		return call
	}
	return nil
}

// takesAny reports whether step, a COPY or ADD, copies a file that in lists or a product of the installation. It is known if all its
// sources are in the build context.
func takesAny(p *lint.Pass, step *plan.Step, in *app.Inputs) (reads, known bool) {
	if step.Copy.From != nil || step.Copy.Dest.String == "" || strings.Contains(step.Instruction.Text.String, "$") || len(step.Instruction.Heredocs) > 0 {
		return false, false
	}
	var products []string
	for _, name := range in.Manager.Project.Products {
		products = append(products, path.Join(in.Dir, name)+"/")
	}
	for _, src := range step.Copy.Sources {
		taken, ok := p.Context().Transfer(step, src)
		if !ok || taken.Cut || len(taken.Files) == 0 {
			return false, false
		}
		for _, file := range taken.Files {
			if slices.ContainsFunc(slices.Concat(in.Files(), products), func(name string) bool {
				return file.Name == name || strings.HasSuffix(name, "/") && strings.HasPrefix(file.Name, name)
			}) || above(in, file.Name) {
				reads = true
			}
		}
	}
	return reads, true
}

// above reports whether a manager that runs in a part of a project may find name, a manifest, lock file or setting, in a directory above.
func above(in *app.Inputs, name string) bool {
	dir, base := path.Dir(name), path.Base(name)
	if dir == in.Dir || dir != "." && !plan.Within("/"+in.Dir, "/"+dir) {
		return false
	}
	names := slices.Concat(in.Manager.Project.Manifests, in.Manager.Project.Beside)
	if in.Manager.Lock != nil {
		names = append(names, in.Manager.Lock.Files...)
	}
	return slices.ContainsFunc(names, func(pattern string) bool {
		ok, err := path.Match(strings.TrimSuffix(pattern, "/"), base)
		return ok || err != nil
	})
}

// overlap reports whether two COPY of the build context may write the same file.
func overlap(p *lint.Pass, a, b *plan.Step) bool {
	for _, x := range lands(p, a) {
		for _, y := range lands(p, b) {
			if plan.Within(x, y) || plan.Within(y, x) {
				return true
			}
		}
	}
	return false
}

// lands are the files that a COPY writes, or the directory below which it does.
func lands(p *lint.Pass, step *plan.Step) []string {
	dest := step.Destination()
	if !path.IsAbs(dest) || step.Copy.From != nil {
		return []string{"/"}
	}
	into := strings.HasSuffix(step.Copy.To.Text, "/") || strings.HasSuffix(step.Copy.To.Text, ".") || len(step.Copy.Sources) > 1
	var out []string
	for _, src := range step.Copy.Sources {
		taken, ok := p.Context().Transfer(step, src)
		if !ok {
			return []string{dest}
		}
		for _, name := range taken.Names {
			switch {
			case len(taken.Files) != 1 && len(taken.Names) == 1, len(p.Context().Dir(name)) > 0:
				return []string{dest} // a directory
			case into || len(taken.Names) > 1:
				out = append(out, path.Join(dest, path.Base(name)))
			default:
				out = append(out, dest)
			}
		}
	}
	return out
}
