package stages

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ForeignLibc reports a `COPY --from` of something that one stage linked against its C library into a stage that has
// another C library, none, or a glibc that is too old. It knows the programs of Cargo, `go build` and C compilers,
// Python virtual environments, and node_modules. It says nothing where the other stage installs a compatibility package
// or copies libraries.
var ForeignLibc = &lint.Rule{
	Name: "foreign-libc", Summary: "`COPY --from` copies a binary linked against a libc that the target stage does not have",
	Category: lint.Stages,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil || s.Copy.From.Stage == nil || !s.Stage.Reached {
			return
		}
		from := s.Copy.From.Stage
		made, here := libcOf(from), libcOf(s.Stage)
		why := made.unfit(here)
		if why == "" || fitted(p, s.Stage) {
			return
		}
		if run := s.Stage.Command(); here.name == image.NoLibc && run.Entrypoint == nil && run.Cmd == nil {
			return // it only passes files on, and runs nothing
		}
		for _, src := range s.Copy.Sources {
			if !src.Path.Known {
				continue
			}
			what := linked(p, from, path.Join("/", src.Path.Text), made.name)
			if what == nil || what.tree && (here.name == image.NoLibc || made.name == here.name) {
				continue
			}
			how := "is linked against"
			if what.tree {
				how = "was built for"
			}
			f := p.Report(src.Word.Full(), "`%s` %s %s from `%s`, but `%s` has %s", src.Path.Text, how, made, made.where,
				here.where, here)
			if what.by != nil {
				f.Relate(what.by.Span, "the build happens here")
			}
			if what.tree {
				f.Severity = lint.Warning
				why = "the compiled parts do not load, because wheels and native add-ons are built for one C library"
			}
			f.Because("%s", why)
			switch {
			case what.tree:
				f.Advise("build both stages on the same base, such as `FROM %s`", here.where)
			case made.name == here.name:
				f.Advise("build on the same release as `%s`, or use a newer release for this stage", here.where)
			default:
				f.Advise("%s, or base the final stage on an image with %s", what.advice, made.name)
			}
			if what.doubt != "" {
				f.Message = strings.Replace(f.Message, "` is linked", "` may be linked", 1)
				f.Doubting("%s", what.doubt)
			}
		}
	}, "COPY", "ADD"),
}

// libc is the C library of a stage; name is "" where it is not known.
type libc struct {
	name  string
	minor int
	exact bool
	where string
}

func (l libc) String() string {
	switch {
	case l.name != image.Glibc || l.minor == 0:
		return l.name
	case l.exact:
		return "glibc 2." + strconv.Itoa(l.minor)
	}
	return "glibc 2." + strconv.Itoa(l.minor) + " or later"
}

func libcOf(s *plan.Stage) libc {
	root := s
	for _, s := range s.Lineage() {
		root = s
	}
	switch {
	case root.Base == nil:
		return libc{}
	case root.Base.Scratch:
		return libc{name: image.NoLibc, where: "scratch"}
	case !root.Base.External():
		return libc{}
	}
	l := libc{where: root.Base.Value.Text}
	l.name, l.minor, l.exact = image.Of(*root.Base.Ref).Libc()
	return l
}

// unfit says why a program that is linked against l does not run with here; "" where it does, or where that is not
// known.
func (l libc) unfit(here libc) string {
	switch {
	case l.name == "" || l.name == image.NoLibc || here.name == "":
		return ""
	case l.name != here.name:
		return "the program does not start, because its loader is missing, which the shell reports as `not found`"
	case l.name == image.Glibc && l.minor >= 34 && here.exact && here.minor < 34:
		// Since 2.34 the start-up code of each program uses a symbol of that version:
		// https://sourceware.org/glibc/wiki/Release/2.34.
		return "programs linked against glibc 2.34 or later do not start with an earlier glibc (`GLIBC_2.34 not found`)"
	}
	return ""
}

// fitted reports whether a step adds another C library to s, or libraries from elsewhere.
func fitted(p *lint.Pass, s *plan.Stage) bool {
	found := false
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.Copy == nil {
				continue
			}
			for _, src := range step.Copy.Sources {
				at := path.Join("/", src.Path.Text) + "/"
				libraries := (strings.Contains(at, "/lib/") || strings.Contains(at, "/lib64/")) &&
					!strings.Contains(at, "site-packages")
				found = found || !src.Path.Known || at == "/" && step.Copy.From != nil || libraries ||
					strings.Contains(at, "/ld-") || strings.Contains(at, "libc.")
			}
		}
		for _, sc := range p.Scripts(s) {
			for _, mark := range [...]string{"glibc", "gcompat", "libc6", "musl", "patchelf", "ld-linux"} {
				found = found || strings.Contains(sc.Text.String, mark)
			}
		}
	}
	return found
}

// product is something that is linked against a C library.
type product struct {
	by     *shell.Command
	tree   bool // a directory that does not only hold programs, and of which only some files are linked
	advice string
	doubt  string
}

