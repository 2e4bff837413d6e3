// Package reorder finds other orders of the steps of a Dockerfile that a history may justify. Each keeps every dependency that the plan,
// the build context and the shell code tell of, and runs the same commands with the same files.
package reorder

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Candidate is a Dockerfile with another order of steps.
type Candidate struct {
	Title  string // as the title of a fix
	Source []byte
}

// maxCandidates bounds how many orders of a Dockerfile are tried.
const maxCandidates = 40

// Candidates are the orders that differ from p in one thing: those that the unsafe fixes of findings make, arguments in changing that are
// declared later, and installations of packages that come before a COPY. c may be nil.
func Candidates(p *plan.Plan, c *buildcontext.Context, findings []*lint.Finding, changing []string) []Candidate {
	var out []Candidate
	add := func(title string, edits []lint.Edit) {
		after, err := fix.Apply(p.File.Bytes, edits)
		if err != nil || len(out) == maxCandidates || slices.ContainsFunc(out, func(c Candidate) bool { return bytes.Equal(c.Source, after) }) {
			return
		}
		if len(parser.Parse(p.File.Name, after).Errors) <= len(p.File.Errors) {
			out = append(out, Candidate{title, after})
		}
	}
	for _, f := range findings {
		for _, x := range f.Fixes {
			if x.Safety == lint.Unsafe && !slices.ContainsFunc(x.Edits, func(e lint.Edit) bool { return e.File != "" }) {
				add(x.Title, x.Edits)
				break
			}
		}
	}
	scripts := new(shell.Scripts)
	for _, s := range p.Stages {
		if !s.Reached {
			continue
		}
		for _, step := range s.Steps {
			switch step.Instruction.Name {
			case "ARG":
				user, last := firstUse(step, changing, scripts)
				switch {
				case user != nil:
					add("declare `"+step.Instruction.Pairs[0].Key.Value+"` where it is used", move(p.File, p.File.Above(user.Instruction), step.Instruction))
				case last:
					end := s.Steps[len(s.Steps)-1].Instruction.Span.End
					add("declare `"+step.Instruction.Pairs[0].Key.Value+"` last, since nothing uses it", move(p.File, end+len(p.File.Newline()), step.Instruction))
				}
			case "RUN":
				if to, with := raised(step, c, scripts); to != nil {
					add("install "+packages(step, scripts)+" before "+short(to), move(p.File, p.File.Above(to.Instruction), append(with, step.Instruction)...))
				}
				if to, with := aside(step, scripts); to != nil {
					add("run what does not need the files before "+short(to), move(p.File, p.File.Above(to.Instruction), with...))
				}
			}
		}
	}
	return out
}

// packages names the first packages that run installs, and says how many more there are.
func packages(run *plan.Step, scripts *shell.Scripts) string {
	const most = 3
	var names []string
	for _, call := range scripts.Of(run).Calls() {
		for _, p := range call.Packages {
			if call.Action == shell.Install {
				names = append(names, "`"+p.Name+"`")
			}
		}
	}
	switch n := len(names); {
	case n == 0:
		return "packages"
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most-1], ", "), n-most+1)
	case n > 1:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return names[0]
}

// short is a step for a title.
func short(step *plan.Step) string {
	const most = 60
	text := line(step)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return "`" + step.Instruction.Name + " " + text + "`"
}

// move moves instructions, each with the comments directly above it, to another line that begins at to; nil if it cannot.
func move(f *parser.File, to int, list ...*parser.Instruction) []lint.Edit {
	nl := f.Newline()
	var edits []lint.Edit
	var text strings.Builder
	for _, in := range list {
		start, end := f.Above(in), in.Span.End
		if !strings.HasPrefix(string(f.Bytes[end:]), nl) || to > len(f.Bytes) || to > 0 && f.Bytes[to-1] != '\n' {
			return nil // the last line has no end
		}
		text.WriteString(string(f.Bytes[start:end]) + nl)
		edits = append(edits, lint.Delete(parser.Span{Start: start, End: end + len(nl)}))
	}
	return append(edits, lint.Insert(to, text.String()))
}

// firstUse is the first step after an ARG, one of changing, that names the argument, if there is a RUN before that step. If no step
// names it, last says whether it can be declared at the end of its stage: no RUN starts a program that may read it.
func firstUse(arg *plan.Step, changing []string, scripts *shell.Scripts) (user *plan.Step, last bool) {
	in := arg.Instruction
	if len(in.Pairs) != 1 || !slices.Contains(changing, in.Pairs[0].Key.Value) {
		return nil, false
	}
	name, ran, deaf := in.Pairs[0].Key.Value, false, true
	for _, step := range arg.After() {
		if mentions(step.Instruction, name) {
			if ran {
				return step, false
			}
			return nil, false
		}
		if step.Instruction.Name == "RUN" {
			ran = true
			sc := scripts.Of(step)
			deaf = deaf && sc != nil && !slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return !ignoresArguments(c, sc) })
		}
	}
	return nil, ran && deaf
}

