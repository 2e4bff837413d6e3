package stages

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// EditorInImage reports editors and programs that show what a machine does, such as vim and htop, which a package
// manager installs into an image that contains an application. It says nothing of images that people log in to, of those in
// which something names the program again, and of what the same RUN removes.
var EditorInImage = &lint.Rule{
	Name: "editor-in-image", Summary: "the image ships a text editor or another interactive tool", Category: lint.Stages,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target || !application(s) || !filled(s) || p.Plan.ForDevelopment() {
			return
		}
		for _, at := range s.Lineage() {
			for _, sc := range p.Scripts(at) {
				editors(p, s, sc)
			}
		}
	}),
}

// filled reports whether an application is copied into s, be it built in another stage or one file. Images without one
// are made for others to be built on.
func filled(s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.Copy != nil && (step.Copy.Whole() || step.Copy.From != nil || slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
				switch path.Ext(src.Path.Text) {
				case ".jar", ".war", ".py", ".js", ".mjs", ".rb", ".php", ".dll":
					return true
				}
				return false
			})) {
				return true
			}
		}
	}
	return false
}

// editors reports the editors that sc, which s has run, installs and leaves.
func editors(p *lint.Pass, s *plan.Stage, sc *shell.Script) {
	var words []shell.Word
	for _, call := range sc.Calls() {
		switch {
		case call.Action == shell.Remove:
			return
		case call.Action == shell.Install && ecosystem.Of(call.Manager).System:
			for _, pkg := range call.Packages {
				if editor(pkg.Name) && !namedAgain(p, pkg.Word) {
					words = append(words, pkg.Word)
				}
			}
		}
	}
	if len(words) == 0 || entered(s) {
		return
	}
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = "`" + w.Text + "`"
	}
	f := p.Report(words[0].Span, "the image ships %s, which the application does not use", list(names)).
		Because("an interactive tool adds size, has to be patched, and helps an attacker who gets in").
		Advise("remove the package, and use `docker debug` or `docker cp` to look into a container")
	if len(words) > 1 {
		f.Advise("remove the packages, and use `docker debug` or `docker cp` to look into a container")
	}
}

// editor reports whether a package is a text editor, or shows files, processes or traffic on a terminal.
func editor(pkg string) bool {
	switch pkg {
	case "vim", "vim-tiny", "vim-nox", "vim-enhanced", "vim-minimal", "neovim", "nano", "emacs", "emacs-nox", "joe", "mc", "htop", "atop",
		"iotop", "iftop", "nmon", "glances", "ncdu", "man-db", "telnet":
		return true
	}
	return false
}

// namedAgain reports whether another place in the file names the program of the package w, which is then there on purpose.
func namedAgain(p *lint.Pass, w shell.Word) bool {
	name, _, _ := strings.Cut(w.Text, "-")
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			in := step.Instruction
			switch in.Name {
			case "ENV", "CMD", "ENTRYPOINT", "COPY":
				if strings.Contains(in.Text.String, name) {
					return true
				}
			case "RUN":
				if n := strings.Count(in.Text.String, name); n > 1 || n == 1 && !in.Span.Contains(w.Span) {
					return true
				}
			}
		}
	}
	return false
}

// entered reports whether people work in containers of s: it runs a server for logins, a terminal or notebooks, or has what makes a
// terminal comfortable.
func entered(s *plan.Stage) bool {
	if strings.Contains(s.Name, "shell") {
		return true
	}
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if slices.ContainsFunc([]string{
				"sshd", "openssh-server", "jupyter", "code-server", "ttyd", "xrdp", "vnc", "rstudio", "theia",
				"zsh", "tmux", "bash-completion",
			}, func(sign string) bool { return strings.Contains(step.Instruction.Text.String, sign) }) {
				return true
			}
		}
	}
	return false
}
