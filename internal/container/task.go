package container

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// Task is one program that the container runs. Runners such as `npx` or `bundle exec`, and the scripts of a
// package.json, are replaced by what they run.
type Task struct {
	// Words are the program and its arguments. Those from a script have the place of the script's name in the Dockerfile.
	Words  []shell.Word
	Env    map[string]string // what the command line and the scripts set, not the image
	Dir    string            // the working directory in the image
	Script *app.Script       // the last script on the way, or nil
}

// Name is the program's base name, "" where it is not known.
func (t *Task) Name() string {
	if len(t.Words) == 0 || !t.Words[0].Literal {
		return ""
	}
	return strings.TrimSuffix(path.Base(t.Words[0].Text), ".exe")
}

// Arg is the n-th word's text, "" if there are not so many.
func (t *Task) Arg(n int) string {
	if n >= len(t.Words) {
		return ""
	}
	return t.Words[n].Text
}

// Command is t as a shell.Command, for the methods of that type. It has only the words and the name.
//
//go:noinline
func (t *Task) Command() *shell.Command { return &shell.Command{Words: t.Words, Name: t.Name()} }

// Operand is the index of the first word after the program that is neither a flag nor the value of one of valued; 0 if
// there is none.
func (t *Task) Operand(valued ...string) int {
	for i := 1; i < len(t.Words); i++ {
		w := t.Words[i].Text
		switch {
		case slices.Contains(valued, w):
			i++
		case strings.HasPrefix(w, "-") && len(w) > 1:
		default:
			return i
		}
	}
	return 0
}

func findTasks(p *lint.Pass) []Task {
	target := p.Plan.Target
	if target == nil {
		return nil
	}
	var out []Task
	dir, left := target.End.Workdir.Text, maxTasks
	commands := Of(p).Commands
	for _, c := range commands[:min(len(commands), maxTasks)] {
		if wraps(c) || len(c.Words) == 0 || Of(p).argument(c) {
			continue
		}
		t := Task{Words: c.Words, Dir: dir, Env: map[string]string{}}
		for o := c; o != nil; o = o.Outer {
			for _, a := range o.Assigns {
				t.Env[a.Name] = a.Value.Text
			}
		}
		if t.Name() == "cd" && len(c.Words) > 1 {
			dir = absolute(dir, c.Words[1].Text)
			continue
		}
		out = append(out, resolve(p, t, &left)...)
	}
	return out
}

// argument reports whether c, of a CMD, is only an argument that the script of ENTRYPOINT takes, and no program.
func (c *Container) argument(cmd *shell.Command) bool {
	if c.Entrypoint == nil || cmd.Script.Step != c.Cmd || !c.Cmd.Instruction.JSON || strings.Contains(cmd.Words[0].Text, "/") {
		return false
	}
	if all := c.EntryScripts(); len(all) > 0 && all[0].Command.Script.Step == c.Entrypoint {
		text := all[0].Text
		return !strings.Contains(text, "$@") && !strings.Contains(text, "$*") ||
			strings.Contains(text, "$1") && compares(text, cmd.Words[0].Text)
	}
	switch cmd.Words[0].Text {
	case "serve", "server", "start", "run", "web", "worker", "app", "api":
		return c.Unread && c.startsScript()
	}
	return false
}

// compares reports whether shell code compares something with word, or has a branch of `case` for it.
func compares(code, word string) bool {
	quoted := regexp.QuoteMeta(word)
	found, err := regexp.MatchString(`=\s*["']?`+quoted+`["']?(\s|\]|;|$)|(?m)^\s*\(?(?:[\w|" -]+\|)?\s*["']?`+quoted+`["']?\s*(?:\||\))`, code)
	return err == nil && found
}

// wraps reports whether another command of its script is what c runs.
func wraps(c *shell.Command) bool {
	return slices.ContainsFunc(c.Script.Commands, func(d *shell.Command) bool { return d.Outer == c })
}

// maxTasks is how many commands are looked at. Scripts can call each other, many times and in circles.
const maxTasks = 100

