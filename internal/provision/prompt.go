package provision

import (
	"strings"

	"github.com/dockvet/dockvet/internal/distro"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// separate are programs that have a package of their own, for which apt asks before it installs it along with another.
var separate = [...][2]string{
	{"gcc", "gcc"},
	{"python3", "python3"},
	{"make", "make"},
	{"java", "jre"},
	{"ruby", "ruby"},
	{"node", "nodejs"},
	{"bzip2", "bzip2"},
	{"file", "file"},
	{"patch", "patch"},
	{"gpg", "gnupg"},
}

// Prompts reports whether an install without a switch that answers certainly asks whether to go on, since it brings packages that
// nobody named.
func Prompts(p *lint.Pass, call *shell.Call) bool {
	for _, m := range Moments(p) {
		if m.Call != call {
			continue
		}
		if m.Root == nil || m.Opaque || !m.Base.System() || call.Command.Has("--no-install-recommends") {
			return false
		}
		for _, pkg := range call.Packages {
			name := PackageName(pkg.Name)
			programs, known := distro.Brings(m.distribution(), m.Release, name)
			if !known || !pkg.Word.Literal || pkg.Local {
				continue
			}
			for _, s := range separate {
				if strings.Contains(programs, " "+s[0]+" ") && !strings.Contains(name, s[1]) && !m.names(call, s[1]) &&
					m.Base.Without(s[0], m.Release) && !m.MayHave(s[0]) {
					return true
				}
			}
		}
		return false
	}
	return false
}

// names reports whether a call may install the package itself.
func (m Moment) names(call *shell.Call, name string) bool {
	for _, pkg := range call.Packages {
		if strings.Contains(pkg.Name, name) || !pkg.Word.Literal {
			return true
		}
	}
	return false
}
