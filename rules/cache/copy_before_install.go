// Package cache has the rules on what makes a build do work again.
package cache

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CopyBeforeInstall reports a COPY or ADD of the whole build context, or of a directory with a whole application, above the step that installs the application's
// dependencies. It is silent where the dependencies were installed earlier, in this stage or in one that it copies them
// from, where the RUN has a cache mount that may keep the downloads, and for vendored modules. A call that installs the
// application itself needs the sources, so there the finding has a doubt.
var CopyBeforeInstall = &lint.Rule{
	Name: "copy-before-install", Category: lint.Cache,
	Summary:  "the whole build context is copied before the dependencies are installed",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		if found := install.Of(p).WholeCopy(s); found != nil {
			report(p, found)
		} else if part := install.Of(p).PartCopy(s); part != nil {
			reportPart(p, part)
		} else {
			afterOutput(p, s)
			lateSettings(p, s)
		}
	}),
}

// lateSettings reports a COPY of settings that only the running application reads, above the step that builds the dependencies.
func lateSettings(p *lint.Pass, s *plan.Stage) {
	if p.Context() == nil {
		return
	}
	var call *shell.Call
	for _, sc := range p.Scripts(s) {
		for _, c := range sc.Calls() {
			if b := install.Manager(c).Build; b != nil && b.Late != "" && ecosystem.Has(b.LateVerbs, c.Verb.Text) && len(sc.Step.Mounts) == 0 {
				call = c
			}
		}
	}
	if call == nil {
		return
	}
	b, command := install.Manager(call).Build, call.Command.Name+" "+call.Verb.Text
	for _, step := range s.Steps {
		if step == call.Command.Script.Step {
			return
		}
		if !step.Copy.Context() {
			continue
		}
		for _, src := range step.Copy.Sources {
			file, ok := late(p, src, b.Late)
			if !ok {
				continue
			}
			f := p.Report(src.Word.Full(), "`%s` is copied before `%s`", file, command).
				Relate(call.Command.Span, "dependencies are built here").
				Because("only the running application reads the file, but a change to it makes `%s` run again", command).
				Advise("%s", strings.ReplaceAll(b.LateHelp, "{call}", command))
			if path.Base(src.Path.Text) == path.Base(file) {
				f.Advise("move `%s` to a `%s` below `%s`", src.Word.String, step.Instruction.Name, command)
			}
			quoteHistory(p, f, call.Command.Script.Step)
			return
		}
	}
}

// late is the file among what src copies that is called name, with its directory.
func late(p *lint.Pass, src plan.Source, name string) (file string, ok bool) {
	if !src.Path.Known {
		return "", false
	}
	file = path.Clean("/" + src.Path.Text)[1:]
	switch {
	case strings.HasSuffix("/"+file, "/"+name):
	case strings.HasSuffix("/"+file, "/"+path.Dir(name)):
		file = path.Join(file, path.Base(name))
	default:
		return "", false
	}
	return file, p.Context().Has(file) && !p.Context().Ignored(file)
}

// afterOutput reports the install of an application's dependencies below the COPY of what another stage has built from the sources.
func afterOutput(p *lint.Pass, s *plan.Stage) {
	var copied *plan.Step
	for _, step := range s.Steps {
		if copied == nil {
			if output(step) && !slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool { return !install.Built(src) }) {
				copied = step
			}
			continue
		}
		sc := p.Script(step)
		if sc == nil {
			continue
		}
		for _, call := range sc.Calls() {
			if call.Action != shell.Install || !call.Manifest || len(step.Mounts) > 0 || install.SelfManifests(call) != nil ||
				install.Compiles(call) {
				continue
			}
			f := p.Report(copied.Copy.Sources[0].Word.Full(), "the output of stage `%s` is copied before `%s`", copied.Copy.From.Value.Text,
				install.Command(call)).
				Relate(call.Command.Span, "dependencies are installed here").
				Because("a change to the sources usually changes this output, and so makes `%s` run again", install.Command(call)).
				Advise("move this `%s` below `%s`", copied.Instruction.Name, install.Command(call))
			quoteHistory(p, f, step)
			return
		}
	}
}

// quoteHistory adds to f how often the last commits would have made step run again, if that is known.
func quoteHistory(p *lint.Pass, f *lint.Finding, step *plan.Step) {
	switch reran, commits := p.Reran(step); {
	case commits == 0 || reran.Unknown == commits:
	case reran.Commits == 0 && reran.Unknown == 0:
		f.Doubting("none of the last %d commits would have made the step run again", commits)
	case reran.Unknown > 0:
		f.Because("%s; at least %d of the last %d commits would have done so", f.Note, reran.Commits, commits)
	default:
		f.Because("%s; %d of the last %d commits would have done so", f.Note, reran.Commits, commits)
	}
}

