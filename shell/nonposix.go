package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

const (
	stops   = "stops with a syntax error"
	unknown = "does not know the command"
)

// bashism reports what POSIX does not give sh; effect is what a shell does that lacks it, "" for what all in use have.
func (c *checker) bashism(code string, start, end int, what, effect string) {
	if !c.posix {
		return
	}
	f := c.report(NonPOSIX, code, start, end, what)
	f.Effect, f.Doubt = effect, c.doubt
	if effect == "" && f.Doubt == "" {
		f.Doubt = "POSIX leaves it out, but the shells in use as sh have it"
	}
}

func (c *checker) bashismAt(code string, n syntax.Node, what, effect string) {
	c.bashism(code, offset(n), int(n.End().Offset()), what, effect)
}

// braces reports `{a,b}` and `{1..3}`.
func (c *checker) braces(x *syntax.Word) {
	if !c.posix {
		return
	}
	for _, s := range braceSpans(c, x) {
		c.bashism("SC3009", s[0], s[1], "brace expansion", "takes it as it is written")
		f := &c.faults[len(c.faults)-1]
		switch {
		case f.Doubt != "":
		case strings.Contains(c.source(x), "://"):
			f.Doubt = "curl expands braces in a URL itself"
		case strings.Trim(c.text[s[0]:s[1]], "{0123456789,}") == "" && !strings.Contains(c.text[s[0]:s[1]], ".."):
			f.Doubt = "it may be the count of a regular expression"
		}
	}
}

// braces reports whether bash would expand braces in x.
func braces(x *syntax.Word) bool {
	for _, part := range x.Parts {
		if lit, ok := part.(*syntax.Lit); ok && strings.IndexByte(lit.Value, '{') >= 0 {
			return true
		}
	}
	return false
}

func braceSpans(c *checker, x *syntax.Word) [][2]int {
	if !braces(x) {
		return nil
	}
	var out [][2]int
	var open []int
	var list []bool
	for _, part := range x.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			continue
		}
		text := c.source(lit)
		for i := 0; i < len(text); i++ {
			switch text[i] {
			case '\\':
				i++
			case '{':
				open, list = append(open, offset(lit)+i), append(list, false)
			case ',':
				if len(list) > 0 {
					list[len(list)-1] = true
				}
			case '.':
				if len(list) > 0 && i+1 < len(text) && text[i+1] == '.' {
					list[len(list)-1] = true
				}
			case '}':
				if n := len(open) - 1; n >= 0 {
					if list[n] {
						for len(out) > 0 && out[len(out)-1][0] > open[n] {
							out = out[:len(out)-1] // the outer braces hold it
						}
						out = append(out, [2]int{open[n], offset(lit) + i + 1})
					}
					open, list = open[:n], list[:n]
				}
			}
		}
	}
	return out
}

// dollarQuote reports `$'…'` and `$"…"`, which the POSIX grammar reads as a dollar before quotes.
func (c *checker) dollarQuote(at int, next syntax.WordPart) {
	switch q := next.(type) {
	case *syntax.SglQuoted:
		c.bashism("SC3003", at, int(q.End().Offset()), "`$'…'`", "keeps the `$`, and the escapes as they are")
	case *syntax.DblQuoted:
		c.bashism("SC3004", at, int(q.End().Offset()), "`$\"…\"`", "keeps the `$`")
	}
}

