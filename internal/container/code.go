package container

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// Code is shell code that runs when the container starts.
type Code struct {
	*shell.Script
	// Entry is the script of the build context that has the code; nil for the code of ENTRYPOINT or CMD.
	Entry *EntryScript
}

// Code is all shell code that is known to run when the container starts: of ENTRYPOINT and CMD, in whatever form, and of
// the entrypoint scripts.
func (c *Container) Code() []Code { return codes.Of(c.pass) }

var codes = lint.NewFact(func(p *lint.Pass) (all []Code) {
	c := Of(p)
	seen := map[*shell.Script]bool{}
	for _, cmd := range c.Commands {
		root := cmd.Script.Root()
		if seen[root] {
			continue
		}
		seen[root] = true
		for sc := range root.All() {
			if sc.File != nil && sc.Err == nil && sc.Dialect != shell.Other {
				all = append(all, Code{Script: sc})
			}
		}
	}
	for _, s := range c.EntryScripts() {
		if sc := s.Code(); sc.File != nil && sc.Err == nil && sc.Dialect != shell.Other && !s.Rewritten() {
			all = append(all, Code{sc, s})
		}
	}
	return all
})

// Always are the commands of the code that run whenever the container starts and nothing before them fails, in order: no
// condition, loop, function or substitution decides whether they do.
func (c Code) Always() []*shell.Command {
	run := map[*syntax.Stmt]bool{}
	var list func(stmts []*syntax.Stmt)
	list = func(stmts []*syntax.Stmt) {
		for _, s := range stmts {
			run[s] = true
			switch cmd := s.Cmd.(type) {
			case *syntax.BinaryCmd:
				if cmd.Op != syntax.OrStmt {
					list([]*syntax.Stmt{cmd.X, cmd.Y})
				} else {
					list([]*syntax.Stmt{cmd.X})
				}
			case *syntax.Block:
				list(cmd.Stmts)
			}
		}
	}
	list(c.File.Stmts)
	var out []*shell.Command
	for _, cmd := range c.Commands {
		if cmd.Script == c.Script && cmd.Stmt != nil && run[cmd.Stmt] && !cmd.Sub && len(cmd.Words) > 0 {
			out = append(out, cmd)
		}
	}
	return out
}
