package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
)

// readWindows reads the commands of cmd and PowerShell roughly: words between whitespace, commands between the
// operators that the two share. It ignores their control structures, so that Commands have neither a Stmt nor
// neighbours in a pipeline.
func (s *Script) readWindows() {
	text := s.Text.String
	var words []Word
	dropped := false // these words follow a redirection
	endCommand := func() {
		if len(words) > 0 {
			span := parser.Span{Start: words[0].Span.Start, End: words[len(words)-1].Span.End}
			c := &Command{Script: s, Words: words, Span: span}
			if words[0].Literal {
				name := strings.ToLower(path.Base(strings.ReplaceAll(words[0].Text, `\`, "/")))
				c.Name = strings.TrimSuffix(strings.TrimSuffix(name, ".exe"), ".cmd")
			}
			s.Commands = append(s.Commands, c)
		}
		words, dropped = nil, false
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case strings.IndexByte(";|&\n(){}", c) >= 0:
			endCommand()
			i++
		case c == '<' || c == '>':
			dropped = true
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		default:
			end := s.windowsWordEnd(i)
			if w := text[i:end]; !dropped {
				plain := w
				if strings.ContainsAny(w, `"'`) {
					plain = strings.ReplaceAll(strings.ReplaceAll(w, `"`, ""), "'", "")
				}
				words = append(words, Word{
					Text: plain, Span: s.Text.Span(i, end), Literal: !strings.ContainsAny(w, "$%"), Quoted: len(plain) < len(w),
				})
			}
			i = end
		}
	}
	endCommand()
}

// windowsWordEnd is the offset of the end of the word that begins at the offset i.
func (s *Script) windowsWordEnd(i int) int {
	text, quote := s.Text.String, byte(0)
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' && s.Shell != "cmd":
			quote = c
		case strings.IndexByte(" \t\r\n;|&(){}<>", c) >= 0:
			return i
		}
	}
	return i
}

// Count is the number of simple commands in s, without those that another one runs. The script of a Windows shell is
// read with the grammar of bash, and has 0 if that fails.
func (s *Script) Count() int {
	n := 0
	if s.Dialect == Other && !s.Exec {
		if len(s.Text.String) > maxBody || isDeep(s.Text.String) {
			return 0
		}
		f, err := parse(s.Text.String, syntax.LangBash)
		if err != nil {
			return 0
		}
		syntax.Walk(f, func(node syntax.Node) bool {
			if call, ok := node.(*syntax.CallExpr); ok && len(call.Args) > 0 {
				n++
			}
			return true
		})
		return n
	}
	for _, c := range s.Commands {
		if c.Outer == nil && len(c.Words) > 0 {
			n++
		}
	}
	return n
}
