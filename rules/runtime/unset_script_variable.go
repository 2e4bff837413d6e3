package runtime

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnsetScriptVariable reports a service of a compose file that runs the image with its entrypoint script and does not set a variable
// that this script uses without a default. It ignores variables that the script tests, prints, gives a default or may set itself, a
// service whose variables are not all known, and compose files that may add to others.
var UnsetScriptVariable = &lint.Rule{
	Name: "unset-script-variable", Category: lint.Runtime,
	Summary:  "the script that starts the container uses a variable that a service does not set",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Plan.Target == nil || len(p.Services()) == 0 {
			return
		}
		c := container.Of(p)
		for _, s := range c.EntryScripts() {
			if sc := s.Code(); sc.File != nil && sc.Err == nil && sc.Dialect != shell.Other && !s.Rewritten() && reportUnset(p, s, sc) {
				return
			}
		}
	}),
}

// reportUnset reports the first variable of s, whose code is sc, that a service does not set.
func reportUnset(p *lint.Pass, s *container.EntryScript, sc *shell.Script) bool {
	needed := required(sc, environmental)
	for i := range p.Services() {
		u := &p.Services()[i]
		if !whole(u.File) || u.EnvironmentOpen || u.Entrypoint != nil || s.Command.Script.Step == container.Of(p).Cmd && u.Command != nil {
			continue
		}
		guards := guarded(sc)
		for _, x := range needed {
			name := x.Param.Value
			set := func(name string) bool {
				_, given := u.Environment[name]
				v := p.Plan.Target.End.Env.Lookup(name)
				return given || v != nil && !v.Arg
			}
			if set(name) || !leaves(container.Of(p), name) || guards[x] != "" && !set(guards[x]) {
				continue
			}
			at := int(x.Pos().Offset())
			p.Report(s.Word.Span, "`%s` uses `%s`, which the service `%s` does not set", s.Word.Text, name, u.Name).
				Because("the image does not set the variable either, so it is empty when this service starts").
				Advise("set `%s` in the service, or write `${%s:-…}` in the script", name, name).
				RelateFile(s.File, 1+strings.Count(s.Text[:at], "\n"), "the variable is used here").
				RelateFile(u.File, u.Line, "service `%s`", u.Name)
			return true
		}
	}
	return false
}

// whole reports whether the compose file called name is one that Compose reads by itself. Others may only add to such a file.
func whole(name string) bool {
	switch path.Base(name) {
	case "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml":
		return true
	}
	return false
}

// required are the first uses of variables for which the script sc is not prepared to find them empty. Of others than those by whose names
// may is true, it says nothing.
func required(sc *shell.Script, may func(name string) bool) []*syntax.ParamExp {
	skip := map[string]bool{}
	var found []*syntax.ParamExp
	open := false
	ignore := func(n syntax.Node) {
		syntax.Walk(n, func(n syntax.Node) bool {
			if x, ok := n.(*syntax.ParamExp); ok && x.Param != nil {
				skip[x.Param.Value] = true
			}
			return true
		})
	}
	syntax.Walk(sc.File, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil {
				skip[n.Name.Value] = true
			}
		case *syntax.WordIter:
			skip[n.Name.Value] = true
		case *syntax.TestClause, *syntax.CaseClause, *syntax.ArithmCmd:
			ignore(n)
		case *syntax.IfClause:
			for _, s := range n.Cond {
				ignore(s)
			}
		case *syntax.CallExpr:
			if len(n.Args) == 0 {
				break
			}
			switch n.Args[0].Lit() {
			case ".", "source", "eval", "read", "getopts", "mapfile", "readarray", "envdir", "set":
				open = open || n.Args[0].Lit() != "set" || len(n.Args) > 1 && strings.Contains(n.Args[1].Lit(), "a")
				ignore(n)
			case "[", "test", "echo", "printf", "export", "unset", "log":
				ignore(n)
			}
		case *syntax.ParamExp:
			if n.Param == nil {
				break
			}
			if n.Exp != nil || n.Length || n.Excl || !may(n.Param.Value) {
				skip[n.Param.Value] = true
				break
			}
			found = append(found, n)
		}
		return true
	})
	if open {
		return nil
	}
	return slices.DeleteFunc(found, func(x *syntax.ParamExp) bool { return skip[x.Param.Value] })
}

// environmental reports whether name is that of a variable of the application, by its spelling, and none that shells or container
// runtimes set.
func environmental(name string) bool {
	switch name {
	case "HOME", "PATH", "PWD", "OLDPWD", "USER", "HOSTNAME", "SHLVL", "UID", "EUID", "RANDOM", "IFS", "SHELL", "TERM", "LINENO", "SECONDS", "PPID",
		"BASH_SOURCE", "OPTARG", "OPTIND", "REPLY", "OSTYPE", "LANG":
		return false
	}
	return len(name) > 2 && strings.ToUpper(name) == name && name[0] != '_' && !strings.HasSuffix(name, "_VERSION") &&
		strings.Trim(name, "0123456789") != ""
}

// guarded are the variables that an `if` compares with a text, by the uses of others in its first branch, which only runs if they are set.
func guarded(sc *shell.Script) map[*syntax.ParamExp]string {
	out := map[*syntax.ParamExp]string{}
	syntax.Walk(sc.File, func(n syntax.Node) bool {
		clause, ok := n.(*syntax.IfClause)
		if !ok || len(clause.Cond) != 1 || clause.Cond[0].Negated {
			return true
		}
		test, ok := clause.Cond[0].Cmd.(*syntax.CallExpr)
		if !ok || len(test.Args) < 4 || test.Args[0].Lit() != "[" && test.Args[0].Lit() != "test" {
			return true
		}
		if op := test.Args[2].Lit(); op != "=" && op != "==" || !texts(test.Args[3]) {
			return true
		}
		by := ""
		syntax.Walk(test.Args[1], func(n syntax.Node) bool {
			if x, ok := n.(*syntax.ParamExp); ok && x.Param != nil && x.Exp == nil {
				by = x.Param.Value
			}
			return true
		})
		for _, s := range clause.Then {
			syntax.Walk(s, func(n syntax.Node) bool {
				if x, ok := n.(*syntax.ParamExp); ok && by != "" {
					out[x] = by
				}
				return true
			})
		}
		return true
	})
	return out
}

// texts reports whether w has text of its own, so that it is not empty.
func texts(w *syntax.Word) (is bool) {
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Lit:
			is = is || n.Value != ""
		case *syntax.SglQuoted:
			is = is || n.Value != ""
		case *syntax.ParamExp, *syntax.CmdSubst:
			return false
		}
		return true
	})
	return is
}
