package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/lazy"
)

// checkDeclarer reports `local`, `declare` and `typeset`; n is the name of the command.
func (c *checker) checkDeclarer(name string, n syntax.Node) {
	switch name {
	case "local":
		if c.script.Shell != "dash" {
			c.reportBashismAt("SC3043", n, "`local`", "")
		}
	case "declare", "typeset":
		c.reportBashismAt("SC3044", n, "`"+name+"`", notFound)
	}
}

// checkBuiltin reports commands, flags and operands that sh may lack.
func (c *checker) checkBuiltin(cmd *command) {
	first := cmd.args[0]
	name := cmd.name
	if strings.Contains(first.Lit(), "/") {
		name = "" // a program, which is the same under every shell
	}
	switch name {
	case "echo":
		c.checkEchoFlag(cmd)
	case "[", "test":
		c.checkTestOperators(cmd.args)
	case "[[":
		c.checkDoubleBracket(cmd)
	case "source":
		c.reportBashismAt("SC3046", first, "`source`", notFound)
	case "coproc":
		c.reportBashismAt("SC3032", first, "`coproc`", notFound)
	case "let":
		c.reportBashismAt("SC3039", first, "`let`", notFound)
	case "local", "declare", "typeset":
		c.checkDeclarer(cmd.name, first)
	case "set":
		c.checkSetFlags(cmd)
	case "caller", "compgen", "complete", "dirs", "disown", "enable", "mapfile", "popd", "pushd", "readarray", "shopt",
		"suspend":
		c.reportBashismAt("SC3044", first, "`"+cmd.name+"`", notFound)
	case "read":
		c.checkFlags(cmd, "SC3045", "adnpst", "p")
	case "ulimit":
		c.checkFlags(cmd, "SC3045", "acdlmnpstuvHS", "acdlmnpstvHS")
	case "export":
		c.checkFlags(cmd, "SC3045", "fn", "")
	case "type":
		c.checkFlags(cmd, "SC3045", "pPaft", "")
	case "wait":
		c.checkFlags(cmd, "SC3045", "n", "")
	case "printf":
		c.checkFlags(cmd, "SC3045", "v", "")
		if len(cmd.args) > 1 && strings.Contains(c.source(cmd.args[1]), "%q") {
			c.reportBashismAt("SC3050", cmd.args[1], "`%q`", "fails")
		}
	case "exec":
		c.checkFlags(cmd, "SC3038", "acl", "")
	case "trap":
		for _, w := range cmd.args[1:] {
			if w.Lit() == "ERR" {
				c.reportBashismAt("SC3047", w, "a trap on `ERR`", "rejects it")
			}
		}
	}
	if lit, ok := first.Parts[0].(*syntax.Lit); ok && appends(lit.Value) {
		c.reportBashismAt("SC3024", first, "`+=`", notCommand)
	} else if ok && strings.Contains(lit.Value, "[") && element.Get().MatchString(lit.Value) {
		c.reportBashismAt("SC3030", first, "array syntax", notCommand)
	}
}

// checkDoubleBracket reports `[[`, which the POSIX grammar reads as the name of a command.
func (c *checker) checkDoubleBracket(cmd *command) {
	first := offset(cmd.args[0])
	code, at := "SC3010", first
	for _, w := range cmd.args {
		if w.Lit() == "==" {
			code, at = "SC3014", offset(w)
		}
	}
	what := "`[[`"
	if code == "SC3014" {
		what = "`[[ … == … ]]`"
	}
	c.reportBashism(code, first, first+len("[["), what, notFound)
	c.last().At = at
}

// element matches the start of `NAME[INDEX]=`.
var element = lazy.Regexp{Expr: `^[A-Za-z_]\w*\[[^\]]*\]\+?=`}

// appends reports whether text begins like `NAME+=`.
func appends(text string) bool {
	name, _, ok := strings.Cut(text, "+=")
	return ok && syntax.ValidName(name)
}

// checkFlags reports the first flag that is one of the letters in extra. POSIX has none of them, but the shells in use
// have those in common.
func (c *checker) checkFlags(cmd *command, code, extra, common string) {
	for _, w := range cmd.args[1:] {
		flag := w.Lit()
		if len(flag) < 2 || flag[0] != '-' || flag == "--" {
			return
		}
		for i := 1; i < len(flag); i++ {
			if strings.IndexByte(extra, flag[i]) < 0 {
				continue
			}
			effect := rejectsFlag
			if strings.IndexByte(common, flag[i]) >= 0 {
				if c.script.Shell == "dash" {
					return
				}
				effect = ""
			}
			c.reportBashismAt(code, w, "`"+cmd.name+" "+flag+"`", effect)
			return
		}
	}
}

// checkEchoFlag reports flags of echo.
func (c *checker) checkEchoFlag(cmd *command) {
	if len(cmd.args) < 2 {
		return
	}
	w := cmd.args[1]
	flag := w.Lit()
	if len(flag) < 2 || flag[0] != '-' || strings.Trim(flag[1:], "neE") != "" {
		return
	}
	effect := "prints `" + flag + "` as text"
	if flag == "-n" {
		effect = ""
	}
	switch {
	case c.script.Shell != "dash":
		c.reportBashismAt("SC3037", w, "`echo "+flag+"`", effect)
	case effect != "":
		c.reportBashismAt("SC3036", w, "`echo "+flag+"`", effect)
	}
}

// checkTestOperators reports operators of `[` that POSIX does not define.
func (c *checker) checkTestOperators(args []*syntax.Word) {
	for i, w := range args[1:] {
		op := w.Lit()
		switch op {
		case "==":
			c.reportBashismAt("SC3014", w, "`==`", rejectsOperator)
		case "=~":
			c.reportBashismAt("SC3015", w, "`=~`", rejectsOperator)
		case "-nt", "-ot", "-ef":
			if c.script.Shell != "dash" {
				c.reportBashismAt("SC3013", w, "`"+op+"`", "")
			}
		case `\<`, `\>`:
			if c.script.Shell != "dash" {
				c.reportBashismAt("SC3012", w, "`"+op+"`", "")
			}
		case "-v":
			if i == 0 {
				c.reportBashismAt("SC3016", w, "`-v`", rejectsOperator)
			}
		}
	}
}

// checkSetFlags reports options of `set` that POSIX does not define.
func (c *checker) checkSetFlags(cmd *command) {
	for i := 1; i < len(cmd.args); i++ {
		w := cmd.args[i]
		flag := w.Lit()
		if len(flag) < 2 || flag[0] != '-' && flag[0] != '+' || flag == "--" {
			return
		}
		for k := 1; k < len(flag); k++ {
			if strings.IndexByte("EBTpkPHtr", flag[k]) >= 0 {
				c.reportBashismAt("SC3041", w, "`set "+flag+"`", rejectsFlag)
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
			c.reportBashismAt("SC3040", option, "`set -o pipefail`", "fails because it does not recognise the option")
		case "braceexpand", "errtrace", "functrace", "hashall", "histexpand", "history", "keyword", "onecmd", "physical",
			"posix", "privileged":
			c.reportBashismAt("SC3040", option, "`set -o "+option.Lit()+"`", "rejects the option")
		}
	}
}