func (c *checker) bashParam(p *syntax.ParamExp) {
	const bad = "stops with `Bad substitution`"
	switch {
	case p.Excl && p.Names != 0:
		c.bashismAt("SC3056", p, "the expansion of a name's beginning", bad)
	case p.Excl && p.Index != nil:
		c.bashismAt("SC3055", p, "the keys of an array", bad)
	case p.Excl:
		c.bashismAt("SC3053", p, "an indirect expansion", bad)
	case p.Index != nil:
		c.bashismAt("SC3054", p, "an array's element", bad)
	case p.Slice != nil:
		c.bashismAt("SC3057", p, "a substring expansion", bad)
	case p.Repl != nil:
		c.bashismAt("SC3060", p, "a replacement in an expansion", bad)
	case p.Exp != nil && (p.Exp.Op == syntax.UpperFirst || p.Exp.Op == syntax.UpperAll || p.Exp.Op == syntax.LowerFirst || p.Exp.Op == syntax.LowerAll):
		c.bashismAt("SC3059", p, "a change of case in an expansion", bad)
	case p.Exp != nil && p.Exp.Op == syntax.OtherParamOps:
		c.bashismAt("SC3058", p, "an `@` operator in an expansion", bad)
	}
	if p.Param == nil {
		return
	}
	switch p.Param.Value {
	case "RANDOM", "HOSTNAME", "SECONDS", "UID", "EUID", "PIPESTATUS", "OSTYPE", "BASH_SOURCE", "DIRSTACK", "MACHTYPE", "SHLVL", "FUNCNAME", "HOSTTYPE",
		"GROUPS":
		if _, set := c.vars.get(p.Param.Value); !set && !c.exported(p.Param.Value) {
			c.bashismAt("SC3028", p, "`$"+p.Param.Value+"`", "leaves it empty")
			if p.Param.Value == "HOSTNAME" {
				c.faults[len(c.faults)-1].Doubt = "the builder may set it"
			}
		}
	}
}

// bashCommand checks the compound commands that only bash and ksh have.
func (c *checker) bashCommand(cmd syntax.Command) {
	switch cmd := cmd.(type) {
	case *syntax.TestClause:
		at := offset(cmd)
		if op := c.test(cmd.X); op > 0 && c.posix {
			c.bashism("SC3014", at, at+2, "`[[`", unknown)
			c.faults[len(c.faults)-1].at = op
		} else {
			c.bashism("SC3010", at, at+2, "`[[`", unknown)
		}
	case *syntax.ArithmCmd:
		c.bashismAt("SC3006", cmd, "`((…))`", "runs it as commands in subshells")
		c.bashArithm(cmd.X)
	case *syntax.LetClause:
		c.bashism("SC3039", offset(cmd), offset(cmd)+len("let"), "`let`", unknown)
		c.bashArithm(cmd.Exprs...)
	case *syntax.CoprocClause:
		c.bashism("SC3032", offset(cmd), offset(cmd)+len("coproc"), "`coproc`", unknown)
		c.inSubshell(func() { c.stmt(cmd.Stmt, false, true) })
	}
}

// bashArithm is arithm for what is no POSIX as a whole.
func (c *checker) bashArithm(exprs ...syntax.ArithmExpr) {
	posix := c.posix
	c.posix = false
	for _, x := range exprs {
		c.arithm(x)
	}
	c.posix = posix
}

// test checks the words of a `[[`. It says where the last `==` is.
func (c *checker) test(x syntax.TestExpr) (equals int) {
	switch x := x.(type) {
	case *syntax.Word:
		c.testWord(x)
	case *syntax.UnaryTest:
		return c.test(x.X)
	case *syntax.ParenTest:
		return c.test(x.X)
	case *syntax.BinaryTest:
		left, right := c.test(x.X), c.test(x.Y)
		at := int(x.OpPos.Offset())
		if x.Op == syntax.TsMatch && strings.HasPrefix(c.text[at:], "==") {
			left = at
		}
		return max(left, right)
	}
	return 0
}

func (c *checker) testWord(x *syntax.Word) {
	for _, part := range x.Parts {
		switch p := part.(type) {
		case *syntax.Lit: // a pattern may hold backslashes
		case *syntax.SglQuoted:
			c.singleQuoted(p, place{})
		default:
			c.expansion(part, false)
		}
	}
}

