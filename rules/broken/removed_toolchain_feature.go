package broken

import (
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/internal/vanished"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// RemovedToolchainFeature reports commands that the version of the toolchain in the official image no longer has, or not
// yet supports.
var RemovedToolchainFeature = &lint.Rule{
	Name: "removed-toolchain-feature", Summary: "a command uses a feature that the toolchain in the image no longer has",
	Category: lint.Broken, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
			base := s.Image()
			if base == nil || base.Ref.Official() == "" || !s.Reached && strings.Contains(base.Word.String, "$") {
				return
			}
			name, version := toolchain(image.Of(*base.Ref), p.Now)
			if version == nil {
				return
			}
			for _, sc := range p.Scripts(s) {
				for _, c := range sc.Commands {
					for _, f := range features {
						if f.image == name && f.holds(version) && f.uses(c) {
							help := f.help
							if name := laterSources(c); name != "" && f.image == "golang" {
								help = "write `git clone https://" + name + " /go/src/" + name + "`, because a later step uses that directory"
							}
							rotten(p.Report(c.Span, f.message, base.Value.Text), c).Because("%s", f.note).Advise("%s", help)
							break
						}
					}
				}
			}
		}),
		lint.OnFile(func(p *lint.Pass) {
			for _, m := range provision.Moments(p) {
				if m.Call != nil && m.Root != nil && gem(m.Call.Command) {
					oldRuby(p, m)
				}
			}
		}),
	),
}

// oldRuby reports an install of a gem whose current version requires a newer Ruby than the one in the image, or an option that the
// version of RubyGems in it no longer has.
func oldRuby(p *lint.Pass, m provision.Moment) {
	c := m.Call.Command
	name, version := toolchain(m.Base, p.Now)
	title := "`" + m.Root.Value.Text + "`"
	if name != "ruby" {
		if version = m.Release.Ruby(); m.Opaque || m.Added("ruby", p.Now) || !m.Stock || !distributed(m) {
			return
		}
		title = m.Release.Title()
	}
	if version == nil || name == "ruby" && m.Root.Ref.Official() == "" {
		return
	}
	has := [2]int{version[0], version[1]}
	if name != "ruby" && !less(has, [2]int{2, 7}) && c.Has("--no-ri", "--no-rdoc") {
		rotten(p.Report(c.Span, "`gem` in %s has neither `--no-ri` nor `--no-rdoc`", title), c).
			Because("both options were removed in RubyGems 3.0 (source: https://blog.rubygems.org/2018/12/19/3.0.0-released.html)").
			Advise("write `--no-document`")
		return
	}
	if pinned(c) {
		return
	}
	for _, w := range c.Args() {
		if g := vanished.NeedsRuby(w.Text, has, p.Now); g != nil {
			rotten(p.Report(c.Span, "the current `%s` cannot be installed on Ruby %d.%d", g.Name, has[0], has[1]), c).
				Because("by %s it required Ruby %d.%d, and `gem` does not fall back to an older version (source: %s)", g.Since.Format(time.DateOnly),
					g.Ruby[0], g.Ruby[1], g.Source).
				Relate(m.Root.Span, "%s has Ruby %d.%d", title, has[0], has[1]).
				Advise("pin an older version with `-v`, or move to a newer Ruby")
			return
		}
	}
}

// distributed reports whether the distribution's own ruby is the one in the stage.
func distributed(m provision.Moment) bool {
	for _, name := range [...]string{"ruby", "ruby-full", "ruby-dev", "ruby-devel", "rubygems", "ruby1.9.1", "ruby1.9.1-full", "ruby1.9.1-dev"} {
		if m.Installed(name) {
			return !m.Installed("ruby2.0") && !m.Installed("ruby2.3")
		}
	}
	return false
}

// feature is something that a range of versions does not have.
type feature struct {
	image       string // the official image
	from, until [2]int // the first version without it, and the first one with it again; zero is open
	uses        func(*shell.Command) bool
	message     string // %s is the image
	note, help  string
}

func (f *feature) holds(v []int) bool {
	version := [2]int{v[0], v[1]}
	return !less(version, f.from) && (f.until == [2]int{} || less(version, f.until))
}

