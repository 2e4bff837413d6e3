package shell

import "mvdan.cc/sh/v3/syntax"

// Count is the number of simple commands in s, those that another one runs not counted. Of a Windows shell's script it is what
// bash's grammar makes of it, 0 if that cannot read it.
func (s *Script) Count() int {
	n := 0
	if s.Dialect == Other && !s.Exec {
		if len(s.Text.String) > MaxBody || deep(s.Text.String) {
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
