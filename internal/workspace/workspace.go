// Package workspace turns a directory into builds: it finds Dockerfiles and their configuration, reads what describes
// how they are built, and opens their build contexts. It asks the process that runs it nothing: the root, the file
// system, the environment, the clock and standard input are given. Unsaved text takes the place of files, and what a
// change makes out of date is forgotten.
package workspace

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/baseline"
	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Config is all that a workspace is given from outside.
type Config struct {
	Root  string // absolute: relative names begin here, and reports name files from here
	Files Files
	Stdin io.Reader        // what a Target without a name reads; nil: nothing
	Now   func() time.Time // the day to compare dates with; nil: no day is known

	// Rules are the rules that configurations may name, Retired the codes that they may name without effect.
	Rules   []*lint.Rule
	Retired []lint.Retired
	// Flags win over each configuration. ConfigFile is read instead of the nearest one; NoConfig reads none at all.
	Flags      config.Flags
	ConfigFile string
	NoConfig   bool
	// Tracked are the files below a directory, relative to it, that git tracks although it ignores them; nil: none are.
	Tracked func(dir string) ([]string, error)
	Warn    func(error) // is told what is odd in a configuration and works nonetheless; may be nil

	// Keep keeps loaded Dockerfiles, and notes what each answer depends on, for a process that lives long. Without it,
	// Invalidate forgets everything.
	Keep bool
}

// Options say how Dockerfiles are built, whatever the repository says.
type Options struct {
	Context   string // the directory of the build context; "" finds out whether there is one
	NoContext bool   // look at no build context, and at no description of builds
	Target    string // the stage to build; "" is what a description says, or else the last
	Args      map[string]string
	// NamedContexts are the names of the build contexts that the build is given.
	NamedContexts []string
	Builder       described.Builder // "" is what a description says
	Platforms     []string          // none are what a description says
}

func (o *Options) plan() plan.Options {
	return plan.Options{Target: o.Target, Args: o.Args, AllArgs: len(o.Args) > 0, NamedContexts: o.NamedContexts}
}

// Workspace finds and loads Dockerfiles. Several goroutines may use it at once, but none while SetOverlay, DropOverlay
// or Invalidate runs, and Settings is for one goroutine.
type Workspace struct {
	config  Config
	options Options
	unsaved map[string]string // by absolute name
	loader  config.Loader
	linters map[*config.Effective]*lint.Linter
	stdin   func() ([]byte, error)

	configured sync.Map // []config.Described by the name that Settings was asked for
	listed     sync.Map // []fs.DirEntry by directory: what a search has found out for gatherer, by absolute name
	ignored    int      // see Ignored

	baselines map[string]*baseline.Baseline // by absolute name

	manifests    cache[bool]                    // by directory: it holds a manifest
	workspaces   cache[string]                  // by directory: see workspaceOf
	surroundings cache[string]                  // by directory: see around
	roots        cache[string]                  // by directory: see root
	accounts     cache[[]string]                // by root: see accountsOf
	projects     cache[*project]                // by directory: what its compose files describe
	near         cache[descriptions]            // by directory: what the files in and below it describe
	repositories cache[descriptions]            // by root: what the files in its upper directories describe
	contexts     cache[*buildcontext.Directory] // by directory
	changed      changedContext                 // that of the last Reopen
	files        cache[loaded]                  // by Target.Name, if they are kept
}

// New is a workspace in which all Dockerfiles are built as o says.
func New(c Config, o Options) *Workspace {
	w := &Workspace{config: c, options: o, unsaved: map[string]string{}, linters: map[*config.Effective]*lint.Linter{}}
	for _, name := range []string{c.ConfigFile, o.Context, c.Flags.Baseline} {
		if name != "" {
			c.Files.Trust(w.abs(name))
		}
	}
	w.loader = config.Loader{
		Root: c.Root, Files: reader{w, nil}, Rules: c.Rules, Retired: c.Retired,
		Flags: c.Flags, File: c.ConfigFile, None: c.NoConfig, Warn: c.Warn,
	}
	w.stdin = sync.OnceValues(func() ([]byte, error) {
		if c.Stdin == nil {
			return nil, nil
		}
		return io.ReadAll(io.LimitReader(c.Stdin, parser.MaxFile+1))
	})
	return w
}

