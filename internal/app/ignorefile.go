package app

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/scannable"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// IgnoreFile is the lines of a new `.dockerignore` for c: what no image of this kind needs, whether it exists yet or
// not, what Dockerignore finds, and what `.gitignore` names. It leaves out what Dockerignore would leave out. known is
// as for Dockerignore.
func IgnoreFile(c *buildcontext.Context, p *plan.Plan, script func(*plan.Step) *shell.Script) (lines []string,
	known bool,
) {
	found, known := Dockerignore(c, p, script)
	if !known {
		return nil, false
	}
	w, _ := readWants(c, p, script)
	// The last lines are found first, so that no line above repeats them.
	last := &ignoreLines{wants: &w}
	for _, line := range buildFiles.Of(c) {
		last.add(line)
	}
	out := &ignoreLines{wants: &w, covered: last.lines}
	out.add("**/.git")
	out.add("**/.gitignore")
	for _, line := range settings.Of(c) {
		if copied, _ := copiedOn(p, script, line); !copied {
			out.add(line)
		}
	}
	for _, line := range w.products(c) {
		if !w.reads(line) { // a command that mentions it means what the build makes
			out.append(line)
		}
	}
	for _, line := range found {
		if !strings.Contains(line, "/") && !slices.ContainsFunc(expendables.Get(), func(e expendable) bool {
			return e.pattern == line && e.beside != nil
		}) {
			line = "**/" + line
		}
		out.add(line)
	}
	for _, line := range gitignored(c, p, &w) {
		switch copied, made := copiedOn(p, script, line); {
		case !copied:
			out.add(line)
		case made && w.builds && !w.reads(line) && !holds(c, line):
			out.append(line) // a command that mentions it means what the build makes
		}
	}
	return append(out.lines, last.lines...), true
}

// copiedOn reports whether a stage copies something with a name that line excludes from another, which may have it from the build context.
// made says that the other stages make all of it: they copy nothing from the build context there, or it is build output, which line, from a
// `.gitignore`, keeps out of a checkout.
func copiedOn(p *plan.Plan, script func(*plan.Step) *shell.Script, line string) (copied, made bool) {
	m, err := scannable.Matcher(line)
	if err != nil {
		return false, false
	}
	made = true
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if step.Copy == nil || step.Copy.From == nil {
				continue
			}
			for _, src := range step.Copy.Sources {
				ok, err := m.MatchesOrParentMatches(path.Base(src.Path.Text))
				if err == nil && !ok && !output(src.Path.Text, line) {
					continue
				}
				copied = true
				made = made && err == nil && step.Copy.From.Stage != nil && src.Path.Known &&
					(output(src.Path.Text, line) || makes(step.Copy.From.Stage, script, path.Join("/", src.Path.Text)))
			}
		}
	}
	return copied, made
}

// output reports whether name is a directory of build output called as line says, or below one.
func output(name, line string) bool {
	base := path.Base(line)
	return slices.Contains(outputNames[:], base) && slices.Contains(strings.Split(name, "/"), base)
}

// makes reports whether the file name of stage is certainly made there: an option of a command names it as its output, or nothing is copied
// to where it is.
func makes(stage *plan.Stage, script func(*plan.Step) *shell.Script, name string) bool {
	for _, s := range stage.Lineage() {
		for _, step := range s.Steps {
			if sc := script(step); sc != nil && slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
				w, ok := c.FlagValue("-o", "--output")
				return ok && c.Path(w).Known && c.Path(w).Text == name
			}) {
				return true
			}
		}
	}
	for _, s := range stage.Lineage() {
		for _, step := range s.Steps {
			if step.Copy != nil && (!step.Copy.To.Known || plan.Within(name, path.Clean(step.Destination()))) {
				return false
			}
		}
	}
	return true
}

// holds reports whether a directory of c has the name that line, of a `.gitignore`, says, although that is not one of build output: it may
// have sources, which git keeps because somebody added them by force.
func holds(c *buildcontext.Context, line string) bool {
	m, err := scannable.Matcher(line)
	if err != nil || slices.Contains(outputNames[:], path.Base(line)) {
		return err != nil
	}
	files, _ := c.Files()
	return slices.ContainsFunc(files, func(f buildcontext.File) bool {
		ok, err := m.MatchesOrParentMatches(path.Dir(f.Name))
		return err != nil || ok
	})
}

// ignoreLines are the lines of an ignore file.
type ignoreLines struct {
	wants   *wants
	covered []string // by lines elsewhere
	lines   []string
}

// add appends line unless the build needs what it excludes, or the lines above exclude it already. A line that begins
// with `!` is only kept if they do.
func (l *ignoreLines) add(line string) {
	name, back := strings.CutPrefix(line, "!")
	base := strings.TrimPrefix(name, "**/")
	if !back && (l.wants.reads(name) || l.wants.mentions(base) || l.wants.runs(base)) {
		return
	}
	l.append(line)
}

