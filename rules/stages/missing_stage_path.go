package stages

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingStagePath reports a `COPY --from` of a path that the other stage clearly never creates: another file than `go
// build -o` writes, Cargo's directory for another profile or target, or another directory than the bundler of the
// `build` script in package.json writes. It only does so where nothing else in that stage could create the path: no
// step names it, and the build context does not contain it.
var MissingStagePath = &lint.Rule{
	Name: "missing-stage-path", Summary: "`COPY --from` copies a path that the other stage never creates",
	Category: lint.Stages,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil || s.Copy.From.Stage == nil || s.Copy.From.Stage.Index >= s.Stage.Index {
			return
		}
		from := s.Copy.From.Stage
		for _, src := range s.Copy.Sources {
			if !src.Path.Known || strings.ContainsAny(src.Path.Text, "*?[") {
				continue
			}
			file := path.Join("/", src.Path.Text)
			if name := path.Base(file); strings.HasPrefix(name, ".") && p.Context() != nil && p.Context().GitIgnored(name) {
				continue // a file with local settings, such as `.env`, that a checkout lacks
			}
			made, by := instead(p, from, file)
			if by == nil || made == file || !unspoken(p, from, file) {
				continue
			}
			f := p.Report(src.Word.Full(), "stage `%s` never creates `%s`", s.Copy.From.Value.Text, src.Path.Text).
				Relate(by.Span, "this command writes `%s`", made).
				Because("the stage creates `%s`, so the build fails at this `COPY` with `not found`", made).
				Advise("copy `%s`", made)
			if strings.Contains(made, "/target/debug/") && strings.Contains(file, "/target/release/") {
				f.Advise("build with `--release`, or copy `%s`", made)
			}
			if s.Stage.Reached {
				f.Breaking(lint.BreaksBuild)
			}
		}
	}, "COPY", "ADD"),
}

// instead is what a command of the stage creates where file would be expected; by is nil if none clearly does.
func instead(p *lint.Pass, stage *plan.Stage, file string) (made string, by *shell.Command) {
	dir, base := path.Split(file)
	dir = path.Clean(dir)
	var outputs []string
	for _, s := range stage.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				name, tool, at := c.Name, language(c), c.Dir()
				known := at.Known && path.IsAbs(at.Text)
				switch {
				case tool == ecosystem.LanguageGo && verb(c) == "build":
					o, ok := c.FlagValue("-o")
					if !ok || !o.Literal || !known || c.Has("-C") {
						outputs = append(outputs, "?")
						continue
					}
					out := c.Path(o).Text
					outputs = append(outputs, out)
					if path.Dir(out) == dir && strings.TrimSuffix(o.Text, "/") == o.Text && out != dir && onlyGo(p, stage) {
						made, by = out, c
					}
				case tool == ecosystem.LanguageRust && (verb(c) == "build" || verb(c) == "b") && known:
					out, ok := cargo(sc, c, file)
					outputs = append(outputs, out)
					if ok {
						made, by = out, c
					}
				case tool == ecosystem.LanguageRust || name == "cross" || name == "cargo-chef" || name == "make" || name == "just":
					outputs = append(outputs, "?")
				case base == "dist" || base == "build" || base == "out":
					if out, ok := bundled(p, c); ok && known && dir == at.Text {
						outputs = append(outputs, path.Join(dir, out))
						made, by = path.Join(dir, out), c
					}
				}
			}
		}
	}
	if slices.Contains(outputs, "?") || slices.ContainsFunc(outputs,
		func(out string) bool { return plan.Within(file, out) || plan.Within(out, file) }) {
		return "", nil
	}
	return made, by
}

// onlyGo reports whether the stage runs nothing but `go build` that could create a binary.
func onlyGo(p *lint.Pass, stage *plan.Stage) bool {
	harmless := []string{
		"cd", "mkdir", "export", "set", "chmod", "chown", "rm", "echo", "strip", "update-ca-certificates", "adduser", "useradd",
		"addgroup",
		"groupadd", "ls", "pwd",
	}
	ok := true
	for _, s := range stage.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name != "RUN" {
				continue
			}
			sc := p.Script(step)
			if sc == nil || sc.Err != nil || len(sc.Commands) == 0 {
				ok = false
				continue
			}
			for _, c := range sc.Commands {
				m := ecosystem.Of(c.Name)
				switch {
				case m != nil && m.Language == ecosystem.LanguageGo:
					ok = ok && len(c.Words) > 1 && slices.Contains([]string{"build", "mod", "vet", "test", "env", "version"},
						c.Words[1].Text)
				case m != nil:
					ok = ok && m.System
				default:
					ok = ok && slices.Contains(harmless, c.Name)
				}
			}
		}
	}
	return ok
}