// Before is a workspace of the files as they were before a change, with the same flags. What is odd there is not told.
func (w *Workspace) Before(c *change.Change) *Workspace {
	config := w.config
	config.Files, config.Warn, config.Stdin = Past(config.Files, c), nil, nil
	return New(config, w.options)
}

// Settings are what the configuration says about a Dockerfile.
type Settings struct {
	*config.Effective
	Linter *lint.Linter // one for all Dockerfiles with the same settings
}

// builds are those that the configuration has for the Dockerfile called name, if Settings was asked for it.
func (w *Workspace) builds(name string) []config.Described {
	if v, ok := w.configured.Load(name); ok {
		if list, ok := v.([]config.Described); ok {
			return list
		}
	}
	return nil
}

// Policy is what the flags and the file that Config.ConfigFile names forbid.
func (w *Workspace) Policy() (config.Policy, error) { return w.loader.Policy() }

// Ignored is how many Dockerfiles Find left out because git ignores them. What is in an ignored directory is not known.
func (w *Workspace) Ignored() int { return w.ignored }

// Settings are those for t.
func (w *Workspace) Settings(t Target) (Settings, error) {
	name := t.Name
	if name == "" {
		name = t.Path
	}
	e, err := w.loader.For(name)
	if err != nil {
		return Settings{}, err
	}
	if len(e.Builds) > 0 {
		w.configured.Store(name, e.Builds)
	} else {
		w.configured.Delete(name)
	}
	l := w.linters[e]
	if l == nil {
		var now time.Time
		if w.config.Now != nil {
			now = w.config.Now()
		}
		s := e.Settings(now)
		s.Retired = w.config.Retired
		rules := w.config.Rules
		if len(e.House) > 0 {
			rules = slices.Concat(rules, e.House)
		}
		if e.Unchecked.V {
			rules = nil
		}
		l = lint.New(rules, s)
		w.linters[e] = l
	}
	return Settings{e, l}, nil
}

// Linters are those of all Settings so far.
func (w *Workspace) Linters() []*lint.Linter {
	out := make([]*lint.Linter, 0, len(w.linters))
	for _, l := range w.linters {
		out = append(out, l)
	}
	return out
}

// Dockerfile is a Dockerfile with all its builds.
type Dockerfile struct {
	Target
	File   *parser.File
	Builds []*Build // at least one
	Errs   []error  // what went wrong; it is checked nonetheless
	Notes  []error  // what to tell that is not a failure; several Dockerfiles may have the same
}

// Build is one way to build a Dockerfile.
type Build struct {
	Plan     *plan.Plan // made once; its File is that of the Dockerfile
	Options  plan.Options
	Dir      string // of the build context as reports print it, relative to the root if it can be; "" without one
	Context  *buildcontext.Context
	Services []lint.Service // what a compose file says about the containers that it starts from the image
	// OtherServices are those of the other builds of the Dockerfile.
	OtherServices []lint.Service

	Also []string // other files that say the same, as Source.File
	// Arguments are the names of the build arguments that a description sets, and that the Dockerfile has. Options has those whose
	// value is known.
	Arguments []string

	// Source is what says so. Its file is as reports print it, and "" if no file says it.
	Source described.Source
	// Assumed says that no description has the context: what is there suggests it. Reason says what, or why the context is
	// not known; lower-case, no full stop.
	Assumed bool
	Reason  string
	// Contexts are the named build contexts as they are described, Platforms those that the build is for, if they are known.
	Contexts  map[string]string
	Platforms []string
	// Accounts are those that the remotes of the repository belong to; see lint.Build.
	Accounts []string
	// Builder is what builds, "" if nothing says so. BuilderHint is what suggests buildah then, a clause.
	Builder     described.Builder
	BuilderHint string
	// DockerFormat says that buildah writes the image in Docker's format, and not in its default, OCI.
	DockerFormat bool
	// TargetOpen says that the build has a target that is not known.
	TargetOpen bool
	// Undeclared are the arguments that the description passes to no other Dockerfile and that no ARG declares.
	Undeclared []lint.Argument

	dockerfile string // Target.Name
	secrets    []*compose.Secrets
}