// append is add for a line that the build does not need.
func (l *ignoreLines) append(line string) {
	name, back := strings.CutPrefix(line, "!")
	m, err := scannable.Matcher(slices.Concat(l.covered, l.lines)...)
	if err != nil {
		return
	}
	if dir := path.Dir(name); back && dir != "." && !l.wants.reads(name) {
		// The whole directory is to stay out, and git does not look into a directory that it excludes either.
		if out, err := m.MatchesOrParentMatches(strings.ReplaceAll(dir, "**/", "")); err == nil && out {
			return
		}
	}
	// A pattern that is matched like a name may be wider than what matches it, but hardly is.
	if covered, err := m.MatchesOrParentMatches(strings.ReplaceAll(name, "**/", "")); err == nil && covered == back {
		l.lines = append(l.lines, line)
	}
}

// runs reports whether a command's text has a word whose last element matches the pattern base.
func (w *wants) runs(base string) bool {
	if !strings.ContainsAny(base, "*?[") || strings.Trim(base, "*?.") == "" {
		return false
	}
	base = path.Base(base)
	for _, text := range w.texts {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r > 127 || r != '/' && r != '*' && !wordy(byte(r)) }) {
			if ok, err := path.Match(base, path.Base(word)); err == nil && ok && path.Base(word) != "*" {
				return true
			}
		}
	}
	return false
}

// settings are the lines for files with the settings and secrets of one machine. One that git keeps is part of the
// application, since bundlers read some of them in a build.
var settings = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) []string {
	files, _ := c.Files()
	kept := false
	var examples, rails []string
	if c.Has("config/master.key") || c.Has("config/credentials.yml.enc") {
		rails = []string{"config/master.key", "config/credentials/*.key"}
	}
	for _, f := range files {
		name := path.Base(f.Name)
		if !strings.HasPrefix(name, ".env") {
			continue
		}
		switch strings.TrimPrefix(name, ".env") {
		case ".example", ".sample", ".template", ".dist":
			examples = appendNew(examples, "!**/"+name)
		default:
			kept = kept || name != ".env" && !strings.HasSuffix(name, ".local") && !c.GitIgnored(f.Name)
		}
	}
	if kept {
		return append(rails, "**/.env", "**/.env.local", "**/.env.*.local")
	}
	return slices.Concat(rails, []string{"**/.env*"}, examples)
})

// products are the lines for what the build's own package managers install and build.
func (w *wants) products(c *buildcontext.Context) []string {
	var out []string
	files, _ := c.Files()
	for _, m := range ecosystem.All() {
		if !w.installs[m.Name] {
			continue
		}
		framework := false // it has a directory of its own
		for _, o := range m.Outputs {
			switch {
			case !o.Ignored || o.Junk || o.Script && (!w.builds || framework) || o.Of != "" && !declares(c, o.Of):
			case o.Beside == nil:
				framework = framework || o.Of != ""
				out = appendNew(out, "**/"+o.Name)
			default:
				framework = framework || o.Of != ""
				out = append(out, besideLines(files, o)...)
			}
		}
	}
	for _, line := range leavings.Of(c) {
		out = appendNew(out, line)
	}
	return out
}

// leavings are the lines of others that the context calls for.
var leavings = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) (out []string) {
	files, _ := c.Files()
	for _, f := range files {
		for _, o := range others {
			if matches(o.beside, path.Base(f.Name)) {
				out = appendNew(out, o.line)
			}
		}
	}
	return out
})

// others are lines for what tools leave that no output in internal/ecosystem is.
var others = [...]struct{ beside, line string }{
	{"*.py", "**/__pycache__"},
	{"*.cabal", "**/dist-newstyle"},
	{"stack.yaml", "**/.stack-work"},
	{"pubspec.yaml", "**/.dart_tool"},
	{"rebar.config", "**/_build"},
}

// declares reports whether a `package.json` names the dependency.
func declares(c *buildcontext.Context, dependency string) bool {
	return slices.ContainsFunc(packageFiles.Of(c), func(name string) bool {
		text, err := c.Read(name)
		return err == nil && strings.Contains(string(text), `"`+dependency+`"`)
	})
}

// packageFiles are the files called `package.json`.
var packageFiles = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) (out []string) {
	files, _ := c.Files()
	for _, f := range files {
		if path.Base(f.Name) == "package.json" {
			out = append(out, f.Name)
		}
	}
	return out
})

// besideLines are the lines for an output whose name only says enough next to certain files.
func besideLines(files []buildcontext.File, o ecosystem.Output) []string {
	var dirs []string
	for _, f := range files {
		if slices.ContainsFunc(o.Beside, func(pattern string) bool { return matches(pattern, path.Base(f.Name)) }) {
			dirs = appendNew(dirs, path.Dir(f.Name))
		}
	}
	if len(dirs) > 1 && !slices.ContainsFunc(files, func(f buildcontext.File) bool {
		i := strings.Index("/"+f.Name, "/"+o.Name+"/")
		return i >= 0 && !slices.Contains(dirs, path.Clean(f.Name[:max(i-1, 0)]+"/."))
	}) {
		return []string{"**/" + o.Name}
	}
	var out []string
	for _, dir := range dirs[:min(maxPlaces, len(dirs))] {
		out = append(out, escape(path.Join(dir, o.Name)))
	}
	return out
}