// ignoresArguments reports whether c certainly does not read a build argument that its words do not name.
func ignoresArguments(c *shell.Command, sc *shell.Script) bool {
	switch c.Name {
	case "addgroup", "adduser", "groupadd", "useradd", "chown", "chmod", "mkdir", "rm", "ln", "cp", "mv", "cat", "echo", "true", "set", "cd", "touch",
		"sed", "update-ca-certificates":
		return true
	}
	return slices.ContainsFunc(sc.Calls(), func(call *shell.Call) bool { return call.Command == c && install.Manager(call).System })
}

// mentions reports whether in holds text in its words, flags or here-documents.
func mentions(in *parser.Instruction, text string) bool {
	return strings.Contains(in.Text.String, text) || slices.ContainsFunc(in.Heredocs, func(h parser.Heredoc) bool { return strings.Contains(h.Body.String, text) })
}

// raised is the first of the steps directly above run that it can come before, if run only installs packages that are named, and one of
// these steps copies something; else nil. The variables that are set in between come with it.
func raised(run *plan.Step, c *buildcontext.Context, scripts *shell.Scripts) (to *plan.Step, with []*parser.Instruction) {
	kind := installs(run, scripts)
	if kind == other || kind == project {
		return nil, nil
	}
	var set []*parser.Instruction
	uses := func(step *plan.Step) bool {
		return slices.ContainsFunc(set, func(env *parser.Instruction) bool {
			return slices.ContainsFunc(env.Pairs, func(p parser.Pair) bool { return mentions(step.Instruction, p.Key.Value) })
		})
	}
	for _, step := range slices.Backward(run.Stage.Steps[:run.Index]) {
		switch step.Instruction.Name {
		case "COPY", "ADD":
			reads := func(call *shell.Call) bool { return !lacksSettings(step, c, install.Manager(call)) }
			if step.Copy == nil || !leavesAlone(run, kind, step.Destination()) || uses(step) || slices.ContainsFunc(scripts.Of(run).Calls(), reads) {
				return to, with
			}
			to, with = step, slices.Clone(set)
		case "LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL":
			if uses(step) {
				return to, with
			}
		case "ENV":
			if slices.ContainsFunc(step.Instruction.Pairs, func(p parser.Pair) bool {
				v := run.Env.Lookup(p.Key.Value)
				return v == nil || !v.Value().Known || strings.Contains(v.Value().Text, "/") // it may name what is copied
			}) {
				return to, with
			}
			set = append([]*parser.Instruction{step.Instruction}, set...)
		case "RUN":
			if kind != tools || installs(step, scripts) != project || len(set) > 0 {
				return to, with
			}
		default:
			return to, with
		}
	}
	return to, with
}

// installation is what a RUN does if it only installs.
type installation int

const (
	other   installation = iota
	system               // packages of the distribution that it names
	tools                // packages that it names, for all users, with the manager of a language
	project              // what the manifests of a Node.js application list, in its directory
)

// installs is what a RUN does if it does nothing but install.
func installs(run *plan.Step, scripts *shell.Scripts) installation {
	sc := scripts.Of(run)
	if sc == nil || sc.Err != nil {
		return other
	}
	kind := other
	for _, c := range sc.Commands {
		var is installation
		i := slices.IndexFunc(sc.Calls(), func(call *shell.Call) bool { return call.Command == c })
		switch {
		case i >= 0:
			if is = installer(sc.Calls()[i]); is == other {
				return other
			}
		case c.Name == "rm":
			if slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return strings.HasPrefix(w.Text, "/") && apart(w.Text) }) {
				return other
			}
			continue
		case c.Name == "corepack" && len(c.Args()) == 1 && c.Args()[0].Text == "enable":
			is = tools
		case c.Name == "set", c.Name == "true":
			continue
		default:
			return other
		}
		if i >= 0 && sc.Calls()[i].Action != shell.Install {
			continue
		}
		if kind != other && kind != is {
			return other
		}
		kind = is
	}
	if kind != project && slices.ContainsFunc(run.Mounts, func(m plan.Mount) bool { return m.Type != "cache" || m.From != nil }) {
		return other
	}
	return kind
}

