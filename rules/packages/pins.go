package packages

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
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
	why    string // after the name of the manager, if it begins with a space
	help   string
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

// newest is why a package of a distribution should have a version, and release why one of a language should.
const (
	newest  = " installs whatever version is newest on the day of the build, so two builds of the same commit can differ"
	release = " installs whatever release is newest on the day of the build, and a new one may be incompatible"
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
	var sure, unsure, moot, contained []shell.Package
	seen, none, doubt := false, false, ""
	for _, pkg := range c.Packages {
		v := r.judge(c, pkg)
		switch v {
		case held:
			continue
		case loose, unseen:
			sure = append(sure, pkg)
		case variable:
			missing, known := r.contents(c, pkg)
			switch {
			case !known:
				unsure = append(unsure, pkg)
			case len(missing) > 0:
				sure = append(sure, missing...)
			case !parity.Sees(c):
				continue
			default:
				contained = append(contained, pkg)
			}
		case fixed:
			moot, doubt, none = append(moot, pkg), r.fixed, r.none
		}
		seen = seen || v != unseen
	}
	seen = seen && parity.Sees(c)
	if named := slices.DeleteFunc(slices.Clone(sure), func(pkg shell.Package) bool { return strings.HasPrefix(pkg.Name, "/") }); len(named) > 0 {
		sure = named // a file, which some package contains, cannot have a version
	}
	if r.moot != nil && r.moot(c) != "" {
		moot, sure, unsure, contained = slices.Concat(moot, sure, unsure, contained), nil, nil, nil
		doubt, none = r.moot(c), true
	}
	var f *lint.Finding
	switch {
	case len(sure) > 0:
		f = r.missing(p, c, sure, "")
	case len(unsure) > 0:
		f = r.unknown(p, c, unsure)
	case none && !seen:
		return
	case none:
		verb := "has"
		if len(moot) > 1 {
			verb = "have"
		}
		f = p.Report(moot[0].Word.Span, "%s %s no fixed version", list(moot), verb).
			Advise("%s", parity.Ignore(r.code)).
			Doubting(parity.Regardless(doubt))
		if whole(moot[0]) {
			f.Message = "the packages in " + list(moot) + " may have no fixed version"
		}
	case len(moot) > 0:
		f = r.missing(p, c, moot, doubt)
	case len(contained) > 0:
		what, doubt := "the version", "the variable contains the version"
		if len(contained) > 1 || whole(contained[0]) && !quoted(p, contained[0]) {
			what, doubt = "the versions", "the variable contains the versions"
		}
		if len(contained) > 1 {
			doubt = "the variables contain the versions"
		}
		f = p.Report(contained[0].Word.Span, "hadolint does not see %s in %s", what, list(contained)).
			Advise("%s", parity.Ignore(r.code)).
			Doubting(parity.Regardless(doubt))
		if packed.Get().MatchString(substituted(c, name(contained[0]))) {
			f.Message = "hadolint does not see that " + list(contained[:1]) + " is a package file"
			f.Doubting(parity.Regardless("a package file only contains one version"))
		}
	default:
		return
	}
	if seen {
		f.Alias(r.code)
	}
}

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
	noun, verb, several := r.noun, "has", len(pkgs) > 1 || many(pkgs[0])
	help := r.help
	if slices.ContainsFunc(c.Command.Words, func(w shell.Word) bool { return w.Text == "module" }) {
		noun, help = "module", "write `name:stream`"
	}
	if m := ecosystem.Of(c.Manager); m != nil && m.Exact {
		help, _, _ = strings.Cut(help, ", where ")
	}
	each := "write each " + noun + " as `"
	if several {
		noun, verb = noun+"s", "have"
	}
	if r.elsewhere != nil && doubt == "" {
		doubt = r.elsewhere(p, c)
	}
	if doubt != "" {
		verb = "may have"
	}
	i := slices.IndexFunc(pkgs, func(pkg shell.Package) bool { return slices.Contains(r.managers, pkg.Name) })
	if m := ecosystem.Of(c.Manager); doubt != "" || i >= 0 || m != nil && m.Language == ecosystem.LanguagePython && m.FromManifest == nil {
		help, _, _ = strings.Cut(help, ", or ") // what may have the versions already, or not those of a package manager; pipx reads no such file
	}
	first := pkgs[0].Name
	if arch := architecture.Get().FindString(first); arch != "" && !slices.ContainsFunc(pkgs, func(pkg shell.Package) bool {
		return !strings.HasSuffix(pkg.Name, arch)
	}) {
		first = strings.TrimSuffix(first, arch)
		help = strings.Replace(help, "-version`, where `version` may contain `*`", "-version-release"+arch+"`", 1)
	}
	url := "name a commit or a tag at the end of the URL, after `@`"
	if r.family == ecosystem.Node {
		url = "name a commit or a tag at the end of the URL, after `#`"
	}
	addresses := slices.IndexFunc(pkgs, func(pkg shell.Package) bool { return !address(pkg) }) < 0
	switch {
	case addresses && several:
		help = strings.Replace(url, "the URL", "each URL", 1)
	case addresses:
		help = url
	case several:
		help = strings.Replace(strings.Replace(help, "write `", each, 1), " pin it in", " pin them in", 1)
		if i := slices.IndexFunc(pkgs, func(pkg shell.Package) bool { return architecture.Get().MatchString(pkg.Name) }); i >= 0 &&
			(r.family == ecosystem.Dnf || r.family == ecosystem.Yum) && !strings.Contains(help, "-release") {
			help, _, _ = strings.Cut(help, ", where ")
			help += ", and one with an architecture as `name-version-release" + architecture.Get().FindString(pkgs[i].Name) + "`"
			if !slices.ContainsFunc(pkgs, func(pkg shell.Package) bool { return !architecture.Get().MatchString(pkg.Name) }) {
				help = "write each package as `name-version-release.architecture`"
			}
		}
	default:
		help = strings.ReplaceAll(help, "`name", "`"+first)
	}
	named := list(pkgs)
	if i := slices.IndexFunc(pkgs, pattern); i >= 0 {
		help = "name the packages instead of `" + pkgs[i].Word.Text + "`, and " + help
		if len(pkgs) == 1 {
			named = "that match " + named
		}
	}
	f := p.Report(pkgs[0].Word.Span, "%s %s%s %s no fixed version", noun, named, within(p, c, pkgs), verb).Because("%s", r.reason(c)).Advise("%s", help)
	switch {
	case i >= 0:
		runtime := "Python"
		if r.family == ecosystem.Node {
			runtime = "Node.js"
		}
		f.Because("a new release of %s may reject files or options that work today, resolve dependencies differently, or need a newer %s",
			pkgs[i].Name, runtime)
	case doubt == "" && r.family == ecosystem.Node && len(pkgs) == 1 && pkgs[0].Name == "yarn":
		doubt = "the newest `yarn` on npm has been a 1.22 release since 2020" // later ones are not published there as `latest`
	case r.managers != nil && doubt == "" && (r.family != ecosystem.Node || p.Context() == nil || p.Plan.ForDevelopment() || !besides.Of(p)[c.Command.Script.Step.Stage] ||
		len(pkgs) == 1 && pkgs[0].Name == "corepack"): // whose newest release knows the newest keys
		doubt = "the newest release may be intended"
	case locked(p, c):
		f.Because(amazon)
	case doubt == "" && r.managers == nil && retired(p, c) != nil:
		doubt = retired(p, c).String() + " no longer gets free updates, so only packages from other repositories change"
		f.Because(newestKept, c.Manager)
		if before, _, ok := strings.Cut(help, "; "); ok {
			f.Advise("%s", before) // the index keeps its last revisions
		}
	}
	if addresses {
		f.Because(newestCommit, c.Manager)
		doubt = strings.Replace(doubt, "newest release", "newest commit", 1)
	}
	return f.Doubting(doubt)
}

