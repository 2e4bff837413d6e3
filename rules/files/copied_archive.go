package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// CopiedArchive reports a COPY of an archive that a later RUN of the same stage unpacks, where ADD would unpack it
// directly. The copy only matters in stages that ship.
var CopiedArchive = &lint.Rule{
	Name:     "copied-archive",
	Summary:  "an archive is copied and then unpacked",
	Category: lint.Files,
	Aliases:  []string{"DL3010"},
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.ShippedStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnInstruction("COPY", func(p *lint.Pass, step *plan.Step, _ any) {
		if step.Copy == nil || step.Copy.From != nil {
			return
		}
		for _, src := range step.Copy.Sources {
			name := path.Base(src.Path.Text)
			if !tarball(name) || src.Heredoc {
				continue
			}
			renamed := tarball(path.Base(step.Copy.To.Text))
			if renamed {
				name = path.Base(step.Copy.To.Text)
			}
			c := unpacks(p, step, name)
			if c == nil {
				continue
			}
			replaced := "`COPY` and `tar`"
			if slices.ContainsFunc(c.Script.Commands, func(other *shell.Command) bool { return other.Name == "rm" && reads(other, name) }) {
				replaced = "`COPY`, `tar` and `rm`"
			}
			f := p.Report(
				src.Word.Full(),
				"archive `%s` stays in its layer after a later `RUN` unpacks it",
				path.Base(src.Path.Text),
			).
				Relate(c.Span, "unpacked here").
				Because("the image contains the archive as well as its contents, even if a later step deletes the archive").
				Advise("use `ADD`, which unpacks the archive in its destination, instead of %s", replaced)
			if dir := into(c); dir.Known && path.IsAbs(dir.Text) && path.Clean(dir.Text) != path.Clean(step.Copy.To.Text) {
				f.Advise("use `ADD` with the destination `%s/`, which unpacks the archive there, instead of %s",
					strings.TrimSuffix(dir.Text, "/"), replaced)
			}
			switch {
			case c.Name != "tar":
				f.Advise(unpackMounted).Doubting("`ADD` only unpacks tar archives")
			case slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
				return strings.HasPrefix(w.Text, "--strip") || w.Text == "--transform" || w.Text == "--wildcards" ||
					strings.HasPrefix(w.Text, "--exclude")
			}):
				f.Advise(unpackMounted).Doubting("`ADD` has no equivalent for these `tar` options")
			}
			if parity.CopiedArchive(p.Plan, step.Stage, renamed) {
				f.Alias("DL3010")
			}
		}
	}),
}

// into is the directory in which c, a tar, unpacks.
func into(c *shell.Command) plan.Value {
	for i, w := range c.Args() {
		if flags := strings.TrimPrefix(w.Text, "-"); (i == 0 || flags != w.Text) && len(flags) > 1 && flags[0] != '-' && strings.Contains(flags, "C") {
			return plan.Value{} // one of several letters in a word
		}
	}
	if dir, ok := c.FlagValue("-C", "--directory"); ok {
		return c.Path(dir)
	}
	return c.Dir()
}

// unpackMounted is the help if ADD does not do the same.
const unpackMounted = "unpack the archive from a mount, with `RUN --mount=type=bind`"

// tarball reports whether a file of this name is a tar archive, or compressed in a way that ADD supports.
func tarball(name string) bool {
	switch path.Ext(name) {
	case ".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".tb2", ".xz", ".txz", ".lzma", ".tlz", ".lz", ".Z", ".tZ",
		".tpz", ".taz", ".tz2":
		return true
	}
	return false
}

// reads reports whether an argument of c is a file with this name.
func reads(c *shell.Command, name string) bool {
	return slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return path.Base(w.Text) == name })
}

// unpacks is the command of a later RUN that unpacks the file with this name, or nil.
func unpacks(p *lint.Pass, step *plan.Step, name string) *shell.Command {
	for _, later := range step.After() {
		sc := p.Script(later)
		if sc == nil {
			continue
		}
		for _, c := range sc.Commands {
			switch c.Name {
			case "tar":
				args := c.Args()
				if !c.Has("-x", "--extract", "--get") &&
					(len(args) == 0 || strings.HasPrefix(args[0].Text, "-") || !strings.Contains(args[0].Text, "x")) {
					continue
				}
			case "unzip", "gunzip", "bunzip2", "unlzma", "unxz", "uncompress", "zgz", "zcat", "bzcat", "xzcat":
			default:
				continue
			}
			if reads(c, name) {
				return c
			}
		}
	}
	return nil
}
