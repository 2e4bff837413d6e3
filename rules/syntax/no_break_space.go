package syntax

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// NoBreakSpace reports a no-break space, or another space that is not ASCII, outside quotes, where a shell and BuildKit
// read it as part of a word. One in the name of an instruction is a syntax-error. Text in quotes, keys and values,
// arrays, comments and the files in a heredoc may contain any.
var NoBreakSpace = &lint.Rule{
	Name: "no-break-space", Category: lint.Syntax,
	Summary:  "a no-break space or an invisible character where a space is meant",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.Checks(
		lint.OnRun(spacesInScript),
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			switch in := s.Instruction; in.Name {
			case "CMD", "ENTRYPOINT", "HEALTHCHECK":
				if sc := container.Command(p, s); sc != nil {
					spacesInScript(p, sc)
				}
			case "COPY", "ADD", "EXPOSE", "VOLUME", "WORKDIR", "USER", "STOPSIGNAL":
				if in.JSON {
					return
				}
				var all []parser.Span
				whole := false // an argument is nothing else
				for _, w := range in.Args {
					if !strings.ContainsAny(w.String, `'"`) {
						all = append(all, spacesIn(w.Text)...)
						whole = whole || strings.Trim(w.String, spaces) == ""
					}
				}
				if len(all) == 0 {
					return
				}
				f := reportSpaces(p, all).Because("BuildKit reads the character as part of the argument")
				if whole {
					f.Fixes = nil // without it there may be too few arguments
				}
			}
		}, "CMD", "ENTRYPOINT", "HEALTHCHECK", "COPY", "ADD", "EXPOSE", "VOLUME", "WORKDIR", "USER", "STOPSIGNAL"),
	),
}

// spaces are the characters that look like a space, or like nothing, and are none to a shell.
const spaces = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u202f\u205f\u2060\u3000\ufeff"

// invisible reports whether one of spaces has no width.
func invisible(r rune) bool { return strings.ContainsRune("\u200b\u200c\u200d\u2060\ufeff", r) }

// nameOf is what people call one of spaces.
func nameOf(r rune) string {
	name := "special space"
	switch {
	case r == '\u00a0' || r == '\u202f' || r == '\u2007':
		name = "no-break space"
	case r == '\u200b':
		name = "zero-width space"
	case r == '\ufeff':
		name = "byte order mark"
	case invisible(r):
		name = "invisible character"
	}
	return fmt.Sprintf("%s (U+%04X)", name, r)
}

// spacesIn are the places of such characters in text.
func spacesIn(text parser.Text) []parser.Span {
	var out []parser.Span
	for i, r := range text.String {
		if r >= utf8.RuneSelf && strings.ContainsRune(spaces, r) {
			out = append(out, text.Span(i, i+utf8.RuneLen(r)))
		}
	}
	return out
}

// isASCII is quicker than a search for spaces, and true of nearly all code.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// spacesInScript looks at the code outside quotes and heredocs.
func spacesInScript(p *lint.Pass, sc *shell.Script) {
	if sc.File == nil || sc.Dialect == shell.Other || isASCII(sc.Text.String) || !strings.ContainsAny(sc.Text.String, spaces) {
		return
	}
	var all []parser.Span
	var first *syntax.CallExpr // that has the first of them in its first word
	syntax.Walk(sc.File, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return false
		case *syntax.Redirect:
			return n.Hdoc == nil
		case *syntax.CallExpr:
			if first == nil && len(all) == 0 && len(n.Args) > 0 && strings.ContainsAny(n.Args[0].Lit(), spaces) {
				first = n
			}
		case *syntax.Lit:
			all = append(all, spacesIn(sc.Text.Slice(int(n.Pos().Offset()), int(n.End().Offset())))...)
		}
		return true
	})
	if len(all) == 0 {
		return
	}
	f := reportSpaces(p, all).Because("the shell reads the character as part of a word")
	if first == nil {
		return
	}
	f.Because("the shell reads the character as part of the command's name, and finds no such command")
	if step := sc.Step; step.Instruction.Name == "RUN" && step.Stage.Reached && !step.OnBuild && fails(sc, sc.Span(first.Args[0])) {
		f.Breaking(lint.BreaksBuild)
	}
}

// reportSpaces reports the first of some such characters of one instruction, and offers to replace them all.
func reportSpaces(p *lint.Pass, all []parser.Span) *lint.Finding {
	var edits []lint.Edit
	for _, s := range all {
		r, _ := utf8.DecodeRune(p.File.Bytes[s.Start:])
		if invisible(r) {
			edits = append(edits, lint.Delete(s))
		} else {
			edits = append(edits, lint.Replace(s, " "))
		}
	}
	r, _ := utf8.DecodeRune(p.File.Bytes[all[0].Start:])
	f := p.Report(all[0], "%s outside quotes", nameOf(r))
	if invisible(r) {
		return f.Advise("remove the character").Offer(lint.Unsafe, "remove the invisible character", edits...)
	}
	return f.Advise("replace the character with a space").
		Offer(lint.Unsafe, "replace the character with a space", edits...)
}

// spaceInKeyword reports such a character in the name of an instruction that BuildKit does not know; nil if there is none.
func spaceInKeyword(p *lint.Pass, span parser.Span) *lint.Finding {
	at := bytes.IndexAny(p.File.Bytes[span.Start:span.End], spaces)
	if at < 0 {
		return nil
	}
	r, size := utf8.DecodeRune(p.File.Bytes[span.Start+at:])
	f := reportSpaces(p, []parser.Span{{Start: span.Start + at, End: span.Start + at + size}})
	f.Message = nameOf(r) + " in the name of an instruction"
	return f
}
