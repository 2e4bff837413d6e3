package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
)

// relocks is the file of the build context whose commands build the image and then run an install of m in a container of it, which
// writes the lock file: a strict install in the image would fail before that. It is "" without one.
func (f *Facts) relocks(m *ecosystem.Manager) string {
	return once(f, relocksOf{m}, func() string {
		const enough = 50 // scripts
		c, read := f.p.Context(), 0
		for _, dir := range [...]string{".", "bin", "script", "scripts"} {
			for _, name := range c.Dir(dir) {
				if ext := path.Ext(name); ext != "" && ext != ".sh" || strings.HasSuffix(name, "/") || read == enough {
					continue
				}
				read++
				file := path.Join(dir, name)
				if src, err := c.Read(file); err == nil && relocks(string(src), m) {
					return file
				}
			}
		}
		return ""
	})
}

// blockEnd matches a line after which the commands of another function or target follow.
var blockEnd = lazy.Regexp{Expr: `^(\}|function\s|[\w:.-]+ *\(\)|[\w.-]+:(\s|$))`}

// relocks reports whether a function of a script, or a target of a Makefile, builds an image before it runs an install of m in a container.
func relocks(text string, m *ecosystem.Manager) bool {
	if !strings.Contains(text, "build") || !strings.HasPrefix(text, "#!") && !strings.Contains(text, "\n\t") {
		return false
	}
	built := false
	for line := range strings.Lines(text) {
		if blockEnd.Get().MatchString(line) {
			built = false
		}
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == '&' || r == ';' || r == '|' }) {
			words := strings.Fields(part)
			i := slices.IndexFunc(words, func(w string) bool {
				return strings.HasSuffix(w, "docker") || strings.HasSuffix(w, "docker-compose") || strings.HasSuffix(w, "podman")
			})
			switch {
			case strings.HasPrefix(strings.TrimSpace(part), "#"):
			case i >= 0 && (slices.Contains(words[i:], "build") || slices.Contains(words[i:], "--build")):
				built = true
			case built && contained(words, m):
				return true
			}
		}
	}
	return false
}

// contained reports whether words are a command that runs a lenient install of m by another program, with a service or a container as its
// operand.
func contained(words []string, m *ecosystem.Manager) bool {
	for i, word := range words {
		if i < 2 || word != m.Name {
			continue
		}
		switch rest := words[i+1:]; {
		case strings.Contains(words[0], "echo"), words[0] == "printf", mentions(strings.Join(rest, " "), m.Strict.Flags):
			return false
		case len(rest) == 0:
			return m.Bare && of(m.Strict.Verbs, "")
		default:
			return slices.Contains([]string{"install", "i", "add", "lock", "sync", "update", "upgrade", "deps.get"}, rest[0])
		}
	}
	return false
}
