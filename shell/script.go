// Package shell reads what RUN runs: the commands of a body with their words at their places in the Dockerfile, in the
// dialect that the plan says, and the calls of package managers among them.
package shell

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Bounds of a body: over them it is not parsed and Script.Err says so. mvdan.cc/sh recurses on nesting and would overflow the
// stack, which cannot be recovered from.
const (
	MaxBody  = 256 << 10 // bytes
	MaxDepth = 300       // nested constructs; real bodies stay under 20
)

// Dialect is a shell language.
type Dialect int

// The dialects. Other covers all that is no POSIX-like shell. Its bodies are not parsed; of those of cmd and PowerShell the
// commands are read in the large.
const (
	POSIX Dialect = iota
	Bash
	Ksh
	Zsh
	Other
)

func (d Dialect) variant() syntax.LangVariant {
	switch d {
	case POSIX:
		return syntax.LangPOSIX
	case Ksh:
		return syntax.LangMirBSDKorn
	case Zsh:
		return syntax.LangZsh
	case Bash, Other:
	}
	return syntax.LangBash
}

// Script is the code of one RUN, or of an ONBUILD RUN.
type Script struct {
	Step     *plan.Step
	Dialect  Dialect
	Shell    string      // the base name of the shell, such as sh or bash; "" for an exec form without one
	Text     parser.Text // what the shell is given
	File     *syntax.File
	Commands []*Command // all of them in source order, also in subshells, conditions, functions and substitutions
	Err      error      // it could not be parsed; Commands is then empty
	Exec     bool       // the JSON form
	// Nonstandard is the error of the POSIX parse when only bash's grammar could read the script of an `sh`.
	Nonstandard error
	// Pipelines are those of the script in source order, also in subshells and substitutions.
	Pipelines []*Pipeline
	pipefail  bool // from the first command on
	calls     []*Call
	called    bool
	variables map[string]plan.Value // what the script assigns, and what of the Dockerfile's variables was asked for
	answers   []answer
}

// Read parses the RUN of step; nil if it is no RUN or did not parse.
func Read(step *plan.Step) *Script {
	in := step.Instruction
	if in.Name != "RUN" || in.Cmd == nil {
		return nil
	}
	return read(step, in.Rest)
}

// ReadCommand parses the CMD, ENTRYPOINT or HEALTHCHECK of step; nil if it is none of them, did not parse, or is empty.
func ReadCommand(step *plan.Step) *Script {
	in := step.Instruction
	if in.Cmd == nil || len(in.Args) == 0 {
		return nil
	}
	switch in.Name {
	case "CMD", "ENTRYPOINT", "HEALTHCHECK":
		return read(step, in.Args[0].Text)
	}
	return nil
}

// read parses the JSON array of step, or else text.
func read(step *plan.Step, text parser.Text) *Script {
	s := &Script{Step: step, Text: text}
	if step.Instruction.JSON {
		s.exec()
		return s
	}
	s.dialect(step.Shell.Words)
	if !step.Shell.Known && step.Shell.Step == nil && Windows(step.Stage) {
		s.Dialect, s.Shell = Other, "cmd"
	}
	s.heredocs()
	s.parse()
	return s
}

// As is the text of s as the shell with that name reads it. Its step is that of s.
func (s *Script) As(shell string) *Script {
	out := &Script{Step: s.Step, Text: s.Text}
	out.dialect([]string{shell})
	out.parse()
	return out
}

// Windows reports whether stage is built from a Windows image, as far as its name tells, or the file chose the backtick to
// leave the backslash to Windows paths.
func Windows(stage *plan.Stage) bool {
	found := false
	for s := range stage.Lineage() {
		if s.Base != nil {
			found = found || windowsName(s.Base.Value.Text)
		}
		if s.From != nil && s.Base != nil && s.Platform.Value != "" {
			found = found || strings.HasPrefix(s.Platform.Value, "windows")
		}
		if found {
			break
		}
	}
	return found
}

// windowsName reports whether an image's reference speaks of Windows. It is asked for each script, where a regexp shows.
func windowsName(name string) bool {
	name = strings.ToLower(name)
	for _, mark := range [...]string{"windows", "nanoserver", "servercore", "ltsc20"} {
		if strings.Contains(name, mark) {
			return true
		}
	}
	return false
}

