package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CopyBeforePackages reports a RUN that installs packages of the distribution below a COPY of the application which it
// does not read: the whole build context, manifests, or what a stage has built from the whole context. It is silent if the RUN does
// anything else, if it has a cache mount, and if a step between the two may have prepared it.
var CopyBeforePackages = &lint.Rule{
	Name: "copy-before-packages", Category: lint.Cache,
	Summary:  "the application is copied before the distribution's packages are installed",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		var copied *plan.Step // the first COPY of the whole application, or else of a part
		for _, step := range s.Steps {
			if ofApplication(step) && (copied == nil || copied.Copy.From != nil || step.Copy.Whole() && !copied.Copy.Whole()) ||
				copied == nil && output(step) {
				copied = step
				continue
			}
			sc := p.Script(step)
			if copied == nil || sc == nil {
				continue
			}
			call := onlyPackages(sc)
			if call == nil || prepared(p, copied, step) {
				continue
			}
			belowCopy(p, copied, step, call)
			return
		}
	}),
}

func belowCopy(p *lint.Pass, copied, step *plan.Step, call *shell.Call) {
	what, files := "the application", "the build context"
	if !copied.Copy.Whole() {
		what = "`" + copied.Copy.Sources[0].Word.String + "`"
		files = "this file"
	}
	if copied.Copy.From != nil {
		what, files = "the output of stage `"+copied.Copy.From.Value.Text+"`", "it"
	}
	keyword := copied.Instruction.Name
	f := p.Report(call.Command.Words[0].Span, "`%s` runs after %s is copied", install.Command(call), what).
		Relate(copied.Instruction.Head(), "copied here").
		Because("`%s` does not read %s, but every change to it makes the build download and install the packages again",
			install.Command(call), files).
		Advise("move this `RUN` above the `%s`", keyword)
	if copied.Copy.From != nil {
		f.Because("`%s` does not read this output, but every change to it makes the build download and install the packages again",
			install.Command(call))
	}
	quoteHistory(p, f, step)
	if again := installsAgain(p, step); again != nil && copied.Copy.From == nil {
		f.Relate(again.Command.Span, "this step installs packages, too").
			Doubting("a later `RUN` may need %s and installs packages, too, so a change makes the build download packages again anyway", what)
		if name := path.Base(copied.Copy.Sources[0].Path.Text); !copied.Copy.Whole() && strings.Contains(again.Command.Script.Root().Text.String, name) {
			f.Doubting("a later `RUN` reads %s and installs packages, too, so a change makes the build download packages again anyway", what)
		}
	}
	in := step.Instruction
	nl := p.File.Newline()
	start := lead(p.File, in)
	if len(in.Inner) > 0 || !strings.HasPrefix(string(p.File.Bytes[in.Span.End:]), nl) || !movable(copied, step) {
		return
	}
	f.Offer(lint.Unsafe, "move the `RUN` above the `"+keyword+"`",
		lint.Insert(lead(p.File, copied.Instruction), string(p.File.Bytes[start:in.Span.End])+nl),
		lint.Delete(parser.Span{Start: start, End: in.Span.End + len(nl)}))
}

// installsAgain is a call after step, in its stage, that installs packages of the distribution in a RUN that does other things, too.
func installsAgain(p *lint.Pass, step *plan.Step) *shell.Call {
	for _, later := range step.After() {
		sc := p.Script(later)
		if sc == nil || later.Stage != step.Stage || onlyPackages(sc) != nil {
			continue
		}
		for _, call := range sc.Calls() {
			if m := ecosystem.Of(call.Manager); call.Action == shell.Install && m != nil && m.System {
				return call
			}
		}
	}
	return nil
}

// movable reports whether no step between copied and step changes what step runs with.
func movable(copied, step *plan.Step) bool {
	for _, between := range copied.Stage.Steps[copied.Index+1 : step.Index] {
		switch between.Instruction.Name {
		case "COPY", "ADD", "RUN", "EXPOSE", "LABEL", "WORKDIR", "CMD", "ENTRYPOINT", "STOPSIGNAL":
		default:
			return false
		}
	}
	return true
}

