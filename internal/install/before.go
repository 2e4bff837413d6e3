package install

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// WholeCopy is a COPY or ADD of the whole build context above the step that installs the application's dependencies.
type WholeCopy struct {
	Step *plan.Step
	Call *shell.Call
	// SingleFiles says that Call compiles single files of Go, which may not need a go.mod.
	SingleFiles bool
}

// WholeCopy is the first one in s whose installation runs again for each change in the build context; nil without one.
// The dependencies must not have been installed earlier, in s or in a stage that it copies them from, nor be kept in a
// cache mount or vendored.
func (f *Facts) WholeCopy(s *plan.Stage) *WholeCopy {
	return once(f, wholeCopyOf{s}, func() *WholeCopy { return f.wholeCopy(s) })
}

// PartCopy is a COPY or ADD of a directory of the build context that has an application's sources, and its manifest unless Beside
// is set, above the step that installs the dependencies.
type PartCopy struct {
	Step   *plan.Step
	Source plan.Source
	Files  int // how many it copies
	Call   *shell.Call
	// Beside is the manifest in the build context if another step copies it: Source only has the sources, which Call compiles or
	// does not read.
	Beside string
}

// PartCopy is the first one in s whose installation runs again for each change in the directory; nil without one, and
// where WholeCopy is not nil. It needs the build context.
func (f *Facts) PartCopy(s *plan.Stage) *PartCopy {
	if f.p.Context() == nil || f.WholeCopy(s) != nil {
		return nil
	}
	var part *PartCopy
	d := done{f, s, map[ecosystem.Family]bool{}}
	if s.Base != nil {
		d.image(s.Base)
	}
	for _, step := range s.Steps {
		d.taken(step)
		if step.Copy.Whole() {
			return nil
		}
		if part == nil && step.Copy.Context() {
			part = f.part(step)
			continue
		}
		sc := f.p.Script(step)
		if sc == nil {
			continue
		}
		for _, call := range sc.Calls() {
			switch {
			case part == nil:
				d.call(call)
			case call.Action != shell.Install || !call.Manifest || d.seen[Manager(call).Family] || f.cached(call) ||
				f.vendored(call) || SelfManifests(call) != nil:
			case f.manifested(part, call):
				part.Call = call
				return part
			default:
				if part.Beside = f.beside(part, call); part.Beside != "" {
					part.Call = call
					return part
				}
			}
		}
	}
	return nil
}

// part is the copy of an application in a directory that step makes, nil if it makes none.
func (f *Facts) part(step *plan.Step) *PartCopy {
	const few = 5 // with fewer files a separate COPY of the manifest is not worth it
	for _, src := range step.Copy.Sources {
		if src.Heredoc || src.Remote || !src.Path.Known {
			continue
		}
		if taken, ok := f.p.Context().Transfer(step, src); ok && len(taken.Files) >= few &&
			len(f.p.Context().Dir(path.Clean("/" + src.Path.Text)[1:])) > 0 {
			return &PartCopy{Step: step, Source: src, Files: len(taken.Files)}
		}
	}
	return nil
}

// manifested reports whether what part copies has the manifest that call reads, or that of a part of its workspace.
func (f *Facts) manifested(part *PartCopy, call *shell.Call) bool {
	in := f.Setting(call)
	if in == nil {
		return false
	}
	dir := path.Clean("/" + part.Source.Path.Text)
	if plan.Within("/"+in.Manifest, dir) {
		return true
	}
	inputs := f.directory(in.Manager.Name, in.Dir, nil)
	return inputs != nil && inputs.Sources == "" &&
		slices.ContainsFunc(inputs.Members, func(name string) bool { return plan.Within("/"+name, dir) })
}

// beside is the manifest of call if what part copies are sources beside or below it, which call either does not read or compiles after it
// has got the dependencies; "" otherwise.
func (f *Facts) beside(part *PartCopy, call *shell.Call) string {
	in, b := f.Setting(call), Manager(call).Build
	dir := path.Clean("/" + part.Source.Path.Text)
	if in != nil && len(call.Files) > 0 && Manager(call).Language == ecosystem.LanguagePython && !plan.Within("/"+in.Manifest, dir) {
		// The install needs the directory only if the list names it.
		if inputs := f.directory(in.Manager.Name, in.Dir, nil); inputs != nil && inputs.Sources == "" && len(inputs.Members) == 0 {
			return in.Manifest
		}
		return ""
	}
	if in == nil || b == nil || b.Prefetch == "" || !Compiles(call) || plan.Within("/"+in.Manifest, dir) ||
		!plan.Within(dir, path.Clean("/"+in.Dir)) {
		return ""
	}
	return in.Manifest
}

