package stages

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnusedPackage reports a command-line tool, such as curl or unzip, that a package manager installs into the image of an
// application, although neither an instruction, nor a service of a compose file, nor any file of the build context names
// it. It is silent where code that is not read runs in the build, and for images in which people work.
var UnusedPackage = &lint.Rule{
	Name: "unused-package", Category: lint.Stages,
	Summary:  "the image ships a command-line tool that nothing uses",
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		target := p.Plan.Target
		if target == nil || !application(target) || !copies(target) || p.Plan.ForDevelopment() || entered(target) || p.Context().Bare() || hostsComposer(p, target) {
			return
		}
		var found []unused
		for _, s := range target.Lineage() {
			for _, sc := range p.Scripts(s) {
				if !forDebugging(p.File, sc.Step.Instruction) {
					found = append(found, toolsIn(sc)...)
				}
			}
		}
		if len(found) == 0 || runsUnread(p, target) {
			return
		}
		mentioned := mentioned.Of(p.Context())
		used := map[string]bool{} // by names; a package may be installed many times
		found = slices.DeleteFunc(found, func(u unused) bool {
			is, known := used[u.names]
			if !known {
				is = byFramework(p, u) || instructed(p, u) || serviced(p, u) || mentioned(u.names)
				used[u.names] = is
			}
			return is
		})
		if len(found) == 0 {
			return
		}
		byScript := map[*shell.Script][]shell.Word{}
		for _, u := range found {
			byScript[u.script] = append(byScript[u.script], u.word)
		}
		for _, s := range target.Lineage() {
			for _, sc := range p.Scripts(s) {
				words := byScript[sc]
				if len(words) == 0 {
					continue
				}
				names := make([]string, len(words))
				for i, w := range words {
					names[i] = "`" + w.Text + "`"
				}
				pronoun := "it"
				if len(words) > 1 {
					pronoun = "them"
				}
				p.Report(words[0].Span, "nothing uses %s, which the image ships", list(names)).
					Because("no instruction, no service of a compose file and no file of the build context names %s; a tool that nothing uses "+
						"has to be patched, and helps an attacker who gets in", pronoun).
					Advise("remove %s", pronoun)
			}
		}
	}),
}

// unused is a package that may be unused, with the words by which whatever uses it names it.
type unused struct {
	word   shell.Word
	names  string
	script *shell.Script
}

// namesOf are the words that show that something uses a package of tools, "" for any other package.
func namesOf(pkg string) string {
	switch {
	case strings.HasPrefix(pkg, "postgresql") && strings.HasSuffix(pkg, "client"), strings.HasPrefix(pkg, "postgresql-client-"):
		return "psql pg_dump pg_dumpall pg_restore pg_isready createdb dropdb structure dbbackup"
	case strings.HasPrefix(pkg, "python3") && strings.HasSuffix(pkg, "-venv"):
		return "venv virtualenv pipx poetry uv"
	}
	switch pkg {
	case "curl", "wget", "unzip", "jq", "rsync", "lsof", "strace", "dos2unix", "sudo":
		return pkg
	case "gnupg", "gnupg1", "gnupg2":
		return "gpg gnupg apt-key keyserver"
	case "netcat", "netcat-openbsd", "netcat-traditional", "nmap-ncat":
		return "nc netcat ncat"
	case "net-tools":
		return "ifconfig netstat arp"
	case "dnsutils", "bind9-dnsutils", "bind-tools", "bind-utils":
		return "dig nslookup host nsupdate"
	case "redis-tools":
		return "redis-cli redis-benchmark"
	case "lsb-release":
		return "lsb_release lsb-release"
	case "software-properties-common":
		return "add-apt-repository apt-add-repository"
	}
	return ""
}

// toolsIn are the packages of tools that sc installs and leaves.
func toolsIn(sc *shell.Script) (found []unused) {
	for _, call := range sc.Calls() {
		switch {
		case call.Action == shell.Remove:
			return nil
		case call.Action == shell.Install && ecosystem.Of(call.Manager) != nil && ecosystem.Of(call.Manager).System:
			for _, pkg := range call.Packages {
				if names := namesOf(pkg.Name); names != "" {
					found = append(found, unused{pkg.Word, names, sc.Root()})
				}
			}
		}
	}
	return found
}