func (c *checker) redirect(r *syntax.Redirect) {
	at := int(r.OpPos.Offset())
	op := r.Op.String()
	switch {
	case r.Op == syntax.RdrAll, r.Op == syntax.AppAll:
		c.bashism("SC3020", at, at+len(op), "`"+op+"`", "runs what stands before it in the background")
	case r.Op == syntax.WordHdoc:
		c.bashism("SC3011", at, at+len(op), "`<<<`", stops)
		c.word(r.Word, place{splits: true})
		return
	case r.Op == syntax.DplOut && r.N == nil && strings.Trim(r.Word.Lit(), "0123456789-") != "":
		c.bashism("SC3021", at, at+len(op), "`>&` to a file", stops)
	}
	if r.N != nil && strings.HasPrefix(r.N.Value, "{") {
		c.bashismAt("SC3022", r.N, "a named file descriptor", "takes it for an argument")
	} else if r.N != nil && len(r.N.Value) > 1 {
		c.bashismAt("SC3023", r.N, "a file descriptor over 9", "takes the number for an argument")
	}
	if lit := r.Word.Lit(); strings.HasPrefix(lit, "/dev/tcp/") || strings.HasPrefix(lit, "/dev/udp/") {
		c.bashismAt("SC3025", r.Word, "`/dev/tcp` and its like", "looks for such a file")
	}
	if r.Hdoc == nil {
		c.word(r.Word, place{splits: true})
		return
	}
	for _, part := range r.Hdoc.Parts {
		if _, ok := part.(*syntax.Lit); !ok {
			c.expansion(part, false)
		}
	}
}

// declarer reports `local`, `declare` and `typeset`.
func (c *checker) declarer(name string, start, end int) {
	switch name {
	case "local":
		if c.script.Shell != "dash" {
			c.bashism("SC3043", start, end, "`local`", "")
		}
	case "declare", "typeset":
		c.bashism("SC3044", start, end, "`"+name+"`", unknown)
	}
}

// bashBuiltin checks for commands, flags and operands that sh may lack.
func (c *checker) bashBuiltin(cmd *command) {
	first := cmd.args[0]
	if before := len(c.faults); strings.Contains(first.Lit(), "/") {
		defer func() {
			for i := before; i < len(c.faults); i++ {
				c.faults[i].Doubt = "`" + first.Lit() + "` is a program, not what the shell brings"
			}
		}()
	}
	switch cmd.name {
	case "echo":
		c.echoFlag(cmd)
	case "[", "test":
		c.testOperators(cmd.args)
	case "[[":
		at := offset(first)
		for _, w := range cmd.args {
			if w.Lit() == "==" {
				at = offset(w)
			}
		}
		code := "SC3010"
		if at != offset(first) {
			code = "SC3014"
		}
		c.bashism(code, offset(first), offset(first)+2, "`[[`", unknown)
		c.faults[len(c.faults)-1].at = at
	case "source":
		c.bashismAt("SC3046", first, "`source`", unknown)
	case "let":
		c.bashismAt("SC3039", first, "`let`", unknown)
	case "local", "declare", "typeset":
		c.declarer(cmd.name, offset(first), int(first.End().Offset()))
	case "set":
		c.setFlags(cmd)
	case "caller", "compgen", "complete", "dirs", "disown", "enable", "mapfile", "popd", "pushd", "readarray", "shopt", "suspend":
		c.bashismAt("SC3044", first, "`"+cmd.name+"`", unknown)
	case "read":
		c.flags(cmd, "SC3045", "adnpst", "p")
	case "ulimit":
		c.flags(cmd, "SC3045", "acdlmnpstuvHS", "acdlmnpstvHS")
	case "export":
		c.flags(cmd, "SC3045", "fn", "")
	case "type":
		c.flags(cmd, "SC3045", "pPaft", "")
	case "wait":
		c.flags(cmd, "SC3045", "n", "")
	case "printf":
		c.flags(cmd, "SC3045", "v", "")
		if len(cmd.args) > 1 && strings.Contains(c.source(cmd.args[1]), "%q") {
			c.bashismAt("SC3050", cmd.args[1], "`%q`", "fails")
		}
	case "exec":
		c.flags(cmd, "SC3038", "acl", "")
	case "trap":
		for _, w := range cmd.args[1:] {
			if w.Lit() == "ERR" {
				c.bashismAt("SC3047", w, "a trap on `ERR`", "refuses it")
			}
		}
	}
	if lit := first.Parts[0]; cmd.name == "" {
		if l, ok := lit.(*syntax.Lit); ok && assignsMore(l.Value) {
			c.bashismAt("SC3024", first, "`+=`", "runs it as a command, which fails")
		}
	} else if assignsMore(first.Lit()) {
		c.bashismAt("SC3024", first, "`+=`", "runs it as a command, which fails")
	}
}

