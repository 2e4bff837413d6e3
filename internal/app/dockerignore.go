package app

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/scannable"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// expendable is something that many build contexts hold and hardly any image needs.
type expendable struct {
	pattern  string   // of one name
	beside   []string // only next to one of these files, as patterns, because the name says too little
	managers []string // the build creates it again if one of these installs; nil: nothing needs it
	build    bool     // … and one of their commands builds
}

// expendables are sorted as a reader would: what git and editors keep, secrets, then by language. A name such as
// `build` or `dist` only counts next to a manifest of a tool that uses it, and where the build runs that tool.
var expendables = lazy.Value[[]expendable]{Make: func() []expendable {
	var out []expendable
	named := func(names ...string) {
		for _, n := range names {
			out = append(out, expendable{pattern: n})
		}
	}
	named(".git", ".gitignore", ".gitattributes", ".github", ".gitlab-ci.yml", ".env", ".env.local", ".env.*.local")
	for _, m := range ecosystem.All() {
		for _, o := range m.Outputs {
			if !o.Ignored {
				continue
			}
			i := slices.IndexFunc(out, func(e expendable) bool {
				return e.pattern == o.Name && slices.Equal(e.beside,
					o.Beside)
			})
			if i < 0 {
				i = len(out)
				out = append(out, expendable{pattern: o.Name, beside: o.Beside, build: o.Script})
			}
			if !o.Junk {
				out[i].managers = append(out[i].managers, m.Name)
			}
		}
	}
	named(".terraform", ".idea", ".vscode", ".DS_Store", "*.swp", "compose.yaml", "compose.yml", "docker-compose.yml",
		"docker-compose.yaml", "Dockerfile")
	return out
}}

// maxPlaces bounds how many places of one name get a line of their own.
const maxPlaces = 10

// Dockerignore is the lines of a `.dockerignore` for what the build sees in c and seems not to need, in a stable order.
// It leaves out what COPY, ADD or a bind mount names, what the text of a command mentions, git's directory where git
// runs, and what nothing in the build creates again. known is false where a variable hides what is copied. script
// returns the code of a RUN, which may be nil.
func Dockerignore(c *buildcontext.Context, p *plan.Plan, script func(*plan.Step) *shell.Script) (lines []string,
	known bool,
) {
	w, known := readWants(c, p, script)
	if !known {
		return nil, false
	}
	for i, found := range places.Of(c) {
		e := &expendables.Get()[i]
		if len(found) == 0 || !w.made(e) || w.mentions(e.pattern) {
			continue
		}
		line := e.pattern
		if slices.ContainsFunc(found, func(name string) bool { return strings.Contains(name, "/") }) {
			line = "**/" + line
		}
		// A common name is not ignored where it means something else.
		if e.beside == nil && !w.reads(line) {
			lines = appendNew(lines, line)
			continue
		}
		kept := 0
		for _, name := range found {
			if literal := escape(name); kept < maxPlaces && !w.reads(literal) {
				kept++
				lines = appendNew(lines, literal)
			}
		}
	}
	return lines, true
}

// Needs reports whether the build names or mentions what pattern, a line of an ignore file, would exclude. known is as
// for Dockerignore.
func Needs(c *buildcontext.Context, p *plan.Plan, script func(*plan.Step) *shell.Script, pattern string) (needed,
	known bool,
) {
	w, known := readWants(c, p, script)
	return w.reads(pattern) || w.mentions(pattern), known
}

func appendNew(lines []string, line string) []string {
	if slices.Contains(lines, line) {
		return lines
	}
	return append(lines, line)
}

// places are the outermost paths in the build context that match each of the expendables.
var places = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) [][]string {
	all := expendables.Get()
	out := make([][]string, len(all))
	byName := map[string][]int{}
	type glob struct {
		number         int
		prefix, suffix string // around the stars
	}
	var globs []glob
	for i, e := range all {
		if first := strings.Index(e.pattern, "*"); first >= 0 {
			globs = append(globs, glob{i, e.pattern[:first], e.pattern[strings.LastIndex(e.pattern, "*")+1:]})
		} else {
			byName[e.pattern] = append(byName[e.pattern], i)
		}
	}
	files, _ := c.Files()
	last := "" // the place that holds the previous file
	for _, f := range files {
		if last != "" && strings.HasPrefix(f.Name, last) {
			continue
		}
		last = ""
		for start := 0; start < len(f.Name) && last == ""; {
			end := len(f.Name)
			if i := strings.IndexByte(f.Name[start:], '/'); i >= 0 {
				end = start + i
			}
			base, name := f.Name[start:end], f.Name[:end]
			found := byName[base]
			if found == nil {
				for _, g := range globs {
					if !strings.HasPrefix(base, g.prefix) || !strings.HasSuffix(base, g.suffix) {
						continue // which spares most names the slower comparison
					}
					if ok, err := path.Match(all[g.number].pattern, base); err == nil && ok {
						found = append(found, g.number)
					}
				}
			}
			for _, i := range found {
				if all[i].beside == nil || beside(c, path.Dir(name), all[i].beside) {
					out[i] = append(out[i], name)
					last = name + "/"
				}
			}
			start = end + 1
		}
	}
	return out
})

