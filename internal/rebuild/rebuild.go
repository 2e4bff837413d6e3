// Package rebuild finds what there is to replay: the history of a build's repository, and the build arguments that differ from
// commit to commit.
package rebuild

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/history"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/replay"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Options say what is replayed, and over what.
type Options struct {
	History     history.Options // without Keep
	AsCommitted bool            // with the Dockerfile and the ignore file of each commit
	// Args are build arguments with a fixed value, Changing those with another value for each commit.
	Args     map[string]string
	Changing []string
	// Sub is a directory as a file system. It opens regular files of the repository only.
	Sub func(dir string) fs.FS
	// Trace is that of package replay; may be nil.
	Trace func(commit int, step *plan.Step, state replay.State)
	// Progress is called now and then; may be nil.
	Progress func(what string, done int)
}

// Repositories are the histories that were read. Close ends what reading them has started. Several goroutines may call Replay at once.
type Repositories struct {
	options Options
	mu      sync.Mutex              // for logs, errs and ci
	logs    map[string]*history.Log // by the directory that holds .git
	errs    map[string]error
	ci      map[string][]passed
	names   map[string]bool // absolute names of Dockerfiles
	started chan struct{}   // closed when what Start began is read; nil without it
	cancel  context.CancelFunc
}

// New reads nothing yet. names are the absolute names of all Dockerfiles that will be asked for, which only Options.AsCommitted needs.
func New(o Options, names []string) *Repositories {
	r := &Repositories{options: o, logs: map[string]*history.Log{}, errs: map[string]error{}, ci: map[string][]passed{}, names: map[string]bool{}}
	for _, name := range names {
		r.names[settled(name)] = true
	}
	return r
}

// Start begins to read the history of the repository that dir is in, so that the caller can load builds meanwhile. It is called once,
// before Replay.
func (r *Repositories) Start(ctx context.Context, dir string) {
	if settled, err := filepath.EvalSymlinks(dir); err == nil {
		dir = settled
	}
	top := history.Find(dir)
	if top == "" {
		return
	}
	ctx, r.cancel = context.WithCancel(ctx)
	r.started = make(chan struct{})
	go func() {
		defer close(r.started)
		_, _ = r.load(ctx, top) // read returns the error
	}()
}

// Close ends what was started.
func (r *Repositories) Close() {
	if r.started != nil {
		r.cancel()
		<-r.started
	}
	for _, l := range r.logs {
		l.Close()
	}
}

// settled is where name really is; name itself if that is not known.
func settled(name string) string {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
		return filepath.Join(dir, filepath.Base(name))
	}
	return name
}

// Build is one build of a Dockerfile.
type Build struct {
	Name    string // the absolute name of the Dockerfile
	Dir     string // the absolute name of the build context, "" if none is known
	File    *parser.File
	Options plan.Options
	Context *buildcontext.Context
}

// Replayed is the outcome for one build.
type Replayed struct {
	*replay.Result
	Log      *history.Log
	Plan     *plan.Plan
	Changing []string
	Notes    []string // what limits the answer, and what it takes for granted; no full stop

	build *replay.Build
	ctx   context.Context //nolint:containedctx // of one command
}

// Again replays another Dockerfile or ignore file in place of those of the build, over the same commits.
func (r *Replayed) Again(file *parser.File, c *buildcontext.Context) (*Replayed, error) {
	b := *r.build
	again := func(args map[string]string) *plan.Plan { return plan.New(file, with(b.Options, args)) }
	b.Again, b.Plan, b.Context = again, again(nil), c
	result, err := replay.Run(r.ctx, r.Log, &b, nil)
	if err != nil {
		return nil, err
	}
	return &Replayed{Result: result, Log: r.Log, Plan: b.Plan, Changing: r.Changing, build: &b, ctx: r.ctx}, nil
}

// Files are the paths in the build context of the files that made steps run, and `.git` if a step takes it; in no order.
func (r *Replayed) Files() []string {
	prefix := strings.TrimPrefix(path.Join("/", r.build.Dir)+"/", "/")
	if prefix == "/" {
		prefix = ""
	}
	var out []string
	for _, n := range r.Result.Files() {
		if rel, ok := strings.CutPrefix(r.Paths[n], prefix); ok && int(n) < len(r.Log.Paths) {
			out = append(out, rel)
		}
	}
	if slices.ContainsFunc(r.Steps, func(s *replay.Step) bool { return s.Git }) {
		out = append(out, ".git")
	}
	return out
}

// Relative is the name of a file in the repository, "" if it is outside. name is absolute.
func (r *Replayed) Relative(name string) string { return relative(r.Log.Top, name) }