// unknown reports pkgs, which contain variables of unknown value.
func (r *pins) unknown(p *lint.Pass, c *shell.Call, pkgs []shell.Package) *lint.Finding {
	rest, ok := strings.CutPrefix(r.help, "write `")
	form, _, _ := strings.Cut(rest, "`")
	if !ok {
		form = "name@version" // of `go get`
	}
	pin := strings.TrimPrefix(form, "name")
	lists := !slices.ContainsFunc(pkgs, func(pkg shell.Package) bool { return !whole(pkg) || quoted(p, pkg) })
	noun, version := r.noun, "the version"
	help := "append `" + pin + "` to the name if it does not contain a version yet"
	if len(pkgs) > 1 || lists {
		noun, version = noun+"s", "the versions"
		help = "append `" + pin + "` to each name that does not contain a version yet"
	}
	var from []string
	for _, pkg := range pkgs {
		for _, m := range inserted.Get().FindAllString(pkg.Word.Text, -1) {
			from = append(from, "`"+strings.ReplaceAll(m, "`", "'")+"`")
		}
	}
	slices.Sort(from)
	from = slices.Compact(from)
	doubt := "a variable may contain " + version
	if len(from) == 1 {
		doubt = from[0] + " may contain " + version
	}
	switch {
	case len(pkgs) == 1 && whole(pkgs[0]) && !lists:
		noun, help = "the "+noun+" in", "write the "+noun+" in "+list(pkgs)+" as `"+form+"`"
	case len(from) == 1 && (r.family == ecosystem.Dnf || r.family == ecosystem.Yum):
		doubt = from[0] + " may be a version and not a part of the name"
	case r.family == ecosystem.Pip && strings.HasPrefix(pkgs[0].Word.Text, "git+"):
		help = "name a commit or a tag at the end of the URL, after `@`"
	}
	if lists {
		noun = "the " + noun + " in"
		help = "write each " + r.noun + " in " + list(pkgs) + " as `" + form + "`"
		if name := name(pkgs[0]); len(pkgs) == 1 && strings.Contains(substituted(c, name), "$(") {
			help, doubt = "", "a command computes `"+pkgs[0].Word.Text+"`, perhaps with versions"
		}
	}
	f := p.Report(pkgs[0].Word.Span, "%s %s may have no fixed version", noun, list(pkgs)).Because("%s", r.reason(c)).Doubting(doubt)
	if help != "" {
		f.Advise("%s", help)
	}
	switch {
	case locked(p, c):
		f.Because(amazon)
	case !slices.ContainsFunc(pkgs, func(pkg shell.Package) bool { return !address(pkg) }):
		f.Because(newestCommit, c.Manager)
	case r.managers == nil && retired(p, c) != nil:
		f.Because(newestKept, c.Manager)
	}
	return f
}