// ofApplication reports whether step copies the application from the build context: all of it, or a manifest, to
// where applications are.
func ofApplication(step *plan.Step) bool {
	if step.Copy == nil || !step.Copy.Context() || step.OnBuild {
		return false
	}
	to := step.Destination()
	for _, dir := range [...]string{"/etc", "/tmp", "/usr/bin", "/usr/local/bin", "/usr/share", "/var/lib", "/root"} {
		if plan.Within(to, dir) {
			return false
		}
	}
	return step.Copy.Whole() || slices.ContainsFunc(step.Copy.Sources, func(s plan.Source) bool {
		return !s.Heredoc && !s.Remote && s.Path.Known && app.RootFile(path.Base(s.Path.Text))
	})
}

// output reports whether step copies what an earlier stage has built from the whole build context.
func output(step *plan.Step) bool {
	if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage == nil || step.OnBuild || !step.Copy.To.Known {
		return false
	}
	for _, dir := range [...]string{"/etc", "/tmp", "/usr/share", "/var/lib", "/root"} {
		if plan.Within(step.Destination(), dir) {
			return false
		}
	}
	return fromSources(step.Copy.From.Stage)
}

// fromSources reports whether s, or a stage that it is built from, copies the whole build context.
func fromSources(s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Copy.Whole() }) {
			return true
		}
	}
	return false
}

// onlyPackages is the call of sc that installs named packages of a distribution, if sc does nothing that could read
// files of the application.
func onlyPackages(sc *shell.Script) *shell.Call {
	if sc.Err != nil || len(sc.Nested) > 0 || len(sc.Step.Mounts) > 0 {
		return nil
	}
	for _, c := range sc.Commands {
		switch c.Name {
		case "rm", "true", "echo", "mkdir", "set", "export":
		default:
			if m := ecosystem.Of(c.Name); m == nil || !m.System {
				return nil
			}
		}
	}
	var found *shell.Call
	for _, call := range sc.Calls() {
		switch {
		case call.Action != shell.Install:
		case call.Manifest, slices.ContainsFunc(call.Packages, func(pkg shell.Package) bool {
			return pkg.Local || !pkg.Word.Literal && strings.Contains(pkg.Word.Text, "(")
		}):
			return nil
		case found == nil && len(call.Packages) > 0:
			found = call
		}
	}
	return found
}

// prepared reports whether a step up to step may have made what the packages come from, or what they replace: a package
// source, a key, a user or a file of the system.
func prepared(p *lint.Pass, copied, step *plan.Step) bool {
	for _, between := range copied.Stage.Steps[copied.Index : step.Index+1] {
		if between.Instruction.Name == "USER" {
			return true
		}
		if between.Copy != nil && between != copied && !plan.Within(between.Destination(), copied.Destination()) {
			return true
		}
		sc := p.Script(between)
		if sc == nil || between == step {
			continue
		}
		if sc.Err != nil {
			return true
		}
		text := p.File.Text(between.Instruction.Span)
		for _, sign := range [...]string{
			"sources.list", "/etc/", "apt-key", "keyring", "gpg", "add-apt-repository", "dpkg", "yum.repos", "rpm ", "setup_",
			"apk del", "remove", "purge", ".deb", ".sh", "repo",
		} {
			if strings.Contains(text, sign) {
				return true
			}
		}
	}
	return false
}

// lead is where the block of comments directly above in begins, or where in itself does if it has none.
func lead(f *parser.File, in *parser.Instruction) int {
	start := in.Span.Start
	for i := len(in.Lead) - 1; i >= 0; i-- {
		c := in.Lead[i]
		between := string(f.Bytes[c.Span.End:start])
		if strings.TrimSpace(between) != "" || strings.Count(between, "\n") != 1 {
			break
		}
		start = c.Span.Start
	}
	return start
}