func (s *Script) dialect(words []string) {
	s.pipefail, _ = pipefail(words)
	if len(words) == 0 {
		s.Dialect = Other
		return
	}
	name := path.Base(strings.ReplaceAll(words[0], `\`, "/"))
	if name == "env" && len(words) > 1 {
		name = path.Base(words[1])
	}
	s.Shell = strings.TrimSuffix(strings.ToLower(name), ".exe")
	switch s.Shell {
	case "sh", "dash", "ash", "busybox":
		s.Dialect = POSIX
	case "bash":
		s.Dialect = Bash
	case "ksh", "mksh", "oksh":
		s.Dialect = Ksh
	case "zsh":
		s.Dialect = Zsh
	default:
		s.Dialect = Other
	}
}

// heredocs gives the shell what BuildKit gives it: the body alone for `RUN <<EOF`, run by its own interpreter if it begins
// with `#!`; else the line with its heredocs below it.
func (s *Script) heredocs() {
	docs := s.Step.Instruction.Heredocs
	if len(docs) == 0 {
		return
	}
	if strings.TrimSpace(s.Text.String) == docs[0].Raw {
		s.Text = docs[0].Body
		if line, ok := strings.CutPrefix(s.Text.String, "#!"); ok {
			line, _, _ = strings.Cut(line, "\n")
			s.dialect(strings.Fields(line))
		}
		return
	}
	for _, doc := range docs {
		end := s.Text.Slice(len(s.Text.String), len(s.Text.String))
		end.String = "\n"
		tail := doc.Body.Slice(len(doc.Body.String), len(doc.Body.String))
		tail.String = doc.Name
		s.Text = s.Text.Append(end).Append(doc.Body).Append(tail)
	}
}

// exec reads the JSON form: one command, or the script behind `sh -c`.
func (s *Script) exec() {
	s.Exec = true
	args := s.Step.Instruction.Args
	if len(args) == 0 {
		return
	}
	words := make([]string, len(args))
	c := &Command{Script: s, Span: parser.Span{Start: args[0].Full().Start, End: args[len(args)-1].Full().End}}
	for i, a := range args {
		words[i] = a.Value
		c.Words = append(c.Words, Word{Text: a.Value, Span: a.Full(), Literal: true, Quoted: true})
	}
	s.dialect(words)
	n := len(args) - 1
	if s.Dialect != Other && n >= 2 && strings.HasPrefix(words[1], "-") && strings.HasPrefix(words[n-1], "-") && strings.HasSuffix(words[n-1], "c") {
		if raw := args[n]; len(raw.String) > 2 && !strings.Contains(raw.String, `\`) {
			s.Text = raw.Slice(1, len(raw.String)-1)
			s.parse()
			return
		}
	}
	s.Dialect, s.Shell = Other, ""
	c.named()
	s.Commands = append(s.Commands, c)
	s.unwrap(c)
}

// ForWindows reports whether cmd or PowerShell runs s. Its Commands are read in the large and its code is not judged for sure: the
// engine puts a doubt on each finding in it.
func (s *Script) ForWindows() bool {
	return s.Dialect == Other && !s.Exec && (s.Shell == "cmd" || s.Shell == "powershell" || s.Shell == "pwsh")
}

func (s *Script) parse() {
	if s.Dialect == Other && !s.ForWindows() {
		return
	}
	if len(s.Text.String) > MaxBody {
		s.Err = fmt.Errorf("script of %d bytes is over the limit of %d", len(s.Text.String), MaxBody)
		return
	}
	if s.ForWindows() {
		s.windows()
		return
	}
	if deep(s.Text.String) {
		s.Err = fmt.Errorf("script nests deeper than %d levels", MaxDepth)
		return
	}
	s.File, s.Err = parse(s.Text.String, s.Dialect.variant())
	if s.Err != nil && s.Dialect != Bash {
		if f, err := parse(s.Text.String, syntax.LangBash); err == nil {
			s.File, s.Nonstandard, s.Err = f, s.Err, nil
		}
	}
	if s.Err != nil {
		s.File = nil
		return
	}
	s.commands()
}

func parse(text string, lang syntax.LangVariant) (*syntax.File, error) {
	// A parser is ten times the size of what it makes of a common RUN.
	pool := parsers(lang)
	p, ok := pool.Get().(*syntax.Parser)
	if !ok {
		p = syntax.NewParser(syntax.Variant(lang))
	}
	defer pool.Put(p)
	return p.Parse(strings.NewReader(text), "")
}

// deep scans for more open constructs than MaxDepth. It knows no quotes, so that it can only count too many.
func deep(text string) bool {
	depth, functions := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '{':
			depth++
			if c == '(' && i+1 < len(text) && text[i+1] == ')' {
				functions++
			}
		case ')', '}':
			depth = max(depth-1, 0)
		case 'i', 'f', 'w', 'u', 'c', 'd', 'e':
			if i > 0 && wordByte(text[i-1]) {
				continue
			}
			j := i
			for j < len(text) && wordByte(text[j]) {
				j++
			}
			switch text[i:j] {
			case "if", "for", "while", "until", "case":
				depth++
			case "fi", "done", "esac":
				depth = max(depth-1, 0)
			}
			i = j - 1
		}
		if depth > MaxDepth || functions > MaxDepth {
			return true
		}
	}
	return false
}

func wordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// Span is the range in the Dockerfile of a node of s.File.
func (s *Script) Span(n syntax.Node) parser.Span {
	return s.Text.Span(int(n.Pos().Offset()), int(n.End().Offset()))
}

// parsers keeps the parsers of a language for the next script.
func parsers(lang syntax.LangVariant) *sync.Pool {
	pools := parserPools()
	if pools[lang] == nil {
		return new(sync.Pool)
	}
	return pools[lang]
}

var parserPools = sync.OnceValue(func() map[syntax.LangVariant]*sync.Pool {
	return map[syntax.LangVariant]*sync.Pool{
		syntax.LangPOSIX: {}, syntax.LangBash: {}, syntax.LangMirBSDKorn: {}, syntax.LangZsh: {},
	}
})
