// Package shell reads the code of RUN, CMD, ENTRYPOINT and HEALTHCHECK: its commands, with their words at their places
// in the Dockerfile, and the calls of package managers among them. The plan says which shell runs it.
package shell

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Limits of a script. One that exceeds them is not parsed, and Script.Err says so. mvdan.cc/sh recurses on nested
// constructs and could overflow the stack, from which a program cannot recover.
const (
	maxBody  = 256 << 10 // bytes
	maxDepth = 300       // nested constructs; real scripts have fewer than 20
)

// Dialect is the language of a shell.
type Dialect int

// The dialects. Other is any shell that does not resemble a POSIX shell. Its scripts are not parsed, except that the
// commands of cmd and PowerShell are read roughly.
const (
	POSIX Dialect = iota
	Bash
	Ksh
	Zsh
	Other
)

// variant is the grammar of mvdan.cc/sh for d.
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

// Script is the code of one instruction, or of a script file. Offsets in its File are bytes of Text.String; Text maps
// them to the Dockerfile. It is not safe for concurrent use.
type Script struct {
	Step    *plan.Step
	Dialect Dialect
	Shell   string       // the base name of the shell, such as sh or bash; "" for an exec form without one
	Start   []string     // the words that start the shell, such as `/bin/sh` and `-c`
	Text    parser.Text  // the code that the shell runs
	File    *syntax.File // nil if the code is not parsed
	Exec    bool         // the instruction is in exec form
	Heredoc bool         // Text is the body of a heredoc
	// Commands are all commands in source order, also those in subshells, conditions, functions and substitutions, and
	// those of Nested, after the command that runs them.
	Commands []*Command
	// Nested are the scripts that commands of this one pass to a shell, as in `sh -c '…'`, `bash <<EOF` and eval.
	Nested []*Script
	// Outer is the command that runs this script, nil if the instruction itself does.
	Outer *Command
	// Mixed says that the shell around this script first expands variables or substitutions in it. They are in Text as
	// they are written.
	Mixed bool
	// Pipelines are all pipelines in source order, also those in subshells and substitutions.
	Pipelines []*Pipeline
	Err       error // why it could not be parsed; Commands is then empty

	quote     quoting // around Text
	depth     int     // how many scripts are around this one
	pipefail  bool    // pipefail is on from the start
	calls     []*Call // once called
	called    bool
	moved     []move                // nil until somebody asks
	variables map[string]plan.Value // what the script assigns, and the variables of the Dockerfile that were looked up
	answers   []answer
}

// Read reads the code of step, a RUN or the RUN that an ONBUILD stores. It is nil for other instructions, and for one
// that BuildKit cannot parse. Script.Err says whether the code itself could be parsed. Scripts and lint.Pass keep what
// they have read.
func Read(step *plan.Step) *Script {
	in := step.Instruction
	if in.Name != "RUN" || in.Cmd == nil {
		return nil
	}
	return read(step, in.Rest)
}

// ReadCommand reads the code of step, a CMD, ENTRYPOINT or HEALTHCHECK. It is nil for other instructions, and for one
// that is empty or that BuildKit cannot parse.
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

// read reads the JSON array of step if it has one, else text.
func read(step *plan.Step, text parser.Text) *Script {
	s := &Script{Step: step, Text: text}
	if step.Instruction.JSON {
		s.readExec()
		return s
	}
	s.setShell(step.Shell.Words)
	if !step.Shell.Known && step.Shell.Step == nil && step.Stage.Windows() {
		s.Dialect, s.Shell = Other, "cmd"
	}
	s.addHeredocs()
	s.parse()
	return s
}

// As reads the text of s again, as the shell with that name would. The result has the step of s.
func (s *Script) As(shell string) *Script {
	out := &Script{Step: s.Step, Text: s.Text}
	out.setShell([]string{shell})
	out.parse()
	return out
}