func report(p *lint.Pass, found *install.WholeCopy) {
	broad, call := found.Step, found.Call
	keyword := broad.Instruction.Name
	change := "a change to any file in the build context"
	if p.Context() != nil && p.Context().Count() > 1 {
		change = fmt.Sprintf("a change to any of the %d files in the build context", p.Context().Count())
	}
	f := p.Report(source(broad).Word.Full(), "the whole build context is copied before `%s`", install.Command(call)).
		Relate(call.Command.Span, label(call))
	in := install.Of(p).Inputs(broad, call)
	names := manifests(broad, call)
	fetch := install.Prefetch(call)
	if strings.HasPrefix(fetch, "./") {
		names = slices.Concat(names, install.Manager(call).Build.Wrapper)
	}
	if there := inTree(p, names); len(there) > 0 {
		names = there
	}
	first, lock := "copy "+quoted(names)+" first", missingLock(p, call, in)
	switch {
	case lock != "":
		first = "copy " + quoted(append(slices.Clone(in.Manifests), lock)) + " first"
	case in != nil:
		first = copyFirst(broad, in)
	}
	if in != nil && lock == "" {
		if some, all := install.Of(p).CopiedAbove(broad, in.Files()); all && install.Sources(in, call) == "" {
			first = ""
		} else if some != nil && !all {
			first += " instead of `" + some.Instruction.Text.String + "`"
		}
	}
	if project := projectFile(call); project != "" && in == nil {
		first = "copy `" + project + "` first"
		if fetch != "" && strings.Contains(project, "/") {
			fetch += " " + project
		}
	}
	switch b := install.Manager(call).Build; {
	case b != nil && b.Rebuilds:
		f.Because("%s makes `%s` download and build every dependency again", change, install.Command(call)).
			Advise("at least keep the downloads in a cache with `RUN %s`", b.CacheHelp)
	case fetch != "":
		f.Because("%s makes `%s` download every dependency again", change, install.Command(call)).
			Advise("%s, run `%s`, then `%s` the rest", first, fetch, keyword)
		if first == "" {
			f.Advise("run `%s` above this `%s`", fetch, keyword)
		}
	default:
		how, then := install.DependenciesOnly(in, call)
		if how == "install" {
			how = "run `" + install.Command(call) + "`"
		}
		f.Because("%s makes `%s` run again", change, install.Command(call)).
			Advise("%s, %s, then `%s` the rest%s", first, how, keyword, then)
		if first == "" {
			f.Advise("%s above this `%s`%s", how, keyword, then)
		}
		if in == nil && install.SelfManifests(call) != nil {
			f.Advise("install the dependencies from a requirements file above this `%s`, and add `--no-deps` to `%s` below it", keyword,
				install.Command(call))
		}
		if lock := install.Manager(call).Lock; in == nil && lock != nil && lock.Fetch != "" {
			f.Advise("copy `%s` first, run `%s`, then `%s` the rest and add `--offline` to `%s`", lock.Files[0], lock.Fetch, keyword, install.Command(call))
			if slices.ContainsFunc(call.Command.Words, func(w shell.Word) bool { return w.Text == "--force" || w.Text == "-f" }) {
				f.Advise("copy `%s` first, run `%s`, then `%s` the rest", lock.Files[0], lock.Fetch, keyword) // it may fetch again
			}
		}
	}
	quoteHistory(p, f, call.Command.Script.Step)
	if p.Plan.Below("example", "examples", "sample", "samples") {
		f.Doubting("the path says that the Dockerfile is an example")
	}
	switch {
	case found.SingleFiles:
		f.Doubting("the build context may have no `go.mod`, because files that only import the standard library do not need one")
	case install.SelfManifests(call) != nil:
		f.Doubting("`%s` also installs the application itself, which needs all of its files", install.Command(call))
	case in != nil && fetch == "" && lock == "":
		if install.Sources(in, call) != "" {
			break
		}
		if edits := install.Of(p).ManifestsFirst(broad, call, in); edits != nil {
			f.Offer(lint.Unsafe, "copy the manifests first", edits...)
		}
	}
}

// missingLock is the lock file that the build context lacks although call needs one or the file names it; "" if there is none. Without it,
// the manifests are not all that has to be copied first.
func missingLock(p *lint.Pass, call *shell.Call, in *app.Inputs) string {
	lock := install.Manager(call).Lock
	if in == nil || lock == nil || lock.PerProject || len(in.Locks) > 0 {
		return ""
	}
	for _, name := range lock.Files {
		text := strings.NewReplacer("-f "+name, "", `-f "`+name, "").Replace(string(p.File.Bytes)) // a test does not need the file
		if strings.Contains(text, name) {
			return name
		}
	}
	if install.NeedsLock(call) != "" {
		return lock.Files[0]
	}
	return ""
}