// newestKept is why a package should have a version if its repository no longer changes.
const newestKept = "`%s` installs whatever version is newest in the repositories"

// newestCommit is why the address of a repository should name a commit.
const newestCommit = "`%s` fetches the newest commit of the repository, which may be incompatible"

// address reports whether pkg is the address of a repository.
func address(pkg shell.Package) bool {
	return strings.Contains(pkg.Word.Text, "://") || strings.HasPrefix(pkg.Word.Text, "git+")
}

// pattern reports whether pkg stands for every package whose name matches.
func pattern(pkg shell.Package) bool { return strings.Contains(pkg.Word.Text, "*") }

// within says which variable on the command line contains pkgs, "" if none contains them all. The variable of a loop only contains one
// at a time.
func within(p *lint.Pass, c *shell.Call, pkgs []shell.Package) string {
	written := strings.Trim(p.File.Text(pkgs[0].Word.Span), `"`)
	if !strings.HasPrefix(written, "$") || written == pkgs[0].Word.Text ||
		strings.Contains(c.Command.Script.Text.String, "for "+strings.Trim(written, "${}")+" in ") ||
		slices.ContainsFunc(pkgs, func(pkg shell.Package) bool { return pkg.Word.Span != pkgs[0].Word.Span }) {
		return ""
	}
	return " in `" + written + "`"
}

// reason is why a version matters to c.
func (r *pins) reason(c *shell.Call) string {
	if strings.HasPrefix(r.why, " ") {
		if c.Command.Name == "dnf5" {
			return "`dnf5`" + r.why
		}
		return "`" + c.Manager + "`" + r.why
	}
	return r.why
}

