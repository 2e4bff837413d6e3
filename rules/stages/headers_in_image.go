package stages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// HeadersInImage reports packages of headers that a package manager installs into an image in which nothing can compile: its base
// image is known to have no compiler, and no step brings one. It is silent where a step removes packages, and on Microsoft's images,
// where programs load libraries by the names that only these packages bring. Images with compilers are build-tools-in-image's.
var HeadersInImage = &lint.Rule{
	Name: "headers-in-image", Summary: "the image ships headers that nothing in it can compile with", Category: lint.Stages,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		target := p.Plan.Target
		if target == nil || !application(target) || p.Plan.ForDevelopment() {
			return
		}
		root := target.Image()
		if root == nil || root.Ref.Registry == "mcr.microsoft.com" || !image.Of(*root.Ref).Lacks("gcc") {
			return
		}
		var found []*shell.Call
		compiles := false
		target.Lineage()(func(s *plan.Stage) bool {
			p.Scripts(s)(func(sc *shell.Script) bool {
				compiles = compiles || sc.Err != nil || slices.ContainsFunc(sc.Commands, compilesOrFetches)
				for _, call := range sc.Calls() {
					switch {
					case call.Action == shell.Remove, call.Manager == "conda", call.Manager == "mamba", call.Manager == "micromamba":
						compiles = true
					case call.Action != shell.Install || !system(call.Manager):
					case slices.ContainsFunc(call.Packages, func(pkg shell.Package) bool { return bringsCompiler(pkg.Name) }):
						compiles = true
					case slices.ContainsFunc(call.Packages, isHeaders):
						found = append(found, call)
					}
				}
				return true
			})
			return true
		})
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
	what := "library that it needs"
	if len(names) > 1 {
		what = "libraries that they need"
	}
	ask := map[string]string{"apk": "apk info --depends ", "apt": "apt-cache depends ", "apt-get": "apt-cache depends ", "aptitude": "apt-cache depends "}[call.Manager]
	if ask == "" {
		ask = "dnf repoquery --requires "
	}
	f := p.Report(first.Word.Span, "the image ships the headers of %s", strings.Join(names, ", ")).
		Because("no compiler is in the image that could read them: headers and static libraries are weight alone")
	if slices.Contains(names, "`libpq-dev`") || slices.Contains(names, "`libssl-dev`") {
		// By the Installed-Size of 3.0.22 in Debian 12; libpq-dev depends on it.
		f.Because("no compiler is in the image that could read them: `libssl-dev`, on which `libpq-dev` depends, is 12 MiB of headers and static libraries")
	}
	if library := runtimeLibrary(first.Name); library != "" && len(names) == 1 {
		f.Advise("install `%s`, which has the library alone", library)
		return
	}
	f.Advise("install the %s instead: `%s%s` names what to install", what, ask, first.Name)
}

// isHeaders reports whether a package of a distribution is for compiling alone. The headers of the C library and of Clang are left
// out, as the names that `dlopen` takes come with them.
func isHeaders(pkg shell.Package) bool {
	if pkg.Local {
		return false
	}
	switch pkg.Name {
	case "libclang-dev", "libc-dev", "libc6-dev", "glibc-devel", "linux-libc-dev":
		return false
	case "postgresql-dev", "openssl-dev", "zlib-dev", "zlib1g-dev", "mariadb-dev", "mariadb-connector-c-dev", "default-libmysqlclient-dev", "python3-dev", "ruby-dev",
		"jpeg-dev", "freetype-dev", "icu-dev", "curl-dev", "sqlite-dev", "yaml-dev", "gmp-dev", "imagemagick-dev", "unixodbc-dev", "vips-dev", "freetds-dev",
		"krb5-dev", "tk-dev", "readline-dev", "ncurses-dev":
		return true
	}
	return strings.HasPrefix(pkg.Name, "lib") && strings.HasSuffix(pkg.Name, "-dev") || strings.HasSuffix(pkg.Name, "-devel")
}

// bringsCompiler reports whether a distribution's package is a compiler, or has one among what it depends on or recommends.
func bringsCompiler(pkg string) bool {
	if compiler(pkg) {
		return true
	}
	for _, prefix := range []string{
		"gcc", "g++", "clang", "llvm", "rust", "golang", "gfortran", "ghc", "ocaml", "tcc", "go-", "swift", "dpkg-dev", "build-", "cuda", "nvidia-",
		"r-base", "R-", "ruby-full", "python3-pip", "py3-pip", "cython", "nodejs", "npm", "node-gyp", "perl-dev", "checkinstall", "devscripts",
	} {
		if strings.HasPrefix(pkg, prefix) {
			return true
		}
	}
	return false
}

// runtimeLibrary is the package that has the library alone, where its name is the same in all supported releases of Debian and Ubuntu;
// "" for others. Source: https://packages.debian.org and https://packages.ubuntu.com.
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

// compilesOrFetches reports whether c compiles, or runs what may bring a compiler.
func compilesOrFetches(c *shell.Command) bool {
	switch c.Name {
	case "gcc", "g++", "cc", "c++", "clang", "make", "cmake", "configure", "rustup", "rustup-init.sh", "cargo", "R", "Rscript", "zig", "nix", "brew":
		return true
	}
	return strings.HasSuffix(c.Name, ".sh")
}