// resolve replaces runners and scripts with what they run, in at most left steps.
func resolve(p *lint.Pass, t Task, left *int) []Task {
	if *left--; *left < 0 {
		return []Task{t}
	}
	if inner, ok := unwrap(t); ok {
		return resolve(p, inner, left)
	}
	s, n := packageScript(p, &t)
	if s == nil {
		return []Task{t}
	}
	var out []Task
	commands := SplitScript(s.Command)
	for i, words := range commands {
		if *left < 0 {
			break
		}
		inner := Task{Dir: t.Dir, Script: s, Env: map[string]string{}}
		for _, w := range words {
			name, value, ok := strings.Cut(w, "=")
			if ok && len(inner.Words) == 0 && !strings.HasPrefix(w, "-") {
				inner.Env[name] = value
				continue
			}
			inner.Words = append(inner.Words, shell.Word{Text: w, Span: t.Words[n].Span, Literal: !strings.Contains(w, "$")})
		}
		for name, value := range t.Env {
			if _, ok := inner.Env[name]; !ok {
				inner.Env[name] = value
			}
		}
		if len(inner.Words) > 0 {
			if i == len(commands)-1 {
				inner.Words = append(inner.Words, passed(t.Words[n+1:])...)
			}
			out = append(out, resolve(p, inner, left)...)
		}
	}
	return out
}

// passed are the arguments that a package manager passes to the script whose name precedes words.
func passed(words []shell.Word) []shell.Word {
	if len(words) > 0 && words[0].Text == "--" {
		return words[1:]
	}
	return words
}

// unwrap is what t runs, if t is a runner.
func unwrap(t Task) (Task, bool) {
	cut := 0
	switch name := t.Name(); name {
	case "cross-env", "cross-env-shell", "ddtrace-run", "opentelemetry-instrument":
		for cut = 1; cut < len(t.Words) && strings.Contains(t.Words[cut].Text, "="); cut++ {
			key, value, _ := strings.Cut(t.Words[cut].Text, "=")
			t.Env[key] = value
		}
	case "doppler", "infisical", "dotenv", "dotenvx", "wait-for-it.sh", "wait-for-it", "wait-for", "wait-for.sh":
		cut = 1 + slices.IndexFunc(t.Words, func(w shell.Word) bool { return w.Text == "--" })
	default:
		switch runner := t.runner(); {
		case t.Python():
			cut = t.pythonModule()
		case runner != nil && slices.Contains(runner.Programs, name):
			cut = t.Operand(runner.ProgramValued...)
		case runner != nil:
			i := t.Operand(runner.ExecValued...)
			if i == 0 || !ecosystem.Has(runner.Exec, t.Arg(i)) {
				return t, false
			}
			t.Words = t.Words[i:]
			if cut = t.Operand(runner.RunValued...); runner.Dash && t.Arg(1) == "--" {
				cut = 2
			}
		}
	}
	if cut <= 0 || cut >= len(t.Words) {
		return t, false
	}
	t.Words = t.Words[cut:]
	return t, true
}

// runner is how t runs other programs, nil if it does not.
func (t *Task) runner() *ecosystem.Runner {
	if r := t.program().runner; r != nil {
		return r
	}
	if m := t.Manager(); m != nil {
		return m.Runner
	}
	return runners.Get()[t.Name()]
}

// runners are those of the commands that come with a package manager, such as `npx`.
var runners = lazy.Value[map[string]*ecosystem.Runner]{Make: func() map[string]*ecosystem.Runner {
	out := map[string]*ecosystem.Runner{}
	for _, m := range ecosystem.All() {
		if m.Runner != nil {
			for _, name := range m.Runner.Programs {
				out[name] = m.Runner
			}
		}
	}
	return out
}}

// pythonModule is the index of the name of a known program in `python -m NAME`, 0 where there is none.
func (t *Task) pythonModule() int {
	for i := 1; i+1 < len(t.Words) && strings.HasPrefix(t.Words[i].Text, "-"); i++ {
		switch t.Words[i].Text {
		case "-m":
			if row := programs.Get()[t.Words[i+1].Text]; row != nil && row.module {
				return i + 1
			}
			return 0
		case "-c":
			return 0
		case "-W", "-X":
			i++
		}
	}
	return 0
}

// Python reports whether the program is Python's interpreter, of whatever version.
func (t *Task) Python() bool {
	name := t.Name()
	return strings.HasPrefix(name, "python") && strings.Trim(name[len("python"):], "0123456789.") == ""
}

// packageScript is the script of a package.json that t runs, with the index of the word that names it.
func packageScript(p *lint.Pass, t *Task) (*app.Script, int) {
	i, name := t.ScriptName()
	if name == "" || app.Of(p) == nil {
		return nil, 0
	}
	dir := t.Dir
	if d, ok := t.Command().FlagValue("--prefix", "--cwd", "-C", "--dir"); ok {
		dir = absolute(dir, d.Text)
	}
	file, ok := p.Origin(p.Plan.Target, path.Join(dir, "package.json"))
	if !ok {
		return nil, 0
	}
	s, ok := app.Of(p).Script(path.Dir(file), name)
	if !ok {
		return nil, 0
	}
	t.Dir = dir
	return &s, i
}