// Place is the line that describes b, as in compose.yaml:4; "" if no file does.
func (b *Build) Place() string {
	if b.Source.File == "" || b.Source.Line == 0 {
		return b.Source.File
	}
	return fmt.Sprintf("%s:%d", b.Source.File, b.Source.Line)
}

// Secret reports whether there are values that Mask takes out.
func (b *Build) Secret() bool { return len(b.secrets) > 0 }

// Mask is a text about b without the values of `.env` files, except those that the Dockerfile has too.
func (b *Build) Mask(text string) string {
	shown := func(value string) bool { return bytes.Contains(b.Plan.File.Bytes, []byte(value)) || b.names(value) }
	for _, s := range b.secrets {
		text = s.Mask(text, shown)
	}
	return text
}

// names reports whether a file or directory of the build context is called value, so that it is part of the paths in messages.
func (b *Build) names(value string) bool {
	if b.Context == nil {
		return false
	}
	files, _ := b.Context.Files()
	return slices.ContainsFunc(files, func(f buildcontext.File) bool {
		return strings.Contains(f.Name, value) && slices.Contains(strings.Split(f.Name, "/"), value)
	})
}

// hide is err without the values of `.env` files.
func (b *Build) hide(err error) error {
	if text := b.Mask(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// Lint is b as rules see it, without what only outside sources know.
func (b *Build) Lint() lint.Build {
	l := lint.Build{
		Plan: b.Plan, Context: b.Context, Services: b.Services, OtherServices: b.OtherServices, Builder: lint.Builder(b.Builder), DockerFormat: b.DockerFormat,
		Platforms: b.Platforms, Accounts: b.Accounts, Undeclared: b.Undeclared,
	}
	if b.Secret() {
		l.Mask = b.Mask
	}
	if l.BuilderHint = b.BuilderHint; l.BuilderHint != "" {
		l.Builder = lint.Buildah
	}
	return l
}

// loaded is what Load returns.
type loaded struct {
	file *Dockerfile
	err  error
}

// Load reads a Dockerfile and finds out how it is built. With Config.Keep it returns the same Dockerfile until
// something changes that it depends on, the files of its contexts that were read since included. An error means that it
// could not be read, or is ErrNotDockerfile.
func (w *Workspace) Load(t Target) (*Dockerfile, error) {
	if !w.config.Keep || t.Name == "" {
		return w.load(t, reader{w, nil})
	}
	key := t.Name
	if builds := w.builds(t.Name); len(builds) > 0 {
		key += "\x00" + fmt.Sprint(builds) // no name has that
	}
	l := w.files.get(key, reader{w, nil}, func(r reader) loaded {
		file, err := w.load(t, r)
		return loaded{file, err}
	})
	return l.file, l.err
}

func (w *Workspace) load(t Target, r reader) (*Dockerfile, error) {
	src, err := r.source(t.Name)
	if err != nil {
		return nil, CannotRead(t.Path, err)
	}
	if t.unproven && !beginsLikeDockerfile(src) {
		return nil, ErrNotDockerfile
	}
	d := &Dockerfile{Target: t, File: parser.Parse(t.Path, src)}
	name := r.placeOf(t)
	if d.Builds, d.Notes = r.described(name, d.File); len(d.Builds) == 0 {
		b := &Build{Options: w.options.plan()}
		r.assume(b, name, d.File)
		b.Plan = plan.New(d.File, b.Options)
		if err := missingTarget(b.Plan, b.Options.Target); err != nil {
			d.Errs = append(d.Errs, err)
		}
		d.Builds = []*Build{b}
	}
	d.Builds = append(d.Builds, leaves(d.File, d.Builds)...)
	accounts := r.accountsOf(name)
	for i, b := range d.Builds {
		for _, o := range d.Builds {
			if o != b {
				b.OtherServices = append(b.OtherServices, o.Services...)
			}
		}
		b.dockerfile, b.Accounts = name, accounts
		b.Builder = cmp.Or(w.options.Builder, b.Builder)
		if len(w.options.Platforms) > 0 {
			b.Platforms = w.options.Platforms
		}
		b.BuilderHint = r.hint(b)
		if j := slices.IndexFunc(d.Builds[:i], func(o *Build) bool {
			return o.Dir == b.Dir && o.chosen() == b.chosen() && o.buildah() == b.buildah()
		}); j >= 0 {
			b.Context = d.Builds[j].Context
			continue
		}
		if err := r.open(b, nil); err != nil {
			d.Errs = append(d.Errs, b.hide(errors.New(t.Path+": checked without a build context: "+err.Error())))
		}
	}
	return d, nil
}

// placeOf is the name of the file that decides how t is built; "" if that has no directory.
func (r reader) placeOf(t Target) string {
	if t.Name != "" || t.As == "" {
		return t.Name
	}
	if info, err := r.Stat(filepath.Dir(t.As)); err != nil || !info.IsDir() {
		return ""
	}
	return t.As
}

// source reads no more of a Dockerfile than the parser takes, and one byte that tells the parser that there is more.
func (r reader) source(name string) ([]byte, error) {
	if name == "" {
		return r.stdin()
	}
	return r.readFile(name, parser.MaxFile+1)
}

// Reopen opens the build context of b again, with files in it that it does not have yet or that hold something else.
func (w *Workspace) Reopen(b *Build, files map[string]string) (*buildcontext.Context, error) {
	again := Build{Dir: b.Dir, Source: b.Source, Builder: b.Builder, BuilderHint: b.BuilderHint, dockerfile: b.dockerfile}
	err := reader{w, nil}.open(&again, files)
	return again.Context, err
}

// SetOverlay uses text instead of the file called name, whose editor has not saved it, and forgets what depends on the
// file. The file need not exist, but its directory must.
func (w *Workspace) SetOverlay(name, text string) {
	name = w.abs(name)
	_, was := w.unsaved[name]
	w.unsaved[name] = text
	if !was || !w.config.Keep {
		w.Invalidate(name)
		return
	}
	// It is listed as before, so only what reads it is out of date.
	w.invalidate([]string{name}, func(s *seen) bool { return s.holds(name) })
}

// DropOverlay makes the file called name hold what is on the disk again.
func (w *Workspace) DropOverlay(name string) {
	delete(w.unsaved, w.abs(name))
	w.Invalidate(name)
}

// Invalidate forgets what depends on the named files and directories, which have changed, come or gone, and nothing
// else. What is read through a link depends on the name of the link only.
func (w *Workspace) Invalidate(names ...string) {
	abs := make([]string, len(names))
	for i, name := range names {
		abs[i] = w.abs(name)
	}
	w.invalidate(abs, func(s *seen) bool { return slices.ContainsFunc(abs, s.depends) })
}

func (w *Workspace) invalidate(abs []string, out func(*seen) bool) {
	w.config.Files.Forget()
	w.manifests.forget(out)
	w.workspaces.forget(out)
	w.surroundings.forget(out)
	w.roots.forget(out)
	w.projects.forget(out)
	w.near.forget(out)
	w.repositories.forget(out)
	w.listed.Clear()
	w.contexts.forget(out)
	w.changed.forget()
	w.files.forget(out)
	for _, e := range w.loader.Forget(abs, w.config.Keep) {
		delete(w.linters, e)
	}
}

// Abs is the absolute form of name, which may be relative to the root.
func (w *Workspace) Abs(name string) string { return w.abs(name) }

func (w *Workspace) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(w.config.Root, name)
}

// BuildArgs reads build arguments as docker build takes them: KEY=VALUE, or KEY, which has the value that env gives it
// and is left out where env has none.
func BuildArgs(list []string, env func(name string) (string, bool)) map[string]string {
	out := map[string]string{}
	for _, arg := range list {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			if value, ok = env(name); !ok {
				continue
			}
		}
		out[name] = value
	}
	return out
}

// ReadList reads the paths in r, one a line, or between NULs if there is one.
func ReadList(r io.Reader) ([]string, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	separator := "\n"
	if bytes.IndexByte(data, 0) >= 0 {
		separator = "\x00"
	}
	var paths []string
	for _, path := range strings.Split(string(data), separator) {
		if separator == "\n" {
			path = strings.TrimSuffix(path, "\r")
		}
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