// reportPart reports a COPY of a directory with an application.
func reportPart(p *lint.Pass, part *install.PartCopy) {
	name, call := part.Source.Word.String, part.Call
	f := p.Report(part.Source.Word.Full(), "all of `%s` is copied before `%s`", name, install.Command(call)).
		Relate(call.Command.Span, label(call)).
		Because("a change to any of its %d files makes `%s` run again", part.Files, install.Command(call))
	switch fetch, b := install.Prefetch(call), install.Manager(call).Build; {
	case part.Beside != "" && fetch == "":
		f.Advise("move this `%s` below `%s`, which only needs `%s`", part.Step.Instruction.Name, install.Command(call), part.Beside)
	case part.Beside != "" && !b.Rebuilds:
		f.Because("a change to any of its %d files makes `%s` download every dependency again", part.Files, install.Command(call)).
			Advise("copy only `%s` first, run `%s`, then copy the rest", part.Beside, fetch)
	case b != nil && b.Rebuilds:
		f.Because("a change to any of its %d files makes `%s` download and build every dependency again", part.Files,
			install.Command(call)).
			Advise("at least keep the downloads in a cache with `RUN %s`", b.CacheHelp)
	case fetch != "":
		f.Advise("first copy only the manifest and the lock file in `%s`, run `%s`, then copy the rest", name, fetch)
	default:
		f.Advise("copy only the manifests and lock files first, and the rest after `%s`", install.Command(call))
	}
	quoteHistory(p, f, call.Command.Script.Step)
}

// label says what call does with the dependencies: one that compiles only downloads them.
func label(call *shell.Call) string {
	if b := install.Manager(call).Build; b != nil && (b.Rebuilds || install.Prefetch(call) != "") {
		return "dependencies are downloaded here"
	}
	return "dependencies are installed here"
}

// copyFirst says in words what to write first.
func copyFirst(broad *plan.Step, in *app.Inputs) string {
	files := in.Files()
	if !install.PlainNames(files) || broad.Instruction.JSON {
		return "copy " + quoted(in.Manifests) + " first"
	}
	lines := install.Copies(broad, files)
	if len(lines) <= install.MaxPlaces {
		return "write " + quoted(lines) + " first"
	}
	dest := broad.Copy.Dest.String
	if !strings.HasSuffix(dest, "/") {
		dest += "/"
	}
	if len(files) <= 12 {
		return "write `COPY --parents " + strings.Join(files, " ") + " " + dest + "` (Dockerfile syntax 1.20) first"
	}
	return fmt.Sprintf("first use `COPY --parents` (Dockerfile syntax 1.20) for %s and %d more files that they refer to",
		quoted(slices.Concat(in.Manifests, in.Locks)), len(files)-len(in.Manifests)-len(in.Locks))
}

// source is the source of a COPY that is the whole build context.
func source(step *plan.Step) plan.Source {
	i := slices.IndexFunc(step.Copy.Sources, func(s plan.Source) bool { return s.Whole() })
	return step.Copy.Sources[i]
}

// manifests are the files to copy first, as far as the call itself tells: what it names, else what its manager reads.
func manifests(broad *plan.Step, call *shell.Call) []string {
	var names []string
	for _, w := range call.Files {
		if name := inContext(broad, w.Text); name != "" {
			names = append(names, name)
		}
	}
	m, itself := install.Manager(call), install.SelfManifests(call)
	switch {
	case itself != nil:
		return itself
	case len(names) > 0:
		return names
	case m.Project == nil:
		return []string{"the manifest"}
	case m.Project.Show != nil:
		return m.Project.Show
	}
	names = slices.Clone(m.Project.Manifests[:1])
	if m.Lock != nil && !m.Lock.PerProject {
		names = append(names, m.Lock.Files[0])
	}
	return names
}

// projectFile is the project that a call of dotnet names, "" for another call.
func projectFile(call *shell.Call) string {
	if install.Manager(call).Language != ecosystem.LanguageDotnet {
		return ""
	}
	for _, w := range call.Command.Args() {
		if w.Literal && strings.HasSuffix(w.Text, "proj") && !path.IsAbs(w.Text) {
			return path.Clean(w.Text)
		}
	}
	return ""
}

// inTree are those of names that the build context has; all of them if it is unknown.
func inTree(p *lint.Pass, names []string) []string {
	if p.Context() == nil {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !p.Context().Has(name) })
}

// inContext is the file of the build context that step copies to target, "" if it copies it elsewhere.
func inContext(step *plan.Step, target string) string {
	if !path.IsAbs(target) {
		return path.Clean(target)
	}
	to := step.Destination()
	if name, ok := strings.CutPrefix(target, strings.TrimSuffix(to, "/")+"/"); ok && path.IsAbs(to) {
		return path.Clean(name)
	}
	return ""
}

func quoted(names []string) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i > 0 && i == len(names)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		if name == "the manifest" {
			b.WriteString(name)
		} else {
			b.WriteString("`" + name + "`")
		}
	}
	return b.String()
}