// setShell derives the shell and its options from the words that start it.
func (s *Script) setShell(words []string) {
	s.Start = words
	s.pipefail, _ = pipefailOption(words)
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
	case "sh", "dash", "ash", "busybox", userShell:
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

// addHeredocs makes Text what BuildKit passes to the shell: for `RUN <<EOF` only the body, which its own interpreter
// runs if it begins with `#!`; else the line followed by its heredocs.
func (s *Script) addHeredocs() {
	docs := s.Step.Instruction.Heredocs
	if len(docs) == 0 {
		return
	}
	if strings.TrimSpace(s.Text.String) == docs[0].Raw {
		s.Text, s.Heredoc = docs[0].Body, true
		if docs[0].Chomp {
			s.Text = s.Text.Without(leadingTabs(s.Text.String))
		}
		if line, ok := strings.CutPrefix(s.Text.String, "#!"); ok {
			line, _, _ = strings.Cut(line, "\n")
			s.setShell(strings.Fields(line))
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

// leadingTabs are the offsets of the tabs that `<<-` removes from text.
func leadingTabs(text string) []int {
	var out []int
	start := true // of a line
	for i := range len(text) {
		if start = start && text[i] == '\t'; start {
			out = append(out, i)
		}
		start = start || text[i] == '\n'
	}
	return out
}

// readExec reads the exec form: one command, or the script after `sh -c`.
func (s *Script) readExec() {
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
	s.setShell(words)
	n := len(args) - 1
	if s.Dialect != Other && n >= 2 && strings.HasPrefix(words[1], "-") &&
		strings.HasPrefix(words[n-1], "-") && strings.HasSuffix(words[n-1], "c") {
		if text, ok := fromJSON(args[n].Text); ok && text.String != "" {
			s.Text, s.quote = text, inJSON
			s.parse()
			return
		}
	}
	s.Dialect, s.Shell = Other, ""
	c.setName()
	s.Commands = append(s.Commands, c)
	s.addInner(c)
	s.addNested(s.Commands[len(s.Commands)-1])
}

// ForWindows reports whether cmd or PowerShell runs s. Its Commands are only read roughly, so the engine gives each
// finding in it a doubt.
func (s *Script) ForWindows() bool {
	return s.Dialect == Other && !s.Exec && (s.Shell == "cmd" || s.Shell == "powershell" || s.Shell == "pwsh")
}

// parse reads Text as Dialect says.
func (s *Script) parse() {
	if s.Dialect == Other && !s.ForWindows() {
		return
	}
	if len(s.Text.String) > maxBody {
		s.Err = fmt.Errorf("the script has %d bytes, more than the limit of %d", len(s.Text.String), maxBody)
		return
	}
	if s.ForWindows() {
		s.readWindows()
		return
	}
	if s.File = readPlain(s.Text.String, s.Dialect.variant()); s.File != nil {
		s.readCommands()
		return
	}
	if isDeep(s.Text.String) {
		s.Err = fmt.Errorf("the script has more than %d nested constructs", maxDepth)
		return
	}
	s.File, s.Err = parse(s.Text.String, s.Dialect.variant())
	errs := []error{s.Err}
	if s.Err != nil && s.Dialect != Bash {
		f, err := parse(s.Text.String, syntax.LangBash)
		if err == nil {
			s.File, s.Err = f, nil
		}
		errs = append(errs, err)
	}
	if s.Err != nil {
		s.File = nil
		for _, err := range errs {
			if e, ok := syntaxError(s.Text.String, err); ok {
				s.Err = e
				break
			}
		}
		return
	}
	s.readCommands()
}

func parse(text string, lang syntax.LangVariant) (*syntax.File, error) {
	// A parser is ten times the size of the syntax tree of a common RUN.
	pool := parsers(lang)
	p, ok := pool.Get().(*syntax.Parser)
	if !ok {
		p = syntax.NewParser(syntax.Variant(lang))
	}
	defer pool.Put(p)
	return p.Parse(strings.NewReader(text), "")
}

// isDeep reports whether text has more than maxDepth nested constructs. It ignores quotes, so it can only count too
// many.
func isDeep(text string) bool {
	if len(text) <= maxDepth {
		return false
	}
	opened := strings.Count(text, "(") + strings.Count(text, "{")
	if opened+len(text)/2 <= maxDepth {
		return false // a word has two letters or more
	}
	for _, word := range [...]string{"if", "for", "while", "until", "case"} {
		opened += strings.Count(text, word)
	}
	if opened <= maxDepth {
		return false
	}
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
			if i > 0 && isWordByte(text[i-1]) {
				continue
			}
			j := i
			for j < len(text) && isWordByte(text[j]) {
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
		if depth > maxDepth || functions > maxDepth {
			return true
		}
	}
	return false
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// Span is the range of n, a node of s.File, in the Dockerfile. It leaves out the carriage return at the end of a line, which the parser
// counts to the last word.
func (s *Script) Span(n syntax.Node) parser.Span {
	start, end := int(n.Pos().Offset()), int(n.End().Offset())
	if end > start+1 && s.Text.String[end-1] == '\r' {
		end--
	}
	return s.Text.Span(start, end)
}

// parsers is the pool of the parsers of a language. They are used again for the next script.
func parsers(lang syntax.LangVariant) *sync.Pool {
	pools := parserPools.Get()
	if pools[lang] == nil {
		return new(sync.Pool)
	}
	return pools[lang]
}

var parserPools = lazy.Value[map[syntax.LangVariant]*sync.Pool]{Make: func() map[syntax.LangVariant]*sync.Pool {
	return map[syntax.LangVariant]*sync.Pool{
		syntax.LangPOSIX: {}, syntax.LangBash: {}, syntax.LangMirBSDKorn: {}, syntax.LangZsh: {},
	}
}}
