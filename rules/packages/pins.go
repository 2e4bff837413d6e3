package packages

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// pins is what one family of package managers makes of a version on the command line: a row of data for the one check that all
// rules on missing versions share.
type pins struct {
	code     string   // hadolint's
	managers []string // in words of shell.Call.Manager
	verbs    string   // the sub-commands that name packages, divided by blanks
	noun     string   // "package" or "gem"
	why      string
	help     string
	judge    func(*shell.Call, shell.Package) version
	unknown  string // commands of the managers that hadolint does not know
	swallow  string // switches with a value that hadolint takes for a package
	fixed    string // the doubt where judge says fixed
	// elsewhere says what may hold the versions of the whole call, "" if nothing does; nil where nothing can.
	elsewhere func(*lint.Pass, *shell.Call) string
}

// version says how a package on a command line is held to a version. What hadolint reports of it goes with it.
type version int

const (
	held     version = iota // hadolint is silent
	loose                   // there is none, and hadolint reports it
	unseen                  // there is none, but hadolint is silent
	variable                // only the shell knows, and hadolint reports it
	fixed                   // it is held, but hadolint reports it
)

// check reports each call that installs a package without a version.
func (r *pins) check() lint.Check {
	return lint.OnCall(func(p *lint.Pass, c *shell.Call) {
		if has(r.verbs, c.Verb.Text) {
			r.report(p, c)
		}
	}, r.managers...)
}

func (r *pins) report(p *lint.Pass, c *shell.Call) {
	var sure, doubtful []shell.Package
	seen, doubt := false, ""
	for _, pkg := range c.Packages {
		v := r.judge(c, pkg)
		switch v {
		case held:
			continue
		case loose, unseen:
			sure = append(sure, pkg)
		case variable:
			doubtful, doubt = append(doubtful, pkg), "the value of the variable may hold the version"
		case fixed:
			doubtful, doubt = append(doubtful, pkg), r.fixed
		}
		seen = seen || v != unseen
	}
	switch {
	case len(sure) > 0:
		doubt = ""
		if r.elsewhere != nil {
			doubt = r.elsewhere(p, c)
		}
	case len(doubtful) > 0:
		sure = doubtful
	default:
		pkg, ok := r.swallowed(c)
		if !ok {
			return
		}
		sure, doubt, seen = []shell.Package{pkg}, "it is the value of a switch and no "+r.noun, true
	}
	noun, verb := r.noun, "has"
	if len(sure) > 1 {
		noun, verb = noun+"s", "have"
	}
	f := p.Report(sure[0].Word.Span, "%s %s %s no fixed version", noun, list(sure), verb).Because("%s", r.why).Advise("%s", r.help)
	f.Doubt = doubt
	if seen && bare(c.Command) && !has(r.unknown, c.Command.Words[0].Text) {
		f.Alias(r.code)
	}
}

// swallowed is the value of a switch that hadolint takes for a package without a version.
func (r *pins) swallowed(c *shell.Call) (shell.Package, bool) {
	if r.swallow == "" {
		return shell.Package{}, false
	}
	words := c.Command.Words
	for i := 2; i < len(words); i++ {
		if !has(r.swallow, words[i-1].Text) {
			continue
		}
		pkg := shell.Package{Word: words[i], Name: words[i].Text}
		if v := r.judge(c, pkg); v == loose || v == variable {
			return pkg, true
		}
	}
	return shell.Package{}, false
}

// list names the packages, at most four of them.
func list(pkgs []shell.Package) string {
	const most = 4
	var b strings.Builder
	for i, pkg := range pkgs {
		switch {
		case i == most-1 && len(pkgs) > most:
			b.WriteString(" and " + strconv.Itoa(len(pkgs)-i) + " more")
			return b.String()
		case i > 0 && i == len(pkgs)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString("`" + strings.ReplaceAll(pkg.Word.Text, "`", "'") + "`")
	}
	return b.String()
}

// has reports whether word is one of the words of list.
func has(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}