func less(a, b [2]int) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// features is not to be changed.
var features = [...]feature{
	{
		image: "ruby", from: [2]int{2, 6},
		uses:    func(c *shell.Command) bool { return gem(c) && c.Has("--no-ri", "--no-rdoc") },
		message: "`gem` in `%s` has neither `--no-ri` nor `--no-rdoc`",
		note:    "both options were removed in RubyGems 3.0 (source: https://blog.rubygems.org/2018/12/19/3.0.0-released.html)",
		help:    "write `--no-document`",
	},
	{
		image: "golang", from: [2]int{1, 18},
		uses: func(c *shell.Command) bool {
			return family(c, ecosystem.Go) && len(c.Words) > 2 && c.Words[1].Text == "get" && !c.Has("-d") && remoteTool(c) &&
				outside(c)
		},
		message: "`go get` outside a module fails in `%s`",
		note:    "since Go 1.18 `go get` only edits `go.mod`, and no longer installs programs (source: https://go.dev/doc/go-get-install-deprecation)",
		help:    "for a program, write `go install PACKAGE@VERSION`; for a library, add it to the `go.mod` of the module that imports it",
	},
	{
		image: "golang", from: [2]int{1, 11},
		uses:    func(c *shell.Command) bool { return c.Name == "go-wrapper" },
		message: "`%s` has no `go-wrapper`",
		note:    "the image dropped the script with Go 1.11 (source: docker-library/golang)",
		help:    "use `go mod download` and `go install`, and start the program by its name",
	},
	{
		image: "php", from: [2]int{7, 2},
		uses:    func(c *shell.Command) bool { return c.Name == "docker-php-ext-install" && operand(c, "mcrypt") },
		message: "PHP in `%s` does not include the extension `mcrypt`",
		note:    "PHP 7.2 moved it to PECL (source: https://www.php.net/manual/migration72.other-changes.php)",
		help:    "use `sodium` or `openssl` instead, or install the extension with `pecl install mcrypt`",
	},
	{
		image: "php", from: [2]int{7, 0},
		uses:    func(c *shell.Command) bool { return c.Name == "docker-php-ext-install" && operand(c, "mysql") },
		message: "PHP in `%s` does not include the extension `mysql`",
		note:    "PHP 7.0 removed it (source: https://www.php.net/manual/migration70.removed-exts-sapis.php)",
		help:    "use `mysqli` or `pdo_mysql`",
	},
	{
		image: "node", from: [2]int{10, 0}, until: [2]int{26, 0},
		uses: func(c *shell.Command) bool {
			return family(c, ecosystem.Node) && c.Has("-g", "--global") && titled(c, "Yarn") && !c.Has("--force", "-f")
		},
		message: "`%s` already has `yarn`",
		note:    "the image has `/usr/local/bin/yarn`, and npm fails with `EEXIST` instead of replacing it (source: nodejs/docker-node)",
		help:    "remove the install, or use `corepack enable`",
	},
}

// toolchain is the language of an official image and its version as of the day now, nil if that is not known.
func toolchain(i image.Image, now time.Time) (name string, version []int) {
	name = i.Official()
	text, _, _ := strings.Cut(i.Tag, "-")
	if text == "" || text == "latest" || strings.Trim(text, "0123456789.") != "" {
		text = i.Newest(now)
	}
	for _, part := range strings.Split(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return name, nil
		}
		version = append(version, n)
	}
	switch {
	case len(version) >= 2:
		return name, version
	case len(version) == 1 && name == "node":
		return name, []int{version[0], 0}
	}
	return name, nil
}

// family reports whether c is a package manager of the family.
func family(c *shell.Command, f ecosystem.Family) bool {
	m := ecosystem.Of(c.Name)
	return m != nil && m.Family == f
}

func gem(c *shell.Command) bool {
	return family(c, ecosystem.Gem) && len(c.Words) > 2 && (c.Words[1].Text == "install" || c.Words[1].Text == "i")
}

func operand(c *shell.Command, name string) bool {
	for _, w := range c.Args() {
		if w.Text == name {
			return true
		}
	}
	return false
}

func pinned(c *shell.Command) bool {
	return c.Has("-v", "--version") || strings.Contains(c.Script.Text.String, "bundler:")
}

// outside reports whether c certainly runs outside of a Go module: nothing has been copied or cloned up to there.
func outside(c *shell.Command) bool {
	text := c.Script.Text.String
	if strings.Contains(text, "GO111MODULE") || strings.Contains(text, "mod init") || strings.Contains(text, "cd ") || strings.Contains(text, "clone") {
		return false
	}
	for step := range c.Script.Step.Before() {
		if step.Copy != nil || strings.Contains(step.Instruction.Text.String, "mod init") || strings.Contains(step.Instruction.Text.String, "clone") {
			return false
		}
	}
	return len(c.Script.Step.Mounts) == 0
}

// laterSources is the package of c, a `go get`, whose sources below /go/src a later step uses; "" if none does.
func laterSources(c *shell.Command) string {
	for _, w := range c.Args() {
		name, _, _ := strings.Cut(w.Text, "@")
		if !strings.Contains(name, "/") {
			continue
		}
		for _, step := range c.Script.Step.After() {
			if strings.Contains(step.Instruction.Text.String, "src/"+name) {
				return name
			}
		}
	}
	return ""
}

// titled reports whether c names the package of another manager.
func titled(c *shell.Command, title string) bool {
	for _, w := range c.Args() {
		if m := ecosystem.Of(w.Text); m != nil && m.Title == title {
			return true
		}
	}
	return false
}

// remoteTool reports whether a `go get` names a package by its address.
func remoteTool(c *shell.Command) bool {
	for _, w := range c.Args()[1:] {
		if host, _, ok := strings.Cut(w.Text, "/"); ok && strings.Contains(host, ".") && !strings.HasPrefix(host, ".") && !strings.Contains(w.Text, "...") {
			return true
		}
	}
	return false
}