func beside(c *buildcontext.Context, dir string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if strings.Contains(p, "*") {
			return len(c.Glob(path.Join(escape(dir), p))) > 0
		}
		_, ok := c.Lookup(path.Join(dir, p))
		return ok
	})
}

// wants is what a build needs.
type wants struct {
	names    []string        // what COPY, ADD and bind mounts name
	texts    []string        // the instructions and heredocs that may mention a file, without what `rm -f` removes
	installs map[string]bool // by manager
	ran      map[string]bool // the managers that run at all
	builds   bool            // some command has the word `build` or the like
	git      bool
}

func readWants(c *buildcontext.Context, p *plan.Plan, script func(*plan.Step) *shell.Script) (w wants, known bool) {
	w.installs, w.ran = map[string]bool{}, map[string]bool{}
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if t := step.Copy; t != nil && t.From == nil {
				for _, src := range t.Sources {
					if src.Heredoc || src.Remote || src.Whole() {
						continue
					}
					if !src.Path.Known {
						return w, false
					}
					w.name(c, src.Path.Text)
				}
				continue
			}
			for _, m := range step.Mounts {
				if m.Type == "bind" && m.From == nil {
					w.name(c, m.Source)
				}
			}
			sc := script(step)
			if sc != nil {
				w.script(sc)
			}
			if step.Copy == nil {
				w.mention(step.Instruction, sc)
			}
		}
	}
	return w, true
}

// name adds a source, and what it matches.
func (w *wants) name(c *buildcontext.Context, source string) {
	name := strings.TrimPrefix(path.Clean("/"+source), "/")
	if name == "" {
		return
	}
	w.names = append(w.names, name)
	if strings.ContainsAny(name, `*?[`) {
		w.names = append(w.names, c.Take(source, buildcontext.How{}).Names...)
	}
}

// mention adds the texts of in, of which sc is the code.
func (w *wants) mention(in *parser.Instruction, sc *shell.Script) {
	var removed []parser.Span
	if sc != nil {
		for _, c := range sc.Commands {
			if c.Name == "rm" && c.Has("-f", "--force") {
				removed = append(removed, c.Span)
			}
		}
	}
	for _, text := range texts(in) {
		if len(removed) == 0 {
			w.texts = append(w.texts, text.String)
			continue
		}
		kept := []byte(text.String)
		for i := range kept {
			at := text.Offset(i)
			if slices.ContainsFunc(removed, func(s parser.Span) bool { return s.Start <= at && at < s.End }) {
				kept[i] = ' '
			}
		}
		w.texts = append(w.texts, string(kept))
	}
}

func (w *wants) script(sc *shell.Script) {
	for _, cmd := range sc.Commands {
		if m := ecosystem.Of(cmd.Name); m != nil {
			w.ran[m.Name] = true
		}
		w.git = w.git || cmd.Name == "git" && !cmd.Has("clone", "config", "init")
		for _, a := range cmd.Args() {
			w.builds = w.builds || strings.HasPrefix(a.Text, "build") || strings.HasSuffix(a.Text, "build")
		}
	}
	for _, call := range sc.Calls() {
		if call.Action == shell.Install {
			w.installs[call.Manager] = true
		}
	}
}

// made reports whether the build creates e itself, or nothing needs it.
func (w *wants) made(e *expendable) bool {
	if e.build && !w.builds {
		return false
	}
	return e.managers == nil || slices.ContainsFunc(e.managers, func(m string) bool { return w.installs[m] })
}

// reads reports whether a source names what line ignores, or something inside it.
func (w *wants) reads(line string) bool {
	m, err := scannable.Matcher(line)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(w.names, func(name string) bool {
		ignored, err := m.MatchesOrParentMatches(name)
		if err != nil || ignored {
			return true
		}
		if !strings.ContainsAny(name, `*?[`) {
			return false
		}
		// A pattern may be meant for files that do not exist yet.
		other := strings.NewReplacer("**/", "", "*", "x").Replace(line)
		named, err := path.Match(path.Base(name), path.Base(other))
		return err != nil || named && path.Base(name) != "*"
	})
}

// mentions reports whether a command's text has pattern as a word or as part of a path, or needs it without saying so.
func (w *wants) mentions(pattern string) bool {
	if w.git && strings.HasPrefix(pattern, ".git") {
		return true
	}
	return slices.ContainsFunc(w.texts, func(text string) bool { return mentions(text, pattern) })
}

// Mentions reports whether the text of in, heredocs included, has pattern as a word or as part of a path. A pattern of
// stars is in every text.
func Mentions(in *parser.Instruction, pattern string) bool {
	return slices.ContainsFunc(texts(in), func(t parser.Text) bool { return mentions(t.String, pattern) })
}

// texts are the code of in and the bodies of its heredocs.
func texts(in *parser.Instruction) []parser.Text {
	out := []parser.Text{in.Text}
	for _, h := range in.Heredocs {
		out = append(out, h.Body)
	}
	return out
}

func mentions(text, pattern string) bool {
	pattern = strings.Trim(pattern, "*")
	if pattern == "" {
		return true
	}
	for {
		i := strings.Index(text, pattern)
		if i < 0 {
			return false
		}
		rest := text[i+len(pattern):]
		if (i == 0 || !wordy(text[i-1])) && (rest == "" || !wordy(rest[0])) {
			return true
		}
		text = rest
	}
}

// wordy reports whether c can be part of a file's name.
func wordy(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