// RunsScripts reports whether t is a package manager that runs the scripts of a package.json.
func (t *Task) RunsScripts() bool {
	m := t.Manager()
	return m != nil && m.Runner != nil && m.Runner.Scripts
}

// ScriptName is the script that a package manager of Node is told to run, with the index of its word; "" for other
// commands.
func (t *Task) ScriptName() (int, string) {
	if !t.RunsScripts() {
		return 0, ""
	}
	r := t.runner()
	i := t.Operand("--prefix", "-C", "--dir", "--cwd", "--loglevel")
	switch verb := t.Arg(i); {
	case i == 0, t.Command().Has("-w", "--workspace", "--workspaces", "--filter", "-F"):
		return 0, "" // the script of another package
	case verb == "run" || verb == "run-script":
		rest := Task{Words: t.Words[i:]}
		if j := rest.Operand("--prefix", "-C", "--dir", "--cwd"); j > 0 {
			return i + j, rest.Arg(j)
		}
		return 0, ""
	case verb == "start" && r.Start, r.Direct:
		return i, verb
	}
	return 0, ""
}

// SplitScript splits the shell code of a package.json into commands and words. Of the shell's syntax it only knows
// quotes and what separates commands.
func SplitScript(code string) [][]string {
	var out [][]string
	var words []string
	var word strings.Builder
	quote, open := byte(0), false
	end := func() {
		if open || word.Len() > 0 {
			words = append(words, word.String())
		}
		word.Reset()
		open = false
	}
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ' || c == '\t':
			end()
		case c == '&' || c == '|' || c == ';':
			end()
			if len(words) > 0 {
				out = append(out, words)
			}
			words = nil
		default:
			word.WriteByte(c)
		}
	}
	end()
	if len(words) > 0 {
		out = append(out, words)
	}
	return out
}

// longLived reports whether t runs until it is stopped.
func (t *Task) longLived() bool {
	if serves := t.program().serves; serves != nil {
		return serves(t)
	}
	if m := t.Manager(); m != nil && m.Runner != nil {
		return t.runsCompiled() || t.startsServer(m.Runner)
	}
	if !t.Python() {
		return false
	}
	if file := t.Arg(t.Operand("-W", "-X", "-m", "-c")); strings.HasSuffix(file, "manage.py") {
		return t.mentions("runserver")
	}
	if t.Command().Has("-c") || t.Operand() == 0 {
		return false
	}
	switch module, _ := t.Command().FlagValue("-m"); {
	case ecosystem.Of(module.Text) != nil,
		slices.Contains([]string{"venv", "compileall", "unittest", "pytest", "alembic"}, module.Text):
		return false
	}
	return !ends(t.Arg(t.Operand()))
}

// startsServer reports whether t, a package manager with the runner r, starts a server by a verb of its own, or by a
// script whose name says so.
func (t *Task) startsServer(r *ecosystem.Runner) bool {
	verb := t.Arg(1)
	if verb != "" && verb == r.Serves {
		return true
	}
	if !r.Start {
		return false
	}
	_, script := t.ScriptName()
	return verb == "start" || slices.ContainsFunc([]string{"start", "serve", "dev", "prod"}, func(prefix string) bool {
		return strings.HasPrefix(script, prefix)
	})
}

// runsCompiled reports whether t is the command of a package manager that runs a compiled program, such as `dotnet
// app.dll`.
func (t *Task) runsCompiled() bool {
	m := t.Manager()
	return m != nil && m.Runner != nil && m.Runner.Ending != "" && strings.HasSuffix(t.Arg(1), m.Runner.Ending)
}

// runsSources reports whether t is a package manager that is told to run the application from its sources.
func (t *Task) runsSources() bool {
	m := t.Manager()
	return m != nil && m.Build != nil && ecosystem.Has(m.Build.Starts, t.Arg(1))
}

// installs reports whether t is the command of a package manager for language.
func (t *Task) installs(language ecosystem.Language) bool {
	m := t.Manager()
	return m != nil && m.Language == language
}

// ends reports whether the name of a program is that of a task that ends by itself.
func ends(name string) bool {
	notLetter := func(r rune) bool { return r < 'a' || r > 'z' }
	for word := range strings.FieldsFuncSeq(strings.ToLower(path.Base(name)), notLetter) {
		switch word {
		case "migrate", "migration", "migrations", "init", "setup", "seed", "wait", "check", "test", "tests",
			"collect", "create", "build", "install", "load", "upgrade", "generate":
			return true
		}
	}
	return false
}
