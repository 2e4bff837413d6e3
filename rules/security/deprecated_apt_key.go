package security

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// DeprecatedAptKey reports keys that apt-key adds. It is silent about `apt-key list` and the like, and says so once a
// script.
var DeprecatedAptKey = &lint.Rule{
	Name: "deprecated-apt-key", Category: lint.Security,
	Summary:  "`apt-key` makes apt trust a key for every repository",
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		var f *lint.Finding
		for _, c := range s.Commands {
			if c.Name != "apt-key" || !addsKey(c) {
				continue
			}
			if f != nil {
				f.Relate(c.Words[0].Span, "this command adds a key, too")
				continue
			}
			const signedBy = "save the key in `/etc/apt/keyrings`, and name its file with `[signed-by=…]` in the line that adds the repository"
			ring, own := c.FlagValue("--keyring")
			own = own && !strings.HasPrefix(ring.Text, "/etc/apt/trusted")
			if own || gone(p, s.Step.Stage) {
				f = p.Report(c.Words[0].Span, "`apt-key` is deprecated").
					Because("Debian 13 and Ubuntu 25.04 no longer include `apt-key`").
					Advise(signedBy)
				if own && !c.Has("--recv-keys", "--recv-key", "--recv", "--fetch-keys") {
					f.Advise("write the key to the keyring with `gpg --dearmor -o %s` instead", ring.Text)
					if strings.Contains(s.Text.String, "signed-by="+ring.Text) {
						f.Advise("write the key with `gpg --dearmor -o %s` instead, to the file that `signed-by` already names", ring.Text)
					}
				}
			} else {
				f = p.Report(c.Words[0].Span, "`apt-key` makes apt trust this key for every repository").
					Because("whoever holds the private key can sign a replacement for any package, even the distribution's own").
					Advise(signedBy)
			}
			if s.Step.Stage == nil {
				return
			}
			switch system := over(p, s.Step.Stage); {
			case system == nil:
			case !own:
				f.Advise("move to a supported release of %s, "+signedBy, system.Product).
					Doubting("%s no longer gets free security fixes, which matters more than the key", system)
			case system.Product != "Ubuntu" || system.Name < "25.04":
				f.Doubting("%s still includes `apt-key`, so this only matters once the base image is replaced", system)
			}
		}
	}),
}

// gone reports whether the release that s is built on has no apt-key.
func gone(p *lint.Pass, s *plan.Stage) bool {
	if s == nil || s.Image() == nil {
		return false
	}
	r := image.Of(*s.Image().Ref).Release(p.Now)
	return r.From("debian", "13") || r.From("ubuntu", "25.04")
}

// over reports whether the system of the image that s is built on gets no more fixes.
func over(p *lint.Pass, s *plan.Stage) *image.Cycle {
	i := s.Image()
	if i == nil {
		return nil
	}
	return image.Of(*i.Ref).Retired(p.Now)
}

// addsKey reports whether c, a call of apt-key, adds a key.
func addsKey(c *shell.Command) bool {
	operands := c.Operands("--keyring", "--keyserver", "--recv-keys", "--recv", "--fetch-keys", "--keyserver-options")
	if len(operands) == 0 {
		return false
	}
	return operands[0].Text == "add" ||
		operands[0].Text == "adv" && c.Has("--recv-keys", "--recv-key", "--recv", "--fetch-keys", "--import")
}
