package runtime

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// array is an instruction in exec form, and what runs because of it.
type array struct {
	step    *plan.Step
	args    []parser.Word // the program and its arguments
	own     int           // the first of args that is in step: those before it are in the ENTRYPOINT that a CMD continues
	program string
	doubt   string // why another program may run; "" if this one does
}

// arrayOf is the array of s, nil if s is not in exec form or it is not known what runs: another CMD or ENTRYPOINT is in
// force, or it is for Windows.
func arrayOf(s *plan.Step) *array {
	in := s.Instruction
	if !in.JSON || len(in.Args) == 0 || s.Stage.Windows() {
		return nil
	}
	a := &array{step: s, args: in.Args, program: in.Args[0].Value}
	switch in.Name {
	case "RUN", "HEALTHCHECK", "SHELL":
	case "ENTRYPOINT":
		if s.Stage.Command().Entrypoint != s {
			return nil
		}
	case "CMD":
		c := s.Stage.Command()
		switch {
		case c.Cmd != s:
			return nil
		case c.Entrypoint != nil && !initOnly(c.Entrypoint.Instruction):
			entry := c.Entrypoint.Instruction
			if !entry.JSON || len(entry.Args) == 0 {
				return nil
			}
			a.args = append(slices.Clone(entry.Args), in.Args...)
			a.own, a.program = len(entry.Args), entry.Args[0].Value
		}
		if c.Entrypoint == nil && c.OpenEntrypoint {
			root := s.Stage.Image()
			if root == nil || !root.External() || image.Of(*root.Ref).Entry() == image.EntryUnknown {
				a.doubt = "the base image may have an ENTRYPOINT that runs a shell"
			}
		}
	default:
		return nil
	}
	return a
}

// initOnly reports whether in, an ENTRYPOINT, is an init that starts what CMD says.
func initOnly(in *parser.Instruction) bool {
	if !in.JSON {
		return false
	}
	for i, w := range in.Args {
		switch {
		case i == 0 && slices.Contains([]string{"tini", "dumb-init", "catatonit"}, path.Base(w.Value)):
		case i > 0 && strings.HasPrefix(w.Value, "-"):
		default:
			return false
		}
	}
	return len(in.Args) > 0
}

// fails says what happens if the program of a cannot start.
func (a *array) fails() string {
	switch a.step.Instruction.Name {
	case "RUN":
		return "the step fails"
	case "HEALTHCHECK":
		return "the container is never healthy"
	case "SHELL":
		return "every `RUN` after it fails"
	}
	return "the container does not start"
}

// settle adds to f what is common to findings about an array that cannot work. stops says that the program cannot start.
func (a *array) settle(f *lint.Finding, stops bool) {
	if a.doubt != "" {
		f.Because("%s, unless an ENTRYPOINT runs the array with a shell", f.Note).Doubting("%s", a.doubt)
		if text, ok := strings.CutSuffix(f.Message, " is not expanded"); ok {
			f.Message = "only a shell expands " + text
		} else if text, ok := strings.CutPrefix(f.Message, "no shell expands "); ok {
			f.Message = "only a shell expands " + text
		} else if text, ok := strings.CutSuffix(f.Message, " is a plain argument in an array"); ok {
			f.Message = "only a shell treats " + text + " as an operator"
		}
	} else if stops && a.step.Stage.Reached && (a.step.Instruction.Name == "RUN" || a.reads()) {
		f.Breaking(lint.BreaksBuild)
	}
}

// reads reports whether a, a SHELL, runs the code of a RUN.
func (a *array) reads() bool {
	return a.step.Instruction.Name == "SHELL" && slices.ContainsFunc(a.step.Stage.Steps, func(s *plan.Step) bool {
		return s.Instruction.Name == "RUN" && !s.Instruction.JSON && s.Shell.Step == a.step
	})
}

// runsShell reports whether a shell may read an element of a as code.
func (a *array) runsShell() bool {
	inShell := false
	for _, w := range a.args {
		switch name := path.Base(w.Value); {
		case runsCode(name):
			return true
		case isShell(name):
			inShell = true
		case inShell && strings.HasPrefix(w.Value, "-") && !strings.HasPrefix(w.Value, "--") && strings.Contains(w.Value, "c"):
			return true
		}
	}
	return false
}

func isShell(name string) bool {
	switch name {
	case "sh", "bash", "ash", "dash", "ksh", "mksh", "zsh", "busybox", "fish", "pwsh", "powershell":
		return true
	}
	return false
}

// runsCode reports whether the program called name may pass its arguments to a shell.
func runsCode(name string) bool {
	switch name {
	case "su", "runuser", "ssh", "script", "watch", "xargs", "parallel", "concurrently", "nodemon", "npm-run-all", "eval", "env", "make",
		"just", "envsubst":
		return true
	}
	return false
}

