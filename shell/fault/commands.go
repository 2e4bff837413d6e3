package fault

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/shell"
)

// command is one simple command.
type command struct {
	name    string         // the base name of the first word, "" if it is not literal
	args    []*syntax.Word // the name first
	chained bool           // something reads its status
}

func (c *checker) checkCall(call *syntax.CallExpr, chained bool) {
	for _, a := range call.Assigns {
		c.checkAssign(a)
	}
	if len(call.Args) == 0 {
		for _, a := range call.Assigns {
			c.recordAssign(a)
		}
		return
	}
	cmd := command{base(call.Args[0]), call.Args, chained}
	// The POSIX grammar reads `[[ … ]]` as a command, or as several.
	test := call.Args[0].Lit() == "[[" || call.Args[len(call.Args)-1].Lit() == "]]"
	all := role{splits: !test, program: cmd.interprets(), sed: cmd.name == "sed"}
	for i, w := range call.Args {
		as := all
		as.command = i == 0
		if i == 0 || i == 1 && (cmd.name == "exec" || cmd.name == "command" || cmd.name == "time") {
			as.splits = as.splits && len(w.Parts) > 1
		}
		before := len(c.faults)
		c.checkWord(w, as)
		if i > 0 && declares(cmd.name) {
			c.checkDeclaration(&cmd, w, before)
		}
	}
	c.checkCommand(&cmd)
	c.enterFunction(cmd.name)
}

// base is the base name of a literal word, "" if the word is not literal.
func base(w *syntax.Word) string {
	lit := w.Lit()
	if lit == "" {
		return ""
	}
	return path.Base(lit)
}

// checkCommand checks what depends on the name of the command, and records what it does to variables.
func (c *checker) checkCommand(cmd *command) {
	switch cmd.name {
	case "echo":
		c.checkEcho(cmd)
	case "printf":
		c.checkPrintf(cmd)
	case "cd", "pushd", "popd":
		c.checkCd(cmd)
	case ".", "source":
		c.checkDot(cmd)
	case "eval":
		c.sourced = true
	case "exit", "return", "exec":
		if cmd.name != "exec" || len(cmd.args) > 1 {
			c.vars.dead = true
		}
	case "read", "getopts", "mapfile", "readarray":
		c.checkRead(cmd)
	case "unset":
		for _, w := range cmd.args[1:] {
			c.vars.set(w.Lit(), dirty)
		}
	}
	if c.posix {
		c.checkBuiltin(cmd)
	}
	switch cmd.name {
	case "echo", "printf", "[", "[[": // a file name cannot be an option there
	default:
		c.checkGlobs(cmd)
	}
}

// checkRead records the variables that `read`, `getopts` and the like set.
func (c *checker) checkRead(cmd *command) {
	words := cmd.args[1:]
	if cmd.name == "getopts" {
		words = words[min(1, len(words)):]
		words = words[:min(1, len(words))]
	}
	for i, w := range words {
		lit := w.Lit()
		if syntax.ValidName(lit) && (i == 0 || !strings.HasPrefix(words[i-1].Lit(), "-") || words[i-1].Lit() == "-r") {
			c.define(lit, offset(w), offset(w), dirty)
			c.markForced(lit)
		}
	}
}

// declares reports whether the command called name takes assignments as arguments.
func declares(name string) bool {
	switch name {
	case "export", "readonly", "local", "declare", "typeset":
		return true
	}
	return false
}

// checkDeclaration checks w, an argument of `export` or the like, which is an ordinary word in the POSIX grammar. The faults
// from before on are those of w.
func (c *checker) checkDeclaration(cmd *command, w *syntax.Word, before int) {
	lit, ok := w.Parts[0].(*syntax.Lit)
	if !ok {
		return
	}
	name, text, assigns := strings.Cut(lit.Value, "=")
	if !syntax.ValidName(name) {
		return
	}
	if assigns {
		parts := w.Parts[1:]
		for i := range c.faults[before:] {
			f := &c.faults[before+i]
			if slices.ContainsFunc(parts, func(p syntax.WordPart) bool { return offset(p) == f.At }) {
				f.Other = cmd.name
			}
		}
		if text != "" {
			parts = append([]syntax.WordPart{&syntax.Lit{Value: text}}, parts...)
		}
		c.checkMasked(cmd.name, name, offset(w), parts)
		c.define(name, offset(w), offset(w), c.contentOf(parts, false))
	}
	if cmd.name == "export" {
		c.use(name)
	}
}

// checkDeclClause is checkDeclaration for the bash grammar, in which declarations have syntax of their own.
func (c *checker) checkDeclClause(d *syntax.DeclClause) {
	variant := d.Variant.Value
	c.checkDeclarer(variant, d.Variant)
	for _, a := range d.Args {
		if a.Name == nil {
			if a.Value != nil {
				c.checkWord(a.Value, role{splits: true})
			}
			continue
		}
		if !a.Naked {
			c.checkAssign(a)
			if a.Value != nil {
				if c.script.Dialect == shell.POSIX {
					c.checkSplit(a.Value, variant)
				}
				c.checkMasked(variant, a.Name.Value, offset(a), a.Value.Parts)
			}
			c.recordAssign(a)
		}
		if variant == "export" || variant == "nameref" {
			c.use(a.Name.Value)
		}
	}
	if variant == "local" || variant == "readonly" {
		return
	}
	if slices.ContainsFunc(d.Args, exports) {
		for _, a := range d.Args {
			if a.Name != nil {
				c.use(a.Name.Value)
			}
		}
	}
}

// exports reports whether an argument of `declare` or `typeset` is a flag that exports, such as `-x`.
func exports(a *syntax.Assign) bool {
	return a.Naked && a.Value != nil && strings.HasPrefix(a.Value.Lit(), "-") && strings.Contains(a.Value.Lit(), "x")
}

// checkAssign checks the value of `NAME=value`.
func (c *checker) checkAssign(a *syntax.Assign) {
	if a.Append {
		c.reportBashism("SC3024", offset(a), end(a.Name)+len("+="), "`+=`", notCommand)
	}
	if a.Value != nil {
		program := false
		switch a.Name.Value {
		case "PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND":
			program = true
		}
		c.checkWord(a.Value, role{program: program})
	}
	if a.Index != nil {
		c.checkArithm(a.Index)
	}
	if a.Array != nil {
		c.reportBashismAt("SC3030", a.Array, "array syntax", syntaxError)
		for _, e := range a.Array.Elems {
			if e.Value != nil {
				c.checkWord(e.Value, role{splits: true})
			}
		}
	}
}