// with is o with more build arguments.
func with(o plan.Options, args map[string]string) plan.Options {
	all := maps.Clone(o.Args)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, args)
	o.Args = all
	return o
}

// ErrNoContext is the error for a build without a build context.
var ErrNoContext = errors.New("it is not known which directory is the build context; --context says so")

// Replay replays b. ErrNone of package history is the error for a build that no repository has.
func (r *Repositories) Replay(ctx context.Context, b Build) (*Replayed, error) {
	if b.Context == nil {
		return nil, ErrNoContext
	}
	dir, err := filepath.EvalSymlinks(b.Dir)
	if err != nil {
		return nil, err
	}
	top := history.Find(dir)
	if top == "" {
		return nil, history.ErrNone
	}
	l, err := r.read(ctx, top)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(top, dir)
	if err != nil {
		return nil, err
	}
	out := &Replayed{Log: l, ctx: ctx}
	base := with(b.Options, r.options.Args)
	out.Changing = slices.Clone(r.options.Changing)
	declared := arguments(b.File)
	out.Changing = slices.DeleteFunc(out.Changing, func(name string) bool { return !declared[name] })
	for _, p := range r.passed(top) {
		_, fixed := base.Args[p.name]
		if declared[p.name] && !fixed && !slices.Contains(out.Changing, p.name) {
			out.Changing = append(out.Changing, p.name)
			out.Notes = append(out.Notes, fmt.Sprintf("`%s` has another value for each commit, as %s:%d passes it", p.name, p.file, p.line))
		}
	}
	for _, name := range out.Changing {
		base = with(base, map[string]string{name: "the commit"})
	}
	again := func(args map[string]string) *plan.Plan { return plan.New(b.File, with(base, args)) }
	out.build = &replay.Build{
		Plan: again(nil), Context: b.Context, Dir: filepath.ToSlash(rel), Options: base, Changing: out.Changing, Again: again,
		Trace: r.options.Trace,
	}
	out.Plan = out.build.Plan
	if r.options.AsCommitted {
		out.build.At = versions(l, out.build, top, b)
	}
	progress := func(int) {}
	if r.options.Progress != nil {
		progress = func(n int) { r.options.Progress("replaying commits", n) }
	}
	if out.Result, err = replay.Run(ctx, l, out.build, progress); err != nil {
		return nil, err
	}
	out.Notes = append(out.Notes, out.Result.Notes...)
	out.limits()
	return out, nil
}

// read reads the history of a repository once.
func (r *Repositories) read(ctx context.Context, top string) (*history.Log, error) {
	if r.started != nil {
		<-r.started
	}
	return r.load(ctx, top)
}

func (r *Repositories) load(ctx context.Context, top string) (*history.Log, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.logs[top]; l != nil {
		return l, nil
	}
	if err := r.errs[top]; err != nil {
		return nil, err
	}
	o := r.options.History
	files := map[string]bool{".gitattributes": true}
	for name := range r.names {
		if rel, err := filepath.Rel(top, name); err == nil {
			files[filepath.ToSlash(rel)] = true
		}
	}
	o.Keep = func(name string) bool { return strings.HasSuffix(name, ".dockerignore") || files[name] }
	if r.options.Progress != nil {
		o.Progress = func(n int) { r.options.Progress("reading commits", n) }
	}
	l, err := history.Read(ctx, top, o)
	if err != nil {
		r.errs[top] = err
		return nil, err
	}
	r.logs[top] = l
	return l, nil
}

// arguments are the build arguments that a file declares.
func arguments(f *parser.File) map[string]bool {
	out := map[string]bool{}
	for _, in := range f.Instructions {
		if in.Name == "ARG" {
			for _, pair := range in.Pairs {
				out[pair.Key.Value] = true
			}
		}
	}
	return out
}

// relative is the name of a file in the repository at top, "" if it is outside.
func relative(top, name string) string {
	if rel, err := filepath.Rel(top, settled(name)); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return ""
}