// assignsMore reports whether text begins like `NAME+=`.
func assignsMore(text string) bool {
	name, _, ok := strings.Cut(text, "+=")
	return ok && syntax.ValidName(name)
}

// flags reports the flags among foreign. Those among common are in the shells in use, though not in POSIX.
func (c *checker) flags(cmd *command, code, foreign, common string) {
	for _, w := range cmd.args[1:] {
		flag := w.Lit()
		if len(flag) < 2 || flag[0] != '-' || flag == "--" {
			return
		}
		for i := 1; i < len(flag); i++ {
			if strings.IndexByte(foreign, flag[i]) < 0 {
				continue
			}
			effect := "refuses the flag"
			if strings.IndexByte(common, flag[i]) >= 0 {
				if c.script.Shell == "dash" {
					return
				}
				effect = ""
			}
			c.bashismAt(code, w, "`"+cmd.name+" "+flag+"`", effect)
			return
		}
	}
}

func (c *checker) echoFlag(cmd *command) {
	if len(cmd.args) < 2 {
		return
	}
	w := cmd.args[1]
	flag := w.Lit()
	if len(flag) < 2 || flag[0] != '-' || strings.Trim(flag[1:], "neE") != "" {
		return
	}
	effect := "prints the flag"
	if flag == "-n" {
		effect = ""
	}
	switch {
	case c.script.Shell != "dash":
		c.bashismAt("SC3037", w, "`echo "+flag+"`", effect)
	case effect != "":
		c.bashismAt("SC3036", w, "`echo "+flag+"`", effect)
	}
}

func (c *checker) testOperators(args []*syntax.Word) {
	for i, w := range args[1:] {
		op := w.Lit()
		switch op {
		case "==":
			c.bashismAt("SC3014", w, "`==`", "takes it for an unexpected operator, and the test fails")
		case "=~":
			c.bashismAt("SC3015", w, "`=~`", "takes it for an unexpected operator, and the test fails")
		case "-nt", "-ot", "-ef":
			if c.script.Shell != "dash" {
				c.bashismAt("SC3013", w, "`"+op+"`", "")
			}
		case `\<`, `\>`:
			if c.script.Shell != "dash" {
				c.bashismAt("SC3012", w, "`"+op+"`", "")
			}
		case "-v":
			if i == 0 {
				c.bashismAt("SC3016", w, "`-v`", "takes it for an unexpected operator, and the test fails")
			}
		}
	}
}

// setFlags reports options of set that POSIX does not have.
func (c *checker) setFlags(cmd *command) {
	for i := 1; i < len(cmd.args); i++ {
		w := cmd.args[i]
		flag := w.Lit()
		if len(flag) < 2 || flag[0] != '-' && flag[0] != '+' || flag == "--" {
			return
		}
		for k := 1; k < len(flag); k++ {
			if strings.IndexByte("EBTpkPHtr", flag[k]) >= 0 {
				c.bashismAt("SC3041", w, "`set "+flag+"`", "refuses the flag")
				break
			}
		}
		if !strings.HasSuffix(flag, "o") || i+1 >= len(cmd.args) {
			continue
		}
		i++
		option := cmd.args[i]
		switch option.Lit() {
		case "pipefail":
			c.bashismAt("SC3040", option, "`set -o pipefail`", "stops, for it does not know the option")
		case "braceexpand", "errtrace", "functrace", "hashall", "histexpand", "history", "keyword", "onecmd", "physical", "posix", "privileged":
			c.bashismAt("SC3040", option, "`set -o "+option.Lit()+"`", "refuses the option")
		}
	}
}
