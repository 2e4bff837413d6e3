package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
)

// UninstalledDependencies reports an image with the sources of a Node or PHP application and its manifest, where no step installs
// what the manifest lists. It is silent if anything may install it, and where a service mounts the sources.
var UninstalledDependencies = &lint.Rule{
	Name: "uninstalled-dependencies", Category: lint.Packages,
	Summary:  "no step installs the dependencies of the application",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Plan.ForDevelopment() {
			return
		}
		u := install.Of(p).Uninstalled()
		if u == nil {
			return
		}
		f := p.Report(u.Copy.Copy.Sources[0].Word.Full(), "no step installs the dependencies in `%s`", u.Manifest)
		help := "install the dependencies in a step after copying `" + u.Manifest + "`"
		if u.Lock != "" {
			help += " and `" + u.Lock + "`"
		}
		switch {
		case u.Manager.Family == ecosystem.Composer: // which no image of PHP contains
			help = "run `composer install` in a stage that is based on `composer:2`, and copy `" + u.Product + "` from there"
		case u.Lock == "":
			help = "commit the lock file that `npm install` writes, and run `npm ci` in a step after copying that file and `" + u.Manifest + "`"
		case u.Manager.Origin != nil && slices.Contains(u.Manager.Origin.Images, "node"): // so that no step has to install it
			help = strings.Replace(help, "install the dependencies", "run `"+u.Manager.Strict.Write+"`", 1)
		}
		f.Advise("%s", help)
		if u.Hidden {
			f.Because("the ignore file excludes `%s`, so the image does not contain it", u.Product)
		} else {
			f.Because("an image built from a clean checkout does not contain `%s`", u.Product)
		}
		for _, s := range container.Of(p).Uses() {
			for _, v := range s.Volumes {
				if v.Bind {
					f.Doubting("the service `%s` mounts files from the host, perhaps including the dependencies", s.Name)
				}
			}
		}
	}),
}