func (f *Facts) wholeCopy(s *plan.Stage) *WholeCopy {
	var whole *plan.Step
	d := done{f, s, map[ecosystem.Family]bool{}}
	if s.Base != nil {
		d.image(s.Base)
	}
	for _, step := range s.Steps {
		d.taken(step)
		if whole == nil && step.Copy.Whole() {
			whole = step
			continue
		}
		sc := f.p.Script(step)
		if sc == nil {
			continue
		}
		for _, call := range sc.Calls() {
			switch {
			case whole == nil:
				d.call(call)
			case call.Action == shell.Install && call.Manifest && !d.seen[Manager(call).Family] &&
				!f.cached(call) && !f.vendored(call) && !f.moduleless(whole, call) && f.dependent(call) && !f.skipped(whole, call) &&
				!f.manifestless(whole, call):
				return &WholeCopy{whole, call, f.p.Context() == nil && singleFiles(call) && !f.namesModule()}
			}
		}
	}
	return nil
}

// singleFiles reports whether call, of Go, compiles files and not packages.
func singleFiles(call *shell.Call) bool {
	return Manager(call).Family == ecosystem.Go && slices.ContainsFunc(call.Command.Operands("-o", "-ldflags", "-tags", "-gcflags"),
		func(w shell.Word) bool { return strings.HasSuffix(w.Text, ".go") })
}

// namesModule reports whether the file says that there is a go.mod.
func (f *Facts) namesModule() bool {
	text := string(f.p.File.Bytes)
	return strings.Contains(text, "go.mod") || strings.Contains(text, "go mod ") || strings.Contains(text, "GO111MODULE")
}

// dependent reports whether the manifest of call, a package.json, may list dependencies. It does if it cannot be read.
func (f *Facts) dependent(call *shell.Call) bool {
	in := f.Setting(call)
	if in == nil || f.p.Context() == nil || path.Base(in.Manifest) != "package.json" || !app.Of(f.p).Independent(in.Manifest) {
		return true
	}
	inputs := f.directory(in.Manager.Name, in.Dir, nil)
	return inputs != nil && len(inputs.Members) > 0
}

// manifestless reports whether call, of Node.js, finds no package.json in what whole copies, and nothing else brings one.
func (f *Facts) manifestless(whole *plan.Step, call *shell.Call) bool {
	at, ctx := call.Dir(), f.p.Context()
	if Manager(call).Family != ecosystem.Node || ctx == nil || !at.Known || !whole.Copy.To.Known || len(whole.Copy.Sources) != 1 {
		return false
	}
	name := path.Join(at.Text, "package.json")
	file, ok := relative(whole.Destination(), name)
	return ok && !ctx.Has(file) && !ctx.Hides(file) && !ctx.GitIgnored(file) && !f.mayBring(whole, call, name)
}

// moduleless reports whether call, of Go, may work without a go.mod: it compiles single files, gets packages or runs in the GOPATH,
// nothing names a go.mod, and the context has none or the image is not known to have Go 1.16 or later, which needs one for packages.
func (f *Facts) moduleless(whole *plan.Step, call *shell.Call) bool {
	if Manager(call).Family != ecosystem.Go || call.Verb.Text == "mod" {
		return false
	}
	files, at := singleFiles(call), call.Dir()
	inGOPATH := at.Known && plan.Within(at.Text, "/go/src")
	if !files && !inGOPATH && call.Verb.Text != "get" || f.Inputs(whole, call) != nil || f.namesModule() {
		return false
	}
	if files && f.p.Context() != nil {
		return true
	}
	base := whole.Stage.Image()
	if base == nil {
		return true
	}
	known := image.Of(*base.Ref)
	if known.Official() != "golang" {
		return true
	}
	_, version := known.Runtime()
	return image.Older(version, "1.16")
}

// done collects the families of managers whose dependencies are installed in a stage.
type done struct {
	f     *Facts
	stage *plan.Stage
	seen  map[ecosystem.Family]bool
}

func (d done) call(call *shell.Call) {
	m := Manager(call)
	if m.Build != nil && ecosystem.Has(m.Build.Prepares, call.Verb.Text) || call.Action == shell.Install && call.Manifest {
		d.seen[m.Family] = true
	}
}

// taken adds what step has from other stages, by a mount or by a COPY of more than what was built there.
func (d done) taken(step *plan.Step) {
	if step.Copy != nil && step.Copy.From != nil && !slices.ContainsFunc(step.Copy.Sources, Built) {
		d.image(step.Copy.From)
	}
	for _, m := range step.Mounts {
		if m.From != nil {
			d.image(m.From)
		}
	}
}

// image adds what is installed in the stage that i refers to, if it is another one.
func (d done) image(i *plan.Image) {
	if i.Stage != nil && i.Stage != d.stage {
		maps.Copy(d.seen, d.f.installed(i.Stage))
	}
}