// maxGitignored is how many lines of `.gitignore` are written as they are. Long ones are templates for a whole
// language, of which only what exists is worth a line. A file of more than maxRead lines and a line of more than maxLine
// bytes are passed over, and so are all patterns after maxTried comparisons of one with a name.
const (
	maxGitignored = 20
	maxRead       = 1000
	maxLine       = 4096 // the longest path on Linux
	maxTried      = 500_000
)

// gitignored are the lines of the context's `.gitignore`, as BuildKit reads them. Names of build output are left out
// if nothing in the build makes it, since it may be built outside.
func gitignored(c *buildcontext.Context, p *plan.Plan, w *wants) []string {
	text, err := c.Read(".gitignore")
	if err != nil || len(text) == buildcontext.MaxRead || bytes.Count(text, []byte("\n")) > maxRead {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || len(line) > maxLine || strings.ContainsAny(line, "\\\x00") || !utf8.ValidString(line) {
			continue
		}
		line, back := strings.CutPrefix(line, "!")
		line = strings.TrimSuffix(line, "/")
		switch base := path.Base(line); {
		case line == "" || line == "." || line == "*" || line == "/*" || line == "**" || strings.HasPrefix(base, "Dockerfile"):
			continue
		case slices.Contains(outputNames[:], base) && !w.builds:
			continue
		case !back && w.unmade(base) && (base != "node_modules" || w.runsNode(p)):
			continue
		case strings.HasPrefix(line, "/"):
			line = line[1:]
		case !strings.Contains(line, "/"):
			line = "**/" + line
		}
		if back {
			line = "!" + line
		}
		if _, err := scannable.Matcher(line); err == nil {
			out = appendNew(out, line)
		}
	}
	if len(out) <= maxGitignored {
		return out
	}
	return present(c, out)
}

// unmade reports whether there are managers that make what is called base, and the build does not use any of them so.
func (w *wants) unmade(base string) bool {
	unmade := false
	for i := range expendables.Get() {
		if e := &expendables.Get()[i]; e.pattern == base {
			runs := func(m string) bool { return w.ran[m] }
			if w.made(e) || w.builds && slices.Contains(outputNames[:], base) && slices.ContainsFunc(e.managers, runs) {
				return false
			}
			unmade = true
		}
	}
	return unmade
}

// present are the lines that match a file of c or a directory above one.
func present(c *buildcontext.Context, lines []string) []string {
	files, _ := c.Files()
	names := map[string]bool{} // of files and directories
	for _, f := range files {
		for _, name := range strings.Split(f.Name, "/") {
			names[name] = true
		}
	}
	tried := 0
	return slices.DeleteFunc(lines, func(line string) bool {
		line = strings.TrimPrefix(line, "!")
		if base, anywhere := strings.CutPrefix(line, "**/"); anywhere && !strings.ContainsAny(base, `/*?[]^\`) {
			return !names[base]
		}
		if tried += len(files); tried > maxTried {
			return true
		}
		m, err := scannable.Matcher(line)
		return err != nil || !slices.ContainsFunc(files, func(f buildcontext.File) bool {
			ok, err := m.MatchesOrParentMatches(f.Name)
			return err == nil && ok
		})
	})
}

// runsNode reports whether a step or an image may run Node.js.
func (w *wants) runsNode(p *plan.Plan) bool {
	words := []string{"node"}
	for _, m := range ecosystem.All() {
		if m.Language == ecosystem.LanguageNode {
			words = append(words, m.Name)
		}
	}
	return slices.ContainsFunc(words, w.mentions) || slices.ContainsFunc(p.Stages, func(s *plan.Stage) bool {
		i := s.Image()
		return i == nil || slices.ContainsFunc(words, func(word string) bool { return strings.Contains(i.Ref.Name(), word) })
	})
}

// outputNames are names of directories with build output.
var outputNames = [...]string{
	"build", "dist", "out", "output", "bin", "lib", "target", "release", "public", "vendor", "wheels", "static", "staticfiles", "publish",
}

// buildFiles are the lines for the files that describe the build.
var buildFiles = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) []string {
	files, _ := c.Files()
	out := []string{"**/Dockerfile*"}
	for _, f := range files {
		switch name := strings.ToLower(path.Base(f.Name)); {
		case strings.HasSuffix(name, ".dockerfile"):
			out = appendNew(out, "**/*"+path.Ext(f.Name))
		case strings.HasPrefix(name, "docker-compose") && (strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")):
			out = appendNew(out, "**/docker-compose*")
		case strings.HasPrefix(name, "compose.") && (strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")):
			out = appendNew(out, "**/compose.*")
		}
	}
	return append(out, "**/.dockerignore")
})

// Extend are lines followed by those of more that they do not cover.
func Extend(lines, more []string) []string {
	out := &ignoreLines{wants: &wants{}, lines: slices.Clone(lines)}
	for _, line := range more {
		out.add(line)
	}
	return out.lines
}