// locked reports whether c, a call of a manager of RPM packages, runs in an image of Amazon Linux 2023 that no step moves to another
// release.
func locked(p *lint.Pass, c *shell.Call) bool {
	base := c.Command.Script.Step.Stage.Image()
	m := ecosystem.Of(c.Manager)
	return base != nil && m != nil && (m.Family == ecosystem.Dnf || m.Family == ecosystem.Yum) && base.Ref != nil && image.Of(*base.Ref).Locked() &&
		!mentions(p, c.Command.Script.Step, "system-release")
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

// amazon is what differs on Amazon Linux 2023. Source: https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html.
const amazon = "the repositories of Amazon Linux 2023 change with the base image, and other repositories at any time, so two builds of the same commit can differ"

var (
	// architecture matches the end of an RPM package's name.
	architecture = lazy.Regexp{Expr: `\.(x86_64|aarch64|noarch|i686|ppc64le|s390x)$`}
	// inserted matches a variable or a command substitution in a word.
	inserted = lazy.Regexp{Expr: `\$\{?[A-Za-z_0-9@*]+[^}$]*\}?|\$\([^)]*\)`}
)

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

// whole reports whether pkg is nothing but a variable.
func whole(pkg shell.Package) bool { return name(pkg) != "" }

// quoted reports whether pkg is in double quotes, so that the shell does not split it into words.
func quoted(p *lint.Pass, pkg shell.Package) bool {
	return strings.HasPrefix(p.File.Text(pkg.Word.Span), `"`)
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
		switch file := substituted(c, name(pkg)); {
		case packed.Get().MatchString(file):
			return nil, true // a command finds a file
		case r.family == ecosystem.Apt && len(t) > 0 && unicode.IsLetter(rune(t[len(t)-1])) && strings.ContainsAny(t, "}"):
			return []shell.Package{pkg}, true // a version would be at its end
		case r.family == ecosystem.Pip && suffixed(c, pkg):
			return []shell.Package{pkg}, true
		}
		return nil, false
	}
	for _, f := range fields {
		one := c.Package(shell.Word{Text: f, Span: pkg.Word.Span, Literal: true})
		if v := r.judge(c, one); v != loose && v != unseen {
			continue
		}
		if !whole(pkg) {
			one = pkg
		}
		missing = append(missing, one)
	}
	return missing, true
}

// packed matches the name of a package file.
var packed = lazy.Regexp{Expr: `\.(whl|rpm|deb|apk|tgz|gem|tar\.gz)\b`}

// suffixed reports whether the script of c only assigns to the variable in pkg what cannot be a version for pip, such as `-cpu`.
func suffixed(c *shell.Call, pkg shell.Package) bool {
	parts := inserted.Get().FindAllString(pkg.Word.Text, -1)
	if len(parts) != 1 || whole(pkg) {
		return false
	}
	values := strings.Split(" "+c.Command.Script.Text.String, " "+strings.Trim(parts[0], "${}")+"=")[1:]
	return len(values) > 0 && !slices.ContainsFunc(values, func(rest string) bool {
		value, _, closed := strings.Cut(rest, ";")
		return !closed || strings.ContainsAny(value, "=<>!~@`(\n")
	})
}

// substituted is what the script of c assigns to the variable called name by a command substitution, up to the end of the line.
func substituted(c *shell.Call, name string) string {
	if name == "" {
		return ""
	}
	code := " " + c.Command.Script.Text.String
	for _, form := range [...]string{"=$(", `="$(`} {
		if i := strings.Index(code, name+form); i > 0 && !isName(code[i-1]) {
			line, _, _ := strings.Cut(code[i+len(name)+1:], "\n")
			return line
		}
	}
	return ""
}

func isName(b byte) bool { return b == '_' || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b)) }

// assigned are the words of all values that the script of c assigns to the shell variable called name, or over which its only loop
// goes, nil if one of the values is not in double quotes. Those that begin with the variable itself have only the rest.
func assigned(c *shell.Call, name string) (words []string) {
	code := c.Command.Script.Text.String
	if name == "" || strings.Contains(code, "read "+name) {
		return nil
	}
	if before, loop, ok := strings.Cut(code, "for "+name+" in "); ok && !strings.Contains(loop, "for "+name+" in ") && !strings.Contains(before+loop, " "+name+"=") {
		items, _, _ := strings.Cut(loop, ";")
		return strings.Fields(items)
	}
	for _, rest := range strings.Split(" "+code, " "+name+"=")[1:] {
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
