package security

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// PackageSignaturesOff reports that a package manager installs packages whose signatures it does not verify: by a flag,
// or by configuration that a RUN writes. It is silent about repositories in the file system, and about commands that
// only remove packages. It has a doubt if all packages are files, which may have been verified or built before, and says
// the same about a script only once.
var PackageSignaturesOff = &lint.Rule{
	Name: "package-signatures-off", Category: lint.Security,
	Summary: "packages are installed without verifying their signatures",
	Aliases: []string{
		"CKV2_DOCKER_7", "CKV2_DOCKER_8", "CKV2_DOCKER_9", "CKV2_DOCKER_10", "CKV2_DOCKER_11", "CIS-DI-0011",
	},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		said := map[string]bool{}
		say := func(span parser.Span, what, code, instead string) *lint.Finding {
			if said[what] {
				return nil
			}
			said[what] = true
			f := p.Report(span, "`%s` turns off the verification of package signatures", what).
				Because("anyone who can change what the repository or a mirror sends can run code as root in the build").
				Advise("%s", strings.Replace(instead, "remove it", "remove `"+what+"`", 1))
			if code != "" {
				f.Alias(code)
			}
			return f
		}
		for _, call := range s.Calls() {
			off, w := unsigned(call)
			if off == nil {
				continue
			}
			instead := off.Instead
			if hasKeys(off, call) {
				instead = "remove it, because current Alpine images contain the keys of this repository"
			}
			switch f := say(w.Span, w.Text, off.Code, instead); {
			case f == nil:
			case onlyFiles(call):
				f.Doubting("the packages are files, which an earlier step may have built or verified")
			case call.Command.Has(off.Bootstrap...):
				f.Doubting("the command may install the package that contains the repository's keys")
			}
		}
		for _, c := range s.Commands {
			if c.Name == "rpm" {
				if w := c.Flag("--nosignature", "--nodigest"); w != nil && !c.Has("-q", "-V", "-e", "--query", "--erase") {
					say(w.Span, w.Text, "CKV2_DOCKER_10", "remove it, and import the vendor's key with `rpm --import`")
				}
			}
			for _, text := range written(c) {
				if off := unsignedText(text.text); off != nil {
					instead := off.Instead
					if strings.Contains(text.text, "allow-insecure=yes") {
						instead = strings.Replace(instead, "remove it", "remove `allow-insecure=yes` and `"+off.Written()+"`", 1)
					}
					say(text.span, off.Written(), off.Code, instead)
				}
			}
		}
	}),
}

// unsigned is the way in which call switches the verification off, and the word that does so.
func unsigned(call *shell.Call) (*ecosystem.Off, shell.Word) {
	if call.Action == shell.Remove || call.Action == shell.Clean {
		return nil, shell.Word{}
	}
	args := call.Command.Args()
	words := make([]string, len(args))
	for i, w := range args {
		words[i] = w.Text
	}
	offs := ecosystem.Of(call.Manager).Offs()
	for i := range offs {
		if !offs[i].Signature {
			continue
		}
		if at := offs[i].Index(words); at >= 0 {
			return &offs[i], args[at]
		}
	}
	return nil, shell.Word{}
}

// hasKeys reports whether call names repositories, and the image has the keys of all of them.
func hasKeys(off *ecosystem.Off, call *shell.Call) bool {
	named := false
	for _, w := range call.Command.Args() {
		if strings.Contains(w.Text, "://") {
			if named = true; off.Keyed == "" || !strings.Contains(w.Text, off.Keyed) {
				return false
			}
		}
	}
	return named
}

// onlyFiles reports whether call installs packages that are files, none that a repository or server sends.
func onlyFiles(call *shell.Call) bool {
	for _, pkg := range call.Packages {
		switch ext := path.Ext(pkg.Word.Text); {
		case strings.Contains(pkg.Word.Text, "://"):
			return false
		case !pkg.Local && ext != ".apk" && ext != ".deb" && ext != ".rpm":
			return false
		}
	}
	return len(call.Packages) > 0
}

// unsignedText is the setting in text, that of a configuration file, which switches the verification off, or nil.
func unsignedText(text string) *ecosystem.Off {
	if !offKeys.In(text) {
		return nil
	}
	for _, local := range [...]string{"file:", "cdrom:", "copy:", "://localhost"} {
		if strings.Contains(text, local) {
			return nil
		}
	}
	for _, m := range ecosystem.Each() {
		offs := m.Offs()
		for i := range offs {
			if off := &offs[i]; off.Signature && off.Key != "" && off.Sets(text) {
				return off
			}
		}
	}
	return nil
}
