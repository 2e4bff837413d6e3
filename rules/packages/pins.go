package packages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// pins is what one family of package managers makes of a version on the command line: a row of data for the one check
// that all rules on missing versions share.
type pins struct {
	code   string // hadolint's
	family ecosystem.Family
	verbs  string // the sub-commands that name packages, separated by spaces
	noun   string // "package" or "gem"
	why    string
	help   string
	judge  func(*shell.Call, shell.Package) version
	fixed  string // the doubt where judge says fixed
	none   bool   // what judge says is fixed cannot have a version on the command line
	// managers are the package managers among the packages: without a version, what reads the lock file changes from build
	// to build. Any other package has the doubt, if there are some.
	managers []string
	// elsewhere says what may hold the versions of the whole call, "" if nothing does; nil where nothing can.
	elsewhere func(*lint.Pass, *shell.Call) string
}

// version says how a package on a command line is pinned, and whether hadolint reports it.
type version int

const (
	held     version = iota // hadolint is silent
	loose                   // there is none, and hadolint reports it
	unseen                  // there is none, but hadolint is silent
	variable                // only the shell knows, and hadolint reports it
	fixed                   // it is held, but hadolint reports it
)

// newest is why a package of a distribution should have a version, and release why one of a language should.
const (
	newest  = " installs whatever version is newest on the day of the build, so two builds of the same commit can differ"
	release = " installs whatever release is newest on the day of the build, which may be incompatible"
)

// check reports each call that installs a package without a version.
//
//go:noinline
func (r *pins) check() lint.Check {
	return lint.OnCalls(func(p *lint.Pass, c *shell.Call) {
		if ecosystem.Has(r.verbs, c.Verb.Text) {
			r.report(p, c)
		}
	}, ecosystem.In(r.family))
}

func (r *pins) report(p *lint.Pass, c *shell.Call) {
	var sure, unsure []shell.Package
	seen, none, doubt := false, false, ""
	for _, pkg := range c.Packages {
		v := r.judge(c, pkg)
		switch v {
		case held:
			continue
		case loose, unseen:
			sure = append(sure, pkg)
		case variable:
			if r.expanded(c, pkg) {
				sure = append(sure, pkg)
				break
			}
			unsure, doubt, none = append(unsure, pkg), "the variable may contain the version", false
		case fixed:
			unsure, doubt, none = append(unsure, pkg), r.fixed, r.none
		}
		seen = seen || v != unseen
	}
	open := len(sure) == 0
	switch {
	case len(sure) > 0:
		doubt, none = "", false
		if r.elsewhere != nil {
			doubt = r.elsewhere(p, c)
		}
	case len(unsure) > 0:
		sure = unsure
	default:
		return
	}
	noun, verb := r.noun, "has"
	if len(sure) > 1 {
		noun, verb = noun+"s", "have"
	}
	if doubt != "" {
		verb = "may have"
	}
	f := p.Report(sure[0].Word.Span, "%s %s %s no fixed version", noun, list(sure), verb).Because("`%s`%s", c.Manager, r.why).
		Advise("%s", r.help)
	if m := ecosystem.Of(c.Manager); m != nil && m.Exact {
		f.Help, _, _ = strings.Cut(f.Help, ", where ")
	}
	i := slices.IndexFunc(sure, func(pkg shell.Package) bool { return slices.Contains(r.managers, pkg.Name) })
	if doubt != "" || i >= 0 {
		f.Help, _, _ = strings.Cut(f.Help, ", or install from") // what may have the versions already, or not those of a package manager
	}
	switch {
	case open && doubt != r.fixed:
		form, _, _ := strings.Cut(strings.TrimPrefix(f.Help, "write `"), "`")
		pin := strings.TrimPrefix(form, "name")
		f.Advise("append `%s` unless the variable already contains a version", pin)
		if len(sure) > 1 {
			doubt = "the variables may contain the versions"
			f.Advise("append `%s` to each name unless its variable already contains a version", pin)
		}
	case len(sure) > 1:
		f.Advise("%s", strings.Replace(f.Help, "write `", "write each "+r.noun+" as `", 1))
	case !sure[0].Word.Literal:
	case !strings.Contains(sure[0].Name, "://"):
		f.Advise("%s", strings.ReplaceAll(f.Help, "`name", "`"+sure[0].Name))
	case r.family == ecosystem.Node:
		f.Advise("name a commit or a tag at the end of the URL, after `#`")
	default:
		f.Advise("name a commit or a tag at the end of the URL, after `@`")
	}
	if r.managers != nil {
		if i >= 0 {
			runtime := "Python"
			if r.family == ecosystem.Node {
				runtime = "Node.js"
			}
			f.Because("a new major version of %s may reject files or options that work today, install other dependencies, or need a newer %s",
				sure[i].Name, runtime)
		} else if doubt == "" && (r.family != ecosystem.Node || p.Context() == nil || p.Plan.ForDevelopment() || !beside(p, c) ||
			len(sure) == 1 && sure[0].Name == "corepack") { // whose newest release knows the newest keys
			doubt = "the newest release may be intended"
		}
	}
	if none {
		f.Message, f.Note, f.Help = list(sure)+" is installed without a version", "", ""
	}
	f.Doubt = doubt
	if seen && parity.Sees(c) {
		f.Alias(r.code)
	}
}

// beside reports whether the stage of c also copies files, or another stage copies from it: an application is built with what c
// installs, or runs beside it.
func beside(p *lint.Pass, c *shell.Call) bool {
	own := c.Command.Script.Step.Stage
	return slices.ContainsFunc(p.Plan.Stages, func(s *plan.Stage) bool {
		return slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Copy != nil && (s == own || step.Copy.From != nil && step.Copy.From.Stage == own)
		})
	})
}

// expanded reports whether what is known of the variables in pkg shows that they hold names without versions.
func (r *pins) expanded(c *shell.Call, pkg shell.Package) bool {
	fields, known := c.Command.Expand(pkg.Word)
	env := c.Command.Script.Step.Env
	if text := strings.Join(fields, " "); known && strings.Contains(text, "$") {
		set, missing := env.Uses(text)
		v := env.Expand(text)
		known = v.Known && len(missing) == 0 && !slices.ContainsFunc(set, func(name string) bool { return env.Lookup(name).Arg })
		fields = strings.Fields(v.Text)
	}
	if !known {
		fields = assigned(c.Command.Script.Text.String, strings.Trim(pkg.Word.Text, "${}"))
	}
	return !pkg.Word.Literal && len(fields) > 0 && !slices.ContainsFunc(fields, func(name string) bool {
		literal := shell.Package{Name: name, Word: shell.Word{Text: name, Literal: true}}
		return strings.ContainsAny(name, "$=@:~<>*`(") || r.family != ecosystem.Apt && strings.Contains(name, ".") || r.judge(c, literal) != loose
	})
}

// assigned are the words of all values that code assigns to the shell variable name, nil if one of them is not in double quotes.
func assigned(code, name string) (words []string) {
	if name == "" || strings.Contains(code, "read "+name) {
		return nil
	}
	for _, rest := range strings.Split(" "+code, " "+name+"=")[1:] {
		value, _, closed := strings.Cut(strings.TrimPrefix(rest, `"`), `"`)
		if !closed || !strings.HasPrefix(rest, `"`) || strings.Contains(value, "\\") {
			return nil
		}
		for w := range strings.FieldsSeq(value) {
			if w != "$"+name && w != "${"+name+"}" {
				words = append(words, w)
			}
		}
	}
	return words
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

// unless is a if cond holds, else b.
func unless(cond bool, a, b version) version {
	if cond {
		return a
	}
	return b
}
