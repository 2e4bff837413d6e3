package fault

import "mvdan.cc/sh/v3/syntax"

// checkVariable reports an expansion that the shell splits, unless its value cannot be split.
func (c *checker) checkVariable(p *syntax.ParamExp) {
	if p.Param == nil || p.Length {
		return
	}
	name := p.Param.Value
	switch {
	case name == "@" || p.Index != nil && literalIndex(p) == "@":
		c.reportNode(UnquotedVariable, "SC2068", p, c.source(p))
		return
	case p.Exp != nil && (p.Exp.Op == syntax.AlternateUnset || p.Exp.Op == syntax.AlternateUnsetOrNull):
		return
	case p.Index == nil && !p.Excl && c.content(name) == clean:
		return
	}
	c.reportNode(UnquotedVariable, "SC2086", p, c.source(p))
}

// checkSplit checks the value in `export A=$B`, which shells split before POSIX.1-2024 made it an assignment. by is export.
func (c *checker) checkSplit(value *syntax.Word, by string) {
	before := len(c.faults)
	for _, part := range value.Parts {
		switch p := part.(type) {
		case *syntax.ParamExp:
			c.checkVariable(p)
		case *syntax.CmdSubst:
			c.reportSplitOutput(p)
		}
	}
	for i := range c.faults[before:] {
		c.faults[before+i].Other = by
	}
}
