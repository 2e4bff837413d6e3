package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Uninstalled is an application of the image whose dependencies nothing installs.
type Uninstalled struct {
	Manifest string     // in the build context
	Product  string     // what an install makes beside it: `node_modules`
	Copy     *plan.Step // that copies the manifest
	// Hidden says that the ignore file excludes Product, so that the image certainly lacks it.
	Hidden bool
	// Manager is one that would install them, the one whose lock file Lock is, if there is one.
	Manager *ecosystem.Manager
	Lock    string // beside the manifest, "" if there is none
}

// Uninstalled is nil if a step, an entry script or a base image may install the dependencies, if they may be in the build context
// on purpose, and if the application is not seen to load them.
func (f *Facts) Uninstalled() *Uninstalled {
	c := container.Of(f.p)
	if f.p.Context() == nil || c.Target == nil || c.Root == nil || c.Unread && len(c.EntryScripts()) == 0 || len(c.Commands) == 0 && c.Base.Official() != "php" {
		return nil
	}
	var family ecosystem.Family
	switch c.Base.Official() {
	case "node":
		family = ecosystem.Node
	case "php":
		family = ecosystem.Composer
	default:
		return nil
	}
	dir := c.Target.End.Workdir.Text
	switch {
	case c.Target.End.WorkdirStep == nil && family == ecosystem.Composer:
		dir = "/var/www/html" // the image sets it
	case !c.Target.End.Workdir.Known:
		return nil
	}
	name := "package.json"
	if family == ecosystem.Composer {
		name = "composer.json"
	}
	trail, ok := f.p.Trail(c.Target, path.Join(dir, name))
	if !ok || len(trail.Copies) == 0 {
		return nil
	}
	m := f.owner(trail.File)
	if m == nil || m.Family != family || f.mayInstall(c, m, dir) {
		return nil
	}
	below := path.Dir(trail.File)
	product := path.Join(below, m.Project.Products[0])
	if f.p.Context().Has(product) && !f.p.Context().GitIgnored(product) || !f.loads(m, trail.File) {
		return nil
	}
	out := &Uninstalled{
		Manifest: trail.File, Product: m.Project.Products[0], Copy: trail.Copies[len(trail.Copies)-1].Step, Manager: m,
		Hidden: f.p.Context().Ignored(product),
	}
	for _, other := range ecosystem.All() {
		for _, name := range other.Locks() {
			if lock := path.Join(below, name); out.Lock == "" && other.Family == m.Family && f.p.Context().Has(lock) {
				out.Lock, out.Manager = lock, other
			}
		}
	}
	return out
}

// owner is the manager that reads the manifest, nil if none is known.
func (f *Facts) owner(manifest string) *ecosystem.Manager {
	all := app.Of(f.p).Manifests()
	i := slices.IndexFunc(all, func(m app.Manifest) bool { return m.Path == manifest })
	if i < 0 {
		return nil
	}
	j := slices.IndexFunc(ecosystem.All(), func(m *ecosystem.Manager) bool { return m.Project != nil && m.Project.Name == all[i].Ecosystem })
	return ecosystem.All()[j]
}

// mayInstall reports whether anything may install or bring the dependencies of an application in the directory dir of the image.
func (f *Facts) mayInstall(c *container.Container, m *ecosystem.Manager, dir string) bool {
	product := m.Project.Products[0]
	for _, s := range f.p.Plan.Stages {
		for _, step := range s.Steps {
			switch {
			case step.Copy != nil && step.Copy.From != nil:
				if s == c.Target && (brings(step, dir) || mentions(step.Instruction.Text.String, []string{product})) {
					return true
				}
			case step.Instruction.Name == "RUN":
				sc := f.p.Script(step)
				if sc == nil || sc.Err != nil || mentions(sc.Text.String, []string{"install", " ci", product, ".sh", "make"}) {
					return true
				}
				for _, cmd := range sc.Commands {
					if other := ecosystem.Of(cmd.Name); other != nil && other.Family == m.Family || container.Opaque(cmd) {
						return true
					}
				}
			}
		}
	}
	for _, s := range c.Target.Lineage() {
		if s.Base != nil && s.Base.Stage != nil && slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.OnBuild }) {
			return true
		}
	}
	for _, script := range c.EntryScripts() {
		if mentions(script.Text, []string{"install", " ci"}) {
			return true
		}
	}
	return slices.ContainsFunc(c.Commands, func(cmd *shell.Command) bool {
		return slices.ContainsFunc(cmd.Words, func(w shell.Word) bool { return w.Text == "install" || w.Text == "ci" || w.Text == "i" })
	})
}

// loads reports whether the application with that manifest is seen to load a dependency that it lists.
func (f *Facts) loads(m *ecosystem.Manager, manifest string) bool {
	dir := path.Dir(manifest)
	if m.Family == ecosystem.Node {
		names := app.Of(f.p).NodeDependencies(manifest)
		return len(names) > 0 && app.Of(f.p).Loads(dir, names)
	}
	for _, name := range [...]string{"artisan", "index.php", "public/index.php", "bin/console", "web/index.php"} {
		if src, err := f.p.Context().Read(path.Join(dir, name)); err == nil && strings.Contains(string(src), "vendor/autoload.php") {
			return true
		}
	}
	return false
}
