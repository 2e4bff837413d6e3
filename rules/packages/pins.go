package packages

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// pins is what one family of package managers makes of a version on the command line: a row of data for the one check
// that all rules on missing versions share.
type pins struct {
	code   string // hadolint's, "" without one
	family ecosystem.Family
	verbs  string // the sub-commands that name packages, separated by spaces
	noun   string // "package" or "gem"
	form   string // how a package called name is written with its version
	judge  func(*shell.Call, shell.Package) version
	fixed  string // the doubt where judge says fixed
	none   bool   // what judge says is fixed cannot have a version on the command line
	// managers are the package managers among the packages: without a version, what reads the lock file changes from build
	// to build. Any other package has the doubt, if there are some.
	managers []string
	// moot says why no package of a call can get another version, "" if one can; nil where all can.
	moot func(*shell.Call) string
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

func (r *pins) report(p *lint.Pass, c *shell.Call) *lint.Finding {
	// contained are pinned, but hadolint does not see it.
	var missing, unknown, contained []shell.Package
	seen, doubt, why := false, "", expanded
	for _, pkg := range c.Packages {
		v := r.judge(c, pkg)
		switch v {
		case held:
			continue
		case loose, unseen:
			missing = append(missing, pkg)
		case variable:
			without, known := r.contents(c, pkg)
			missing = append(missing, without...)
			switch {
			case !known:
				unknown = append(unknown, pkg)
			case len(without) == 0:
				contained = append(contained, pkg)
			}
		case fixed:
			contained, why = append(contained, pkg), r.fixed
		}
		seen = seen || v != unseen
	}
	seen = seen && r.code != "" && parity.Sees(c)
	if r.moot != nil && r.moot(c) != "" {
		contained, missing, unknown, why = slices.Concat(contained, missing, unknown), nil, nil, r.moot(c)
	}
	if len(missing)+len(unknown) == 0 && why == r.fixed && !r.none {
		missing, doubt = contained, why
	}
	var f *lint.Finding
	switch {
	case len(missing) > 0:
		f = r.missing(p, c, missing, doubt)
	case len(unknown) > 0:
		f = p.Report(unknown[0].Word.Span, "a version may be missing in %s", list(unknown)).Because(rebuild, "a different version").
			Doubting("dockvet does not expand the variable")
	case len(contained) > 0 && seen:
		f = p.Report(contained[0].Word.Span, "hadolint expects a version in %s", list(contained)).
			Advise("%s", parity.Ignore(r.code)).
			Doubting(parity.Regardless(why))
		if len(contained) > 1 && why == expanded {
			f.Doubting(parity.Regardless("the expanded values contain versions"))
		}
	default:
		return nil
	}
	if seen {
		f.Alias(r.code)
	}
	if file := install.Of(p).Earlier(c); file != "" {
		f.Doubting("`%s` is there, so an earlier branch of the `if` runs instead", file)
	}
	return f
}

// expanded is why a variable is fixed.
const expanded = "the expanded value contains a version"

// rebuild is why a package should have a version.
const rebuild = "a rebuild may install %s"

// besides are the stages that copy files, or that another stage copies from: an application is built with what they install, or runs
// beside it.
var besides = lint.NewFact(func(p *lint.Pass) map[*plan.Stage]bool {
	out := map[*plan.Stage]bool{}
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if step.Copy == nil {
				continue
			}
			if out[s] = true; step.Copy.From != nil && step.Copy.From.Stage != nil {
				out[step.Copy.From.Stage] = true
			}
		}
	}
	return out
})

// missing reports pkgs, which have no version, unless doubt holds.
func (r *pins) missing(p *lint.Pass, c *shell.Call, pkgs []shell.Package, doubt string) *lint.Finding {
	noun, form, verb, versions := r.noun, r.form, "has", "a different version"
	switch rpm := r.family == ecosystem.Dnf || r.family == ecosystem.Yum; {
	case slices.ContainsFunc(c.Command.Words, func(w shell.Word) bool { return w.Text == "module" }):
		noun, form = "module", "NAME:STREAM"
	case rpm && slices.ContainsFunc(pkgs, func(pkg shell.Package) bool { return architecture.Get().MatchString(pkg.Name) }):
		form = "NAME-VERSION-RELEASE.ARCHITECTURE"
	case !slices.ContainsFunc(pkgs, func(pkg shell.Package) bool { return !address(pkg) }):
		if form = "REPOSITORY@COMMIT"; r.family == ecosystem.Node {
			form = "REPOSITORY#COMMIT"
		}
	}
	help := "write `" + form + "`"
	if pin, ok := strings.CutPrefix(form, "NAME"); ok && !strings.HasSuffix(pin, ".ARCHITECTURE") {
		help = "write `" + pkgs[0].Name + pin + "`"
	}
	if len(pkgs) > 1 || many(pkgs[0]) {
		help = "write each " + noun + " as `" + form + "`"
		noun, verb, versions = noun+"s", "have", "different versions"
	}
	if r.elsewhere != nil && doubt == "" {
		doubt = r.elsewhere(p, c)
	}
	if doubt != "" {
		verb = "may have"
	}
	f := p.Report(pkgs[0].Word.Span, "%s %s %s no fixed version", noun, list(pkgs), verb).Because(rebuild, versions).Advise("%s", help)
	switch i := slices.IndexFunc(pkgs, func(pkg shell.Package) bool { return slices.Contains(r.managers, pkg.Name) }); {
	case i >= 0:
		f.Because("a new release of `%s` may reject files or options that work today", pkgs[i].Name)
	case doubt != "":
	case r.family == ecosystem.Node && len(pkgs) == 1 && pkgs[0].Name == "yarn":
		doubt = "the newest `yarn` on npm has been a 1.22 release since 2020" // later ones are not published there as `latest`
	case r.managers != nil && (r.family != ecosystem.Node || p.Context() == nil || p.Plan.ForDevelopment() || !besides.Of(p)[c.Command.Script.Step.Stage] ||
		len(pkgs) == 1 && pkgs[0].Name == "corepack"): // whose newest release knows the newest keys
		doubt = "the newest version may be intended"
	case retired(p, c) != nil:
		doubt = retired(p, c).String() + " no longer gets free updates, so only packages from other repositories change"
	}
	return f.Doubting(doubt)
}