// cargo is the directory in which Cargo puts its programs for c, and whether file is in the one of another profile or
// target.
func cargo(sc *shell.Script, c *shell.Command, file string) (out string, other bool) {
	if c.Has("--target-dir", "--manifest-path", "--profile", "--config") || strings.Contains(sc.Text.String, "CARGO_") ||
		sc.Step.Env.Lookup("CARGO_TARGET_DIR") != nil ||
		sc.Step.Env.Lookup("CARGO_BUILD_TARGET") != nil {
		return "?", false
	}
	if _, unknown := c.Fields(); unknown {
		return "?", false
	}
	root := path.Join(c.Dir().Text, "target")
	profile := "debug"
	if c.Has("--release", "-r") {
		profile = "release"
	}
	dir := path.Join(root, profile)
	target, given := c.FlagValue("--target")
	if given {
		if !target.Literal {
			return "?", false
		}
		dir = path.Join(root, target.Text, profile)
	}
	name := path.Base(file)
	switch path.Dir(file) {
	case path.Join(root, "release"), path.Join(root, "debug"):
		return path.Join(dir, name), path.Dir(file) != dir
	}
	return dir, false
}

// bundled is the directory that the bundler of a `build` script writes by default.
func bundled(p *lint.Pass, c *shell.Command) (string, bool) {
	if m := ecosystem.Of(c.Name); m == nil || m.Runner == nil || !m.Runner.Scripts {
		return "", false
	}
	words := c.Args()
	if len(words) == 0 || words[len(words)-1].Text != "build" ||
		c.Has("--prefix", "-C", "--dir", "--cwd", "-w", "--workspace", "--filter", "-F") || app.Of(p) == nil {
		return "", false
	}
	step := c.Script.Step
	file, ok := p.Origin(step.Stage, path.Join(c.Dir().Text, "package.json"))
	if !ok {
		return "", false
	}
	script, ok := app.Of(p).Script(path.Dir(file), "build")
	if !ok || strings.ContainsAny(script.Command, ";|$>") || strings.Contains(script.Command, "outDir") ||
		strings.Contains(script.Command, "BUILD_PATH") || step.Env.Lookup("BUILD_PATH") != nil {
		return "", false
	}
	if src, err := p.Context().Read(file); err != nil || frameworks.Get().Match(src) {
		return "", false
	}
	out := ""
	for command := range strings.SplitSeq(script.Command, "&&") {
		switch words := strings.Fields(command); {
		case len(words) > 0 && (words[0] == "tsc" || words[0] == "vue-tsc"):
		case len(words) == 2 && words[0] == "vite" && words[1] == "build" && viteDefaults(p, path.Dir(file)):
			out = "dist"
		case len(words) == 2 && words[0] == "react-scripts" && words[1] == "build":
			out = "build"
		default:
			return "", false
		}
	}
	return out, out != ""
}

// frameworks matches the packages of those that Vite runs in and that have a directory for output of their own.
var frameworks = lazy.Regexp{Expr: `"@(?:sveltejs/kit|react-router/dev|remix-run/dev|solidjs/start|tanstack/[\w-]*start|builder\.io/qwik-city)"`}

// viteDefaults reports whether the Vite configuration in dir neither sets a directory of its own nor uses a framework
// that does.
func viteDefaults(p *lint.Pass, dir string) bool {
	found := false
	for _, ending := range []string{"js", "ts", "mjs", "mts", "cjs", "cts"} {
		src, err := p.Context().Read(path.Join(dir, "vite.config."+ending))
		if err != nil {
			continue
		}
		found = true
		text := string(src)
		for _, word := range []string{
			"outDir", "sveltekit", "remix", "reactRouter", "solidStart", "tanstack", "qwik",
			"analog", "root:", "nitro", "import(",
		} {
			if strings.Contains(text, word) {
				return false
			}
		}
	}
	return found
}

// unspoken reports whether no step of the stage names the last part of the path, and the build context does not contain
// it.
func unspoken(p *lint.Pass, stage *plan.Stage, file string) bool {
	ok := true
	base := path.Base(file)
	for _, s := range stage.Lineage() {
		for _, step := range s.Steps {
			switch t := step.Copy; {
			case t != nil && t.From == nil && t.Context() && p.Context() == nil:
				ok = ok && path.Base(path.Dir(path.Dir(file))) == "target" // sources do not contain Cargo's output
			case t != nil && (t.Add || t.From != nil):
				ok = ok && t.From != nil && t.To.Known && !plan.Within(file, step.Destination())
			case step.Instruction.Name == "RUN":
				ok = ok && (!names(step.Instruction.Rest.String, base) || path.Base(path.Dir(path.Dir(file))) == "target")
			}
		}
		if !ok {
			break
		}
	}
	if ok && p.Context() != nil {
		_, held := p.Origin(stage, file)
		ok = !held
	}
	return ok
}

// names reports whether a script has word as a part of a path.
func names(script, word string) bool {
	if word == "build" {
		// `npm run build` itself does not create a directory of that name.
		return strings.Contains(script, "build/") || strings.Contains(script, "/build") || strings.Contains(script, " build ")
	}
	return strings.Contains(script, word)
}
