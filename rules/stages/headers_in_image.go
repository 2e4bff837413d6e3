package stages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// HeadersInImage reports packages of headers in an image in which nothing can compile: its base image is known to have
// no compiler, and no step installs one. It says nothing where a step removes packages, and of images such as those of
// .NET, where programs load libraries by names that only these packages provide. Images with compilers belong to
// build-tools-in-image.
var HeadersInImage = &lint.Rule{
	Name: "headers-in-image", Summary: "the image ships header files but no compiler", Category: lint.Stages,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		target := p.Plan.Target
		if target == nil || !application(target) || p.Plan.ForDevelopment() {
			return
		}
		root := target.Image()
		if root == nil {
			return
		}
		if base := image.Of(*root.Ref); base.LoadsDevelopmentNames() || !base.Lacks("gcc") {
			return
		}
		var found []*shell.Call
		compiles := false
		for _, s := range target.Lineage() {
			for _, sc := range p.Scripts(s) {
				compiles = compiles || sc.Err != nil || slices.ContainsFunc(sc.Commands, compilesOrFetches)
				for _, call := range sc.Calls() {
					switch {
					case call.Action == shell.Remove, ecosystem.Of(call.Manager).Family == ecosystem.Conda:
						compiles = true
					case call.Action != shell.Install || !ecosystem.Of(call.Manager).System:
					case slices.ContainsFunc(call.Packages, func(pkg shell.Package) bool { return hasCompiler(pkg.Name) }):
						compiles = true
					case slices.ContainsFunc(call.Packages, isHeaders):
						found = append(found, call)
					}
				}
			}
		}
		if compiles {
			return
		}
		for _, call := range found {
			headers(p, call)
		}
	}),
}

// headers reports the packages of headers that call installs.
func headers(p *lint.Pass, call *shell.Call) {
	var names []string
	var first *shell.Package
	for i, pkg := range call.Packages {
		if !isHeaders(pkg) {
			continue
		}
		if first == nil {
			first = &call.Packages[i]
		}
		names = append(names, "`"+pkg.Name+"`")
	}
	f := p.Report(first.Word.Span, "the image ships the headers of %s", list(names)).
		Because("the image has no compiler, so headers and static libraries only add size")
	if other := compilesOn(p, call.Command.Script.Step.Stage); other != "" {
		library, them := runtimeLibrary(first.Name), "`"+first.Name+"`"
		switch {
		case len(names) > 1:
			library, them = "the runtime libraries", "these packages"
		case library != "":
			library = "`" + library + "`"
		default:
			library = "the runtime library"
		}
		f.Advise("install %s here, and %s in stage `%s`, which compiles", library, them, other)
		return
	}
	if library := besides(call, first.Name); library != "" && len(names) == 1 {
		f.Advise("remove the package; the command already installs `%s`", library)
		return
	}
	if library := runtimeLibrary(first.Name); library != "" && len(names) == 1 {
		f.Advise("install `%s` instead, which only contains the library", library)
		return
	}
	what, it := "the runtime library", "it"
	if len(names) > 1 {
		what, it = "the runtime libraries", "them"
	}
	f.Advise("install %s instead", what)
	if list := ecosystem.Of(call.Manager).Requires; list != "" {
		command := list + first.Name
		if len(names) > 1 {
			command = strings.TrimSpace(list)
		}
		f.Advise("install %s instead; `%s` usually lists %s", what, command, it)
	}
}

// compilesOn is the name of a stage that is built from s, is not in the image and has a compiler, for which the headers may be; "" without one.
func compilesOn(p *lint.Pass, s *plan.Stage) string {
	for _, other := range p.Plan.Stages {
		if other == s || other.Name == "" || !slices.Contains(other.Lineage(), s) || slices.Contains(p.Plan.Target.Lineage(), other) {
			continue
		}
		for _, sc := range p.Scripts(other) {
			if slices.ContainsFunc(sc.Commands, compilesOrFetches) || slices.ContainsFunc(sc.Calls(), func(call *shell.Call) bool {
				return call.Action == shell.Install && slices.ContainsFunc(call.Packages, func(pkg shell.Package) bool { return hasCompiler(pkg.Name) })
			}) {
				return other.Name
			}
		}
	}
	return ""
}