// linked is what the stage created as file, nil unless it is known to be linked against a C library.
func linked(p *lint.Pass, stage *plan.Stage, file, libc string) *product {
	switch path.Base(file) {
	case "site-packages", "venv", ".venv":
		return environment(p, stage)
	case "node_modules":
		return modules(p, stage, file)
	}
	var out *product
	native := true
	for _, s := range stage.Lineage() {
		native = native && s.Platform.Value == ""
		for _, name := range [...]string{"CARGO_BUILD_TARGET", "RUSTFLAGS", "GOOS", "GOARCH", "CC", "GOFLAGS"} {
			native = native && s.End.Env.Lookup(name) == nil
		}
		for _, sc := range p.Scripts(s) {
			for _, mark := range [...]string{
				"RUSTFLAGS", "-static", "musl", "zigbuild", "netgo", "GOARCH", "GOOS", "GOFLAGS",
				"CC=",
			} {
				native = native && !strings.Contains(sc.Text.String, mark)
			}
			for _, c := range sc.Commands {
				if x := compiled(p, sc, c, file, libc); x != nil {
					out = x
				} else if o, ok := c.FlagValue("-o"); ok && c.Path(o).Text == file {
					out = nil
				}
			}
		}
	}
	if !native {
		return nil
	}
	return out
}

// compiled is what c creates as file, nil if it does not.
func compiled(p *lint.Pass, sc *shell.Script, c *shell.Command, file, libc string) *product {
	output := func() bool {
		o, ok := c.FlagValue("-o")
		if !ok || !o.Literal {
			return false
		}
		at := c.Path(o)
		return at.Known && at.Text == file
	}
	switch tool := language(c); {
	case tool == ecosystem.LanguageRust:
		// On a host with musl Rust links statically by default.
		dir := path.Base(path.Dir(file))
		configured := p.Context() != nil && (p.Context().Has(".cargo/config.toml") || p.Context().Has(".cargo/config"))
		if verb(c) == "build" && libc == image.Glibc && (dir == "release" || dir == "debug") && path.Ext(file) == "" &&
			path.Base(path.Dir(path.Dir(file))) == "target" && !c.Has("--target") && !configured {
			return &product{by: c, advice: "build for `--target x86_64-unknown-linux-musl`"}
		}
	case tool == ecosystem.LanguageGo:
		if verb(c) == "build" && libc == image.Glibc && !static(sc, c) && output() {
			x := &product{by: c, advice: "build with `CGO_ENABLED=0`"}
			if !listens(p) {
				x.doubt = "a Go program that does not use `net`, `os/user` or C is linked statically"
			}
			return x
		}
	case slices.Contains([]string{"gcc", "g++", "cc", "c++", "clang", "clang++"}, c.Name):
		if !c.Has("-c", "-shared") && output() {
			return &product{by: c, advice: "link with `-static`"}
		}
	}
	return nil
}

// listens reports whether a Go source file of the application clearly uses the package net, which calls the C library
// by default.
func listens(p *lint.Pass) bool {
	return app.Of(p) != nil && slices.ContainsFunc(app.Of(p).Listens(),
		func(l app.Listen) bool { return path.Ext(l.File) == ".go" })
}

// environment is a virtual environment, or the packages that pip installs, if the stage fills it.
func environment(p *lint.Pass, stage *plan.Stage) *product {
	var by *shell.Command
	for _, s := range stage.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Calls() {
				if m := ecosystem.Of(c.Manager); c.Action == shell.Install && m.Language == ecosystem.LanguagePython &&
					m.Project != nil && (c.Manifest || len(c.Packages) > 0) {
					by = c.Command
				}
			}
		}
	}
	if by == nil {
		return nil
	}
	return &product{by: by, tree: true}
}

// modules is node_modules, if the stage installs it there. Few packages are compiled, so the finding is uncertain
// unless one of those that are is listed.
func modules(p *lint.Pass, stage *plan.Stage, file string) *product {
	var by *shell.Command
	for _, s := range stage.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Calls() {
				if at := c.Dir(); c.Manifest && at.Known && ecosystem.Of(c.Manager).Language == ecosystem.LanguageNode &&
					path.Join("/", at.Text) == path.Dir(file) {
					by = c.Command
				}
			}
		}
	}
	if by == nil {
		return nil
	}
	x := &product{by: by, tree: true, doubt: "packages without compiled parts work with any C library"}
	if name, ok := p.Origin(stage, path.Join(path.Dir(file), "package.json")); ok {
		if src, err := p.Context().Read(name); err == nil {
			for _, pkg := range [...]string{
				"sharp", "bcrypt", "sqlite3", "better-sqlite3", "canvas", "argon2", "re2",
				"node-sass", "@node-rs/argon2", "@prisma/client",
			} {
				if _, deps, ok := strings.Cut(string(src), `"dependencies"`); ok {
					deps, _, _ = strings.Cut(deps, "}")
					if strings.Contains(deps, `"`+pkg+`"`) {
						x.doubt = ""
					}
				}
			}
		}
	}
	return x
}