// script is the code that a shell would run for a, if the elements are its words; ok is false if that is not certain.
// operators are kept, and variables are quoted unless they hold options.
func (a *array) script() (code string, operators, ok bool) {
	var words []string
	for _, w := range a.args {
		switch text := w.Value; {
		case isOperator(text):
			operators = true
			words = append(words, text)
		case plainWord.Get().MatchString(text):
			words = append(words, text)
		case optionsVariable.Get().MatchString(text):
			words = append(words, text)
		case variableWord.Get().MatchString(text):
			words = append(words, `"`+text+`"`)
		default:
			return "", false, false
		}
	}
	return strings.Join(words, " "), operators, true
}

var (
	plainWord       = lazy.Regexp{Expr: `^(~/)?[A-Za-z0-9_./:=@%+,-]+$`}
	optionsVariable = lazy.Regexp{Expr: `^\$(\{[A-Z_]*(OPTS|OPTIONS|ARGS|FLAGS)\}|[A-Z_]*(OPTS|OPTIONS|ARGS|FLAGS))$`}
	variableWord    = lazy.Regexp{Expr: `^([A-Za-z0-9_./:=@%+,-]|\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\})+$`}
)

func isOperator(text string) bool {
	switch text {
	case "&&", "||", "|", ";", ">", ">>", "<", "2>", "2>>", "2>&1", "&>", ">&2":
		return true
	}
	return false
}

// offerShell offers to let a shell run the elements of a, or code if that is not "".
func (a *array) offerShell(p *lint.Pass, f *lint.Finding, code string) {
	s := a.step
	text := s.Instruction.Rest
	from, to := a.args[0].Full().Start, a.args[len(a.args)-1].Full().End
	if !text.Whole() || a.own > 0 || s.Instruction.Name == "SHELL" || s.Stage != p.Plan.Target || container.Of(p).Shellless() {
		return
	}
	operators := true
	if code == "" {
		var ok bool
		if code, operators, ok = a.script(); !ok {
			return
		}
	}
	if !operators && s.Instruction.Name != "RUN" {
		code = "exec " + code
	}
	words := []string{"/bin/sh", "-c", code}
	if s.Instruction.Name == "ENTRYPOINT" {
		if operators {
			return // the arguments of the container belong to one of several commands
		}
		words[2] += ` "$@"`
		words = append(words, "--")
	}
	f.Offer(lint.Unsafe, "run the command with a shell", lint.Replace(parser.Span{Start: from, End: to}, encode(words)))
}

// encode writes words as the elements of a JSON array.
func encode(words []string) string {
	var out []string
	for _, w := range words {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(w) // a string always encodes
		out = append(out, strings.TrimSpace(b.String()))
	}
	return strings.Join(out, ", ")
}

// arrayFix says how text, which is not valid JSON, becomes it.
func arrayFix(text string) string {
	if json.Valid([]byte(strings.ReplaceAll(text, "'", `"`))) {
		return "use double quotes instead of single quotes"
	}
	return "put each word in double quotes, and separate the words with commas"
}

// brokenArray are the words of text, which looks like an array but is not JSON: typographic or single quotes, or none. ok
// is false if text does not look like one, or its words are not certain.
func brokenArray(text string) (words []string, ok bool) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "[")
	inner, ok2 := strings.CutSuffix(inner, "]")
	if !ok || !ok2 {
		return nil, false
	}
	spaced := strings.TrimSpace(inner) != inner
	inner = strings.TrimSuffix(strings.TrimSpace(inner), ",")
	bare := 0
	for _, part := range strings.Split(inner, ",") {
		part = strings.TrimSpace(part)
		word, quoted := unquoteLoosely(part)
		switch {
		case quoted && !strings.ContainsAny(word, "\"'\\“”„‘’"):
		case !quoted && bareWord.Get().MatchString(part):
			word, bare = part, bare+1
		default:
			return nil, false
		}
		words = append(words, word)
	}
	if bare == len(words) && len(words) == 1 && spaced {
		return nil, false // a test
	}
	return words, true
}

var bareWord = lazy.Regexp{Expr: `^[A-Za-z0-9_./:=@%+-]+$`}

// unquoteLoosely is text without the quotes around it, of whatever kind.
func unquoteLoosely(text string) (string, bool) {
	const open, shut = "\"'“”„‘’«", "\"'“”‘’»"
	for _, r := range open {
		rest, ok := strings.CutPrefix(text, string(r))
		if !ok {
			continue
		}
		for _, c := range shut {
			if word, ok := strings.CutSuffix(rest, string(c)); ok {
				return word, true
			}
		}
	}
	return "", false
}