// isHeaders reports whether a distribution's package is only for compiling. It is false for the headers of the C
// library, of Clang and of OpenMP, which include the names that `dlopen` needs: in Debian 12 only `libomp-14-dev` has `libiomp5.so`.
func isHeaders(pkg shell.Package) bool {
	if pkg.Local {
		return false
	}
	switch pkg.Name {
	case "libomp-dev", "libclang-dev", "libc-dev", "libc6-dev", "glibc-devel", "linux-libc-dev":
		return false
	case "postgresql-dev", "openssl-dev", "zlib-dev", "zlib1g-dev", "mariadb-dev", "mariadb-connector-c-dev",
		"default-libmysqlclient-dev", "python3-dev", "ruby-dev",
		"jpeg-dev", "freetype-dev", "icu-dev", "curl-dev", "sqlite-dev", "yaml-dev", "gmp-dev", "imagemagick-dev",
		"unixodbc-dev", "vips-dev", "freetds-dev",
		"krb5-dev", "tk-dev", "readline-dev", "ncurses-dev":
		return true
	}
	return strings.HasPrefix(pkg.Name, "lib") && strings.HasSuffix(pkg.Name, "-dev") ||
		strings.HasSuffix(pkg.Name, "-devel")
}

// hasCompiler reports whether a distribution's package is a compiler, or depends on one or recommends it.
func hasCompiler(pkg string) bool {
	if m := ecosystem.Of(pkg); compiler(pkg) || m != nil && m.Language == ecosystem.LanguageNode {
		return true
	}
	for _, prefix := range []string{
		"gcc", "g++", "clang", "llvm", "rust", "golang", "gfortran", "ghc", "ocaml", "tcc", "go-", "swift", "dpkg-dev",
		"build-", "cuda", "nvidia-",
		"r-base", "R-", "ruby-full", "python3-pip", "py3-pip", "cython", "nodejs", "node-gyp", "perl-dev", "checkinstall",
		"devscripts",
	} {
		if strings.HasPrefix(pkg, prefix) {
			return true
		}
	}
	return false
}

// runtimeLibrary is the package that only has the library, where its name is the same in all supported releases of
// Debian and Ubuntu; "" for others. Source: https://packages.debian.org and https://packages.ubuntu.com.
func runtimeLibrary(headers string) string {
	switch headers {
	case "libpq-dev":
		return "libpq5"
	case "libsqlite3-dev":
		return "libsqlite3-0"
	case "zlib1g-dev":
		return "zlib1g"
	case "libyaml-dev":
		return "libyaml-0-2"
	case "libxslt1-dev":
		return "libxslt1.1"
	case "libxrender-dev":
		return "libxrender1"
	}
	return ""
}

// besides is the package that call installs with the library of headers, which has the same name with a version; "" if there is none.
func besides(call *shell.Call, headers string) string {
	stem := strings.TrimSuffix(strings.TrimSuffix(headers, "-dev"), "-devel")
	for _, pkg := range call.Packages {
		version, ok := strings.CutPrefix(pkg.Name, stem)
		version = strings.TrimPrefix(version, "-")
		if ok && pkg.Name != headers && (version == "" || '0' <= version[0] && version[0] <= '9') {
			return pkg.Name
		}
	}
	return ""
}

// compilesOrFetches reports whether c compiles, or runs something that may install a compiler.
func compilesOrFetches(c *shell.Command) bool {
	switch c.Name {
	case "gcc", "g++", "cc", "c++", "clang", "make", "cmake", "configure", "rustup", "rustup-init.sh", "R", "Rscript",
		"zig", "nix", "brew":
		return true
	}
	return strings.HasSuffix(c.Name, ".sh") || language(c) == ecosystem.LanguageRust
}