// address reports whether pkg is the address of a repository.
func address(pkg shell.Package) bool {
	return strings.Contains(pkg.Word.Text, "://") || strings.HasPrefix(pkg.Word.Text, "git+")
}

// retired is the release of the distribution that c, a call of its package manager, installs from, if the release gets no more
// updates; else nil.
func retired(p *lint.Pass, c *shell.Call) *image.Cycle {
	base := c.Command.Script.Step.Stage.Image()
	if m := ecosystem.Of(c.Manager); m == nil || !m.System || base == nil || base.Ref == nil {
		return nil
	}
	return image.Of(*base.Ref).Retired(p.Now)
}

// architecture matches the end of an RPM package's name.
var architecture = lazy.Regexp{Expr: `\.(x86_64|aarch64|noarch|i686|ppc64le|s390x)$`}

// many reports whether pkg is written so that it names several packages.
func many(pkg shell.Package) bool {
	return strings.Contains(pkg.Word.Text, "*") || strings.Contains(pkg.Word.Text, "{") && strings.Contains(pkg.Word.Text, ",")
}

// name is the variable that pkg is, "" if it is none or contains other text.
func name(pkg shell.Package) string {
	n := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(pkg.Word.Text, "$"), "{"), "}")
	if n == pkg.Word.Text || strings.ContainsFunc(n, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return ""
	}
	return n
}

// contents are the packages without a version among those that the variables in pkg contain, if that is known.
func (r *pins) contents(c *shell.Call, pkg shell.Package) (missing []shell.Package, known bool) {
	fields, known := c.Command.Expand(pkg.Word)
	env := c.Command.Script.Step.Env
	if text := strings.Join(fields, " "); known && strings.Contains(text, "$") {
		_, unset := env.Uses(text)
		v := env.Expand(text)
		known, fields = v.Known && len(unset) == 0, strings.Fields(v.Text)
	}
	if !known {
		fields = assigned(c, name(pkg))
	}
	if len(fields) == 0 || slices.ContainsFunc(fields, func(f string) bool { return strings.ContainsAny(f, "$`(") }) {
		t := pkg.Word.Text
		if r.family == ecosystem.Apt && t != "" && unicode.IsLetter(rune(t[len(t)-1])) && strings.Contains(t, "}") {
			return []shell.Package{pkg}, true // a version would be at its end
		}
		return nil, file(c, name(pkg))
	}
	for _, f := range fields {
		one := c.Package(shell.Word{Text: f, Span: pkg.Word.Span, Literal: true})
		if v := r.judge(c, one); v != loose && v != unseen {
			continue
		}
		if name(pkg) == "" {
			one = pkg
		}
		missing = append(missing, one)
	}
	return missing, true
}

// packed matches the name of a package file.
var packed = lazy.Regexp{Expr: `\.(whl|rpm|deb|apk|tgz|gem|tar\.gz)\b`}

// file reports whether the script of c assigns to the variable called name, by a command, what a package file is called.
func file(c *shell.Call, name string) bool {
	_, code, ok := strings.Cut(" "+c.Command.Script.Text.String, " "+name+"=")
	line, _, _ := strings.Cut(code, "\n")
	return ok && name != "" && packed.Get().MatchString(line)
}

// assigned are the words of all values that the script of c assigns to the shell variable called name, nil if one of the values is not in
// double quotes. Those that begin with the variable itself have only the rest.
func assigned(c *shell.Call, name string) (words []string) {
	if name == "" {
		return nil
	}
	for _, rest := range strings.Split(" "+c.Command.Script.Text.String, " "+name+"=")[1:] {
		value, _, closed := strings.Cut(strings.TrimPrefix(rest, `"`), `"`)
		if !closed || !strings.HasPrefix(rest, `"`) || strings.Contains(value, "\\") {
			return nil
		}
		value = c.Command.Script.Step.Env.Expand(strings.NewReplacer("${"+name+"}", "", "$"+name, "").Replace(value)).Text
		for _, w := range strings.Fields(value) {
			if strings.HasPrefix(w, "-") { // the end of a name that is put together
				return nil
			}
			words = append(words, w)
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