// installed is what is installed in s, and in the stages that it is built from or copies from.
func (f *Facts) installed(s *plan.Stage) map[ecosystem.Family]bool {
	if known, ok := f.stages[s]; ok {
		return known
	}
	d := done{f, s, map[ecosystem.Family]bool{}}
	if f.stages == nil {
		f.stages = map[*plan.Stage]map[ecosystem.Family]bool{}
	}
	f.stages[s] = d.seen // stages may name each other; BuildKit rejects that
	if s.Base != nil {
		d.image(s.Base)
	}
	for _, step := range s.Steps {
		d.taken(step)
		if sc := f.p.Script(step); sc != nil {
			for _, call := range sc.Calls() {
				d.call(call)
			}
		}
	}
	return d.seen
}

// Built reports whether src is by its name the output of a build, which does not include the dependencies.
func Built(src plan.Source) bool {
	switch path.Base(src.Path.Text) {
	case "dist", "build", "public", "static", "out", "assets", ".next", ".output":
		return true
	}
	return false
}

// cached reports whether the step of call has a cache mount in which call may keep what it downloads.
func (f *Facts) cached(call *shell.Call) bool {
	return slices.ContainsFunc(call.Command.Script.Step.Mounts, func(m plan.Mount) bool {
		return m.Type == "cache" && !f.elsewhere(m, call)
	})
}

// elsewhere reports whether m is meant for the cache of a package manager, and call certainly does not keep its own there.
func (f *Facts) elsewhere(m plan.Mount, call *shell.Call) bool {
	if !m.Target.Known || m.From != nil || CacheAt(m.Target.Text) == nil && SystemCache(m.Target.Text) == nil {
		return false
	}
	target, caches := path.Clean(m.Target.Text), CachesOf(call)
	return len(caches) > 0 && !slices.ContainsFunc(caches, func(c *Caching) bool {
		if c.SwitchedOff(call) {
			return false
		}
		dirs, _ := f.CacheDirs(c.Cache, call)
		return c.Moved(call) || len(dirs) == 0 ||
			slices.ContainsFunc(dirs, func(dir string) bool { return plan.Within(dir, target) || plan.Within(target, dir) })
	})
}

// vendored reports whether the dependencies that call needs are in the build context, beside the sources.
func (f *Facts) vendored(call *shell.Call) bool {
	b := Manager(call).Build
	if b == nil || b.VendorFile == "" {
		return false
	}
	word := b.VendorFlag + "=" + b.VendorValue
	value, ok := call.Command.FlagValue(b.VendorFlag)
	if ok && value.Text == b.VendorValue ||
		slices.ContainsFunc(call.Command.Words, func(w shell.Word) bool { return w.Text == word }) {
		return true
	}
	step := call.Command.Script.Step
	if flags := step.Env.Lookup(b.VendorEnv); flags != nil && strings.Contains(flags.Value().Text, word) {
		return true
	}
	at := call.Dir()
	if f.p.Context() == nil || !at.Known {
		return false
	}
	if f.p.Context().Has(b.VendorFile) {
		return true
	}
	_, ok = f.File(step, path.Join(at.Text, b.VendorFile))
	return ok
}

// SelfManifests are the manifests that call reads if it installs the application itself, which needs its sources; else
// nil.
func SelfManifests(call *shell.Call) []string {
	if b := Manager(call).Build; b != nil && len(call.Files) == 0 {
		return b.Itself
	}
	return nil
}

// Compiles reports whether call compiles the application.
func Compiles(call *shell.Call) bool {
	b := Manager(call).Build
	switch {
	case b == nil || !b.Compiles:
		return false
	case b.Fetches != "":
		return !ecosystem.Has(b.Fetches, call.Verb.Text)
	}
	return call.Manifest
}

// BuildsInto reports whether call compiles the application into a directory called name. It is false if an option moves
// the output, or for a manager whose options to do so are unknown.
func BuildsInto(call *shell.Call, name string) bool {
	m, text := Manager(call), call.Command.Script.Step.Instruction.Text.String
	return m.Build != nil && len(m.Build.Elsewhere) > 0 && ecosystem.Has(m.Build.Verbs, call.Verb.Text) &&
		slices.ContainsFunc(m.Outputs, func(o ecosystem.Output) bool { return o.Name == name }) &&
		!call.Command.Has(m.Build.Elsewhere...) && !mentions(text, m.Build.ElsewhereEnv)
}

// LeavesInPlace reports whether c does not touch the output of build, because it calls the same manager, what installs
// that manager, or a distribution's manager.
func LeavesInPlace(c *shell.Command, build *shell.Call) bool {
	m, own := ecosystem.Of(c.Name), Manager(build)
	return m != nil && (m == own || m.System) || own.Origin != nil && slices.Contains(own.Origin.Commands, c.Name)
}