// installer is what call does. A manager of a language counts if it reads no settings in the directory that it runs in.
func installer(call *shell.Call) installation {
	m := install.Manager(call)
	all := !call.Manifest && len(call.Files) == 0 && !slices.ContainsFunc(call.Packages, func(p shell.Package) bool {
		return p.Name == "" || p.Local || strings.ContainsAny(p.Word.Text, "$`")
	})
	switch {
	case m.System && all:
		return system
	case call.Action == shell.Install && call.Manifest && m.Family == ecosystem.Node:
		return project
	case !all || call.Action == shell.Install && len(call.Packages) == 0 || call.Action != shell.Install && call.Action != shell.Clean:
	case call.Action == shell.Install && slices.ContainsFunc(call.Command.Args(), func(w shell.Word) bool {
		return strings.HasPrefix(w.Text, ".") || strings.HasPrefix(w.Text, "/") || strings.Contains(w.Text, "=/") || strings.Contains(w.Text, "=.")
	}): // a file or a directory
	case m.Everywhere == nil || call.Command.Has(m.Everywhere.Unless...):
	case call.Action == shell.Clean:
		return tools
	case m.Everywhere.Verb != "":
		if args := call.Command.Args(); len(args) > 0 && args[0].Text == m.Everywhere.Verb {
			return tools
		}
	case len(m.Everywhere.Flags) == 0 || call.Command.Has(m.Everywhere.Flags...):
		return tools
	}
	return other
}

// leavesAlone reports whether run, which only installs packages, has nothing to do with the files in dir.
func leavesAlone(run *plan.Step, kind installation, dir string) bool {
	if plan.Within(dir, "/tmp") {
		return !mentions(run.Instruction, "/tmp") && !mentions(run.Instruction, "TMP")
	}
	return apart(dir) && (kind != tools || !finds(run, dir))
}

// lacksSettings reports whether step, a COPY or ADD, copies nothing that m reads while it installs for the whole image.
func lacksSettings(step *plan.Step, c *buildcontext.Context, m *ecosystem.Manager) bool {
	if m.Everywhere == nil || len(m.Everywhere.Settings) == 0 {
		return true
	}
	if c == nil || len(step.Instruction.Heredocs) > 0 {
		return false
	}
	return !slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
		taken, ok := c.Transfer(step, src)
		return !ok || taken.Cut || len(taken.Files) == 0 || slices.ContainsFunc(taken.Files, func(f buildcontext.File) bool {
			if slices.ContainsFunc(strings.Split(f.Name, "/"), func(part string) bool { return slices.Contains(m.Everywhere.Settings, part) }) {
				return true
			}
			if m.Project == nil || !slices.Contains(m.Project.Manifests, path.Base(f.Name)) {
				return false
			}
			text, err := c.Read(f.Name)
			return err != nil || strings.Contains(string(text), `"packageManager"`)
		})
	})
}

// finds reports whether the manager of a language, or its settings, may be in dir: a variable such as PATH or HOME names it, or it is the
// home of a user.
func finds(run *plan.Step, dir string) bool {
	if path.Dir(dir) == "/home" || dir == "/home" {
		return true
	}
	return slices.ContainsFunc(run.Env.Names(), func(name string) bool {
		switch upper := strings.ToUpper(name); upper {
		case "PATH", "HOME", "BUN_INSTALL", "GEM_HOME", "GEM_PATH", "LD_LIBRARY_PATH", "NODE_PATH", "NVM_DIR", "PNPM_HOME", "PYTHONHOME", "PYTHONPATH",
			"PYTHONUSERBASE", "RUBYLIB", "VIRTUAL_ENV":
		default:
			if !strings.Contains(upper, "PREFIX") && !strings.Contains(upper, "CONFIG") {
				return false
			}
		}
		v := run.Env.Lookup(name)
		return v != nil && v.Set && slices.ContainsFunc(strings.Split(v.Value().Text, ":"), func(x string) bool { return plan.Within(path.Clean(x), dir) })
	})
}

// apart reports whether a directory is the application's, so that no package of a distribution has files there: it is not one of those
// of the Filesystem Hierarchy Standard that packages and programs share.
func apart(dir string) bool {
	within := func(x string) bool { return plan.Within(dir, x) }
	switch {
	case !path.IsAbs(dir) || strings.ContainsAny(dir, "$`") || path.Clean(dir) == "/":
		return false
	case slices.ContainsFunc([]string{"/usr/src", "/usr/app", "/var/www", "/go/src"}, within):
		return true
	}
	// Go's images have tools in /go.
	return !slices.ContainsFunc([]string{
		"/bin", "/boot", "/dev", "/etc", "/go", "/lib", "/lib32", "/lib64", "/libx32", "/media", "/mnt", "/nix", "/proc", "/root", "/run", "/sbin", "/sys",
		"/tmp", "/usr", "/var",
	}, within)
}