// runsUnread reports whether a step of s runs a program that is not read and may need any tool: a script that it
// downloads, or one that the base image has.
func runsUnread(p *lint.Pass, s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name != "RUN" {
				continue
			}
			sc := p.Script(step)
			if sc == nil || sc.Err != nil {
				return true
			}
			for _, c := range sc.Commands {
				switch {
				case c.PipeFrom != nil && ecosystem.Has("sh bash ash dash python python3 perl", c.Name):
					return true
				case container.Opaque(c) && !ecosystem.Has("sh bash ash dash . source eval make", c.Name):
					if _, known := p.Origin(c.Script.Step.Stage, c.Path(c.Words[0]).Text); !known {
						return true
					}
				case ecosystem.Has("sh bash ash dash . source", c.Name) && !c.Has("-c"):
					if args := c.Operands(); len(args) > 0 {
						if _, known := p.Origin(c.Script.Step.Stage, c.Path(args[0]).Text); !known && !strings.HasSuffix(args[0].Text, "/activate") {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// byFramework reports whether the framework of the application may call what u contains without naming it: Rails, Laravel and Ecto
// load a dump of the schema with psql, Kamal requested a health route with curl, and Composer unpacks with unzip.
func byFramework(p *lint.Pass, u unused) bool {
	has := p.Context().Has
	return (strings.HasPrefix(u.names, "psql") || u.names == "curl" || u.names == "unzip") &&
		(has("Gemfile") || has("composer.json") || has("mix.exs"))
}

// hostsComposer reports whether s brings Composer for an application that is not there: other images are built from it.
func hostsComposer(p *lint.Pass, s *plan.Stage) bool {
	return !p.Context().Has("composer.json") && slices.ContainsFunc(s.Lineage(), func(s *plan.Stage) bool {
		return slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Copy != nil && slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
				m := ecosystem.Of(path.Base(src.Path.Text))
				return m != nil && m.Language == ecosystem.LanguagePHP
			})
		})
	})
}

// forDebugging reports whether a comment directly above in says that it is for debugging.
func forDebugging(f *parser.File, in *parser.Instruction) bool {
	return slices.ContainsFunc(f.Comments, func(c parser.Comment) bool {
		return c.Span.Start >= f.Above(in) && c.Span.Start < in.Span.End && debugging.Get().MatchString(c.Text)
	})
}

var debugging = lazy.Regexp{Expr: `(?i)\b(debug|debugging|debugger|troubleshoot|troubleshooting)\b`}

// instructed reports whether an instruction of the file names what u contains, apart from installing it.
func instructed(p *lint.Pass, u unused) bool {
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			in := step.Instruction
			named, known := count(in.Text.String, u.names), 0
			for _, doc := range in.Heredocs {
				named += count(doc.Body.String, u.names)
			}
			if named == 0 {
				continue
			}
			if sc := p.Script(step); sc != nil {
				for _, call := range sc.Calls() {
					if call.Action == shell.Install {
						for _, pkg := range call.Packages {
							known += count(pkg.Word.Text, u.names)
						}
					}
				}
			}
			if named > known {
				return true
			}
		}
	}
	return false
}

// serviced reports whether a service of a compose file names what u contains. One that runs another stage may get it from the same base.
func serviced(p *lint.Pass, u unused) bool {
	return slices.ContainsFunc(slices.Concat(p.Services(), p.OtherServices()), func(s lint.Service) bool {
		return count(strings.Join(slices.Concat(s.Command, s.Entrypoint, s.Healthcheck.Test), " "), u.names) > 0
	})
}

// How much of the build context is read for a package that may be unused.
const (
	maxSearched = 3000
	maxBytes    = 16 << 20
)

// mentioned reports whether a file of the build context has one of names, separated by spaces, as a whole word; or the context is too large
// to be read. It reads the context once for each names, and not again for each build or keystroke.
var mentioned = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) func(names string) bool {
	var mu sync.Mutex
	known := map[string]bool{}
	return func(names string) bool {
		mu.Lock()
		defer mu.Unlock()
		is, ok := known[names]
		if !ok {
			is = mentions(c, names)
			known[names] = is
		}
		return is
	}
})

func mentions(c *buildcontext.Context, names string) bool {
	files, cut := c.Files()
	if cut || len(files) > maxSearched {
		return true
	}
	var read int
	for _, f := range files {
		documents := strings.EqualFold(path.Ext(f.Name), ".md")
		if !documents && beside(f.Name) {
			continue
		}
		src, err := c.Read(f.Name)
		if err != nil {
			continue
		}
		if documents {
			src = bytes.Join(executed.Get().FindAll(src, -1), []byte("\n"))
		}
		if read += len(src); read > maxBytes || count(string(src), names) > 0 {
			return true
		}
	}
	return false
}

// executed matches what documentation tells people to run in a container.
var executed = lazy.Regexp{Expr: `\b(?:kubectl|docker|podman|compose|oc|nerdctl)\b[^\n]*\bexec\b[^\n]*|\b(?:fly|flyctl) ssh console\b[^\n]*|\bheroku run\b[^\n]*`}

// beside reports whether a file does not run in the container: documentation, tests, what CI does, data, or a Dockerfile.
func beside(name string) bool {
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		switch dir {
		case ".git", ".github", ".gitlab", ".circleci", ".devcontainer", "docs", "doc", "test", "tests", "__tests__", "spec", "e2e", "node_modules":
			return true
		}
	}
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".md", ".rst", ".adoc", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".pdf", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".csv",
		".mp3", ".mp4", ".zip", ".gz", ".jar", ".map", ".po", ".mo", ".sum":
		return true
	}
	return strings.Contains(base, "dockerfile") || strings.HasPrefix(base, "license") || strings.HasPrefix(base, "changelog") ||
		strings.HasPrefix(base, "readme") || base == ".gitlab-ci.yml" || strings.HasPrefix(base, "jenkinsfile")
}

// count is how often text has one of names, separated by spaces, as a whole word.
func count(text, names string) (n int) {
	for name := range strings.FieldsSeq(names) {
		for at := 0; ; {
			i := strings.Index(text[at:], name)
			if i < 0 {
				break
			}
			i += at
			at = i + len(name)
			if strings.HasPrefix(text[at:], "rc") {
				at += len("rc") // its settings, such as .digrc
			}
			if !inWord(text, i-1) && !inWord(text, at) {
				n++
			}
		}
	}
	return n
}

// inWord reports whether the byte at i of s belongs to a word.
func inWord(s string, i int) bool {
	if i < 0 || i >= len(s) {
		return false
	}
	c := s[i]
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// copies reports whether something is copied into s.
func copies(s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Copy != nil }) {
			return true
		}
	}
	return false
}
