package fault

import "mvdan.cc/sh/v3/syntax"

// checkMasked reports a declaration of name by a command such as export, at the offset at, if its value comes from a command: the status of
// the declaration hides that of the command.
func (c *checker) checkMasked(by, name string, at int, parts []syntax.WordPart) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.CmdSubst:
		case *syntax.DblQuoted:
			c.checkMasked(by, name, at, p.Parts)
			continue
		default:
			continue
		}
		c.report(MaskedExitStatus, "SC2155", at, at+len(name), name).Other = by
		return
	}
}