// versions are the builds of each commit: its Dockerfile, with its ignore file.
func versions(l *history.Log, b *replay.Build, top string, build Build) *replay.Versions {
	file := relative(top, build.Name)
	ignores := []string{path.Join(b.Dir, ".dockerignore")}
	if file != "" {
		ignores = []string{file + ".dockerignore", ignores[0]}
	}
	return &replay.Versions{
		Names: append([]string{file}, ignores...),
		Open: func(now func(string) history.Entry) (func(map[string]string) *plan.Plan, *buildcontext.Context, bool) {
			data, ok := l.Content(now(file))
			if !ok {
				return nil, nil, false
			}
			ignore, text := "", []byte(nil)
			for _, name := range ignores {
				if text, ok = l.Content(now(name)); ok {
					ignore = name
					break
				}
			}
			c, err := buildcontext.Bare(ignore, text)
			if err != nil {
				return nil, nil, false
			}
			f := parser.Parse(build.File.Name, data)
			return func(args map[string]string) *plan.Plan { return plan.New(f, with(b.Options, args)) }, c, true
		},
	}
}

// limits adds to r what its answer takes for granted.
func (r *Replayed) limits() {
	add := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	l := r.Log
	if l.Shallow {
		add("the clone is shallow, so older commits are missing; `git fetch --unshallow` gets them")
	}
	if l.Cut {
		add("only the last %d commits were read, since there are very many changes", len(l.Commits))
	}
	last := map[int32]history.Entry{}
	changed := false
	var attributes int32 = -1
	for i, name := range l.Paths {
		if name == ".gitattributes" {
			attributes = int32(i)
			last[attributes] = l.Before[i]
		}
	}
	for _, c := range l.Commits {
		for _, x := range c.Changes {
			if x.Path == attributes {
				last[attributes] = x.New
				changed = true
			}
		}
	}
	if text, ok := l.Content(last[attributes]); ok {
		if strings.Contains(string(text), "filter=lfs") {
			add("files in Git LFS are judged by their pointers; a build that does not fetch them has only these")
		}
		if changed {
			add("`.gitattributes` changed, so the line endings of files may have changed without a commit of these files")
		}
	}
	if slices.ContainsFunc(r.Plan.Stages, func(s *plan.Stage) bool { return s.Reached && s.Base.External() }) {
		add("base images are taken as unchanged: a tag that moves makes all steps run again")
	}
}

// passed is a build argument that CI passes a value of the commit for.
type passed struct {
	name, file string
	line       int
}

// perCommit matches an argument with a value that each commit, or each run of CI, has its own of.
var perCommit = lazy.Regexp{Expr: `\b([A-Za-z_][A-Za-z0-9_]*)=["']?(?:` +
	`\$\{\{[^}]*\b(?:github\.(?:sha|run_id|run_number|run_attempt|event\.(?:pull_request\.head\.sha|head_commit\.[a-z]+))|` +
	`[a-z_]*(?:sha|commit|revision|created|timestamp|build_?date|build_?time)[a-z_0-9-]*)\b[^}]*\}\}` +
	`|\$\{?(?:GITHUB_(?:SHA|RUN_ID|RUN_NUMBER)|CI_COMMIT_(?:SHA|SHORT_SHA|TIMESTAMP)|CI_PIPELINE_I?ID|CI_JOB_ID|CIRCLE_SHA1|CIRCLE_BUILD_NUM|` +
	`BUILD_SOURCEVERSION|BITBUCKET_COMMIT|DRONE_COMMIT(?:_SHA)?|GIT_COMMIT|BUILD_NUMBER|TRAVIS_COMMIT)\b` +
	`|\$\(git (?:rev-parse|describe|log)\b|\$\(date\b)`}

// maxCI bounds the CI files that are read, and how much of each.
const (
	maxCI     = 200
	maxCIFile = 256 << 10
)

// passed are the arguments that the CI files of a repository pass.
func (r *Repositories) passed(top string) []passed {
	r.mu.Lock()
	defer r.mu.Unlock()
	if out, ok := r.ci[top]; ok {
		return out
	}
	out := []passed{}
	if r.options.Sub != nil {
		out = readCI(r.options.Sub(top))
	}
	r.ci[top] = out
	return out
}

func readCI(fsys fs.FS) []passed {
	names := []string{
		".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml", ".travis.yml", "Jenkinsfile", "cloudbuild.yaml",
	}
	entries, _ := fs.ReadDir(fsys, ".github/workflows") // most repositories have none
	for _, e := range entries {
		if ext := path.Ext(e.Name()); (ext == ".yml" || ext == ".yaml") && len(names) < maxCI {
			names = append(names, ".github/workflows/"+e.Name())
		}
	}
	out := []passed{}
	for _, name := range names {
		f, err := fsys.Open(name)
		if err != nil {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(f, maxCIFile))
		_ = f.Close() // nothing was written
		if err != nil {
			continue
		}
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			if strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			for _, m := range perCommit.Get().FindAllStringSubmatch(line, -1) {
				out = append(out, passed{m[1], name, n})
			}
		}
	}
	return out
}
