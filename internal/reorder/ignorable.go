package reorder

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ignorable are names at the root of a build context that are for the work on a project and not for what is built from it.
var ignorable = [...]string{
	".all-contributorsrc", ".circleci", ".devcontainer", ".dockerignore", ".editorconfig", ".git", ".gitattributes", ".github", ".gitignore", ".gitlab",
	".gitlab-ci.yml", ".idea", ".mailmap", ".pre-commit-config.yaml", ".renovaterc*", ".travis.yml", ".vscode", "CHANGELOG.md", "CHANGES.md",
	"CODEOWNERS", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "CONTRIBUTORS.md", "Dockerfile*", "Jenkinsfile", "SECURITY.md",
	"azure-pipelines.yml", "compose*.y*ml", "docker-compose*.y*ml", "renovate.json*",
}

// Ignorable are the lines for an ignore file that exclude those of names, paths in the build context, that no step needs: they are for
// the work on the project, and no instruction has the name. c, the build context, may be nil.
func Ignorable(p *plan.Plan, c *buildcontext.Context, names []string) []string {
	var out []string
	known := map[string]bool{}
	builds := installsFiles(p)
	named := func(name string) bool {
		return slices.ContainsFunc(p.File.Instructions, func(in *parser.Instruction) bool { return mentions(in, name) && !onlyRemoves(p, in) })
	}
	gone := removedAtOnce(p)
	for _, name := range names {
		if i := slices.IndexFunc(gone, func(x string) bool { return name == x || strings.HasPrefix(name, x+"/") }); i >= 0 {
			if !slices.Contains(out, gone[i]) {
				out = append(out, gone[i])
			}
			continue
		}
		if path.Base(name) == readme && !builds && !slices.Contains(out, name) && !named("README") && !named(".md") && unread(c, name) {
			out = append(out, name)
		}
		if name, _, _ = strings.Cut(name, "/"); known[name] {
			continue
		}
		known[name] = true
		i := slices.IndexFunc(ignorable[:], matches(name))
		if i < 0 || slices.Contains(out, ignorable[i]) || name == ".git" && asksGit(p) || named(name) {
			continue
		}
		out = append(out, ignorable[i])
	}
	slices.Sort(out)
	return out
}

// installsFiles reports whether a RUN installs a package from a directory or a file, whose build may read anything in it.
func installsFiles(p *plan.Plan) bool {
	scripts := new(shell.Scripts)
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			sc := scripts.Of(step)
			if sc != nil && slices.ContainsFunc(sc.Calls(), func(call *shell.Call) bool {
				return slices.ContainsFunc(call.Packages, func(k shell.Package) bool { return k.Local && !strings.Contains(k.Name, "://") })
			}) {
				return true
			}
		}
	}
	return false
}

// removedAtOnce are the paths in the build context that only one step copies, with everything else, and that the next step removes.
func removedAtOnce(p *plan.Plan) []string {
	var gone, copied []string
	scripts := new(shell.Scripts)
	for _, s := range p.Stages {
		for i, step := range s.Steps {
			for _, m := range step.Mounts {
				if m.Type == "bind" && m.From == nil {
					copied = append(copied, path.Clean("/"+m.Source))
				}
			}
			switch {
			case step.Copy == nil || !step.Copy.Context():
			case s.Reached && step.Copy.Whole() && len(step.Copy.Sources) == 1 && i+1 < len(s.Steps) && gone == nil:
				gone = removes(s.Steps[i+1], step.Destination(), scripts)
			default:
				for _, src := range step.Copy.Sources {
					copied = append(copied, path.Clean("/"+src.Path.Text))
				}
			}
		}
	}
	return slices.DeleteFunc(gone, func(name string) bool {
		return name == ".git" || slices.ContainsFunc(copied, func(x string) bool {
			return plan.Within("/"+name, x) || plan.Within(x, "/"+name) || strings.ContainsAny(x, "*?[$")
		})
	})
}

// removes are the paths below dir that run, which only removes, removes.
func removes(run *plan.Step, dir string, scripts *shell.Scripts) []string {
	sc := scripts.Of(run)
	if sc == nil || sc.Err != nil {
		return nil
	}
	var out []string
	for _, c := range sc.Commands {
		if c.Name != "rm" || !c.Has("-f", "--force") || !c.Has("-r", "-R", "--recursive") {
			return nil
		}
		for _, w := range c.Operands() {
			name, ok := place(run, w)
			if rel, below := strings.CutPrefix(name, strings.TrimSuffix(dir, "/")+"/"); ok && below && !strings.ContainsAny(w.Text, "*?[{~") && install.PlainNames([]string{rel}) {
				out = append(out, rel)
			}
		}
	}
	return out
}

// asksGit reports whether a RUN may ask git about the repository, as compilers and version scripts do: it runs something that is not known.
func asksGit(p *plan.Plan) bool {
	scripts := new(shell.Scripts)
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if step.Instruction.Name != "RUN" {
				continue
			}
			sc := scripts.Of(step)
			if sc == nil || sc.Err != nil {
				return true
			}
			if slices.ContainsFunc(sc.Calls(), func(call *shell.Call) bool {
				b := install.Manager(call).Build
				return b != nil && (b.Compiles || b.Itself != nil && len(call.Files) == 0 && len(call.Packages) == 0)
			}) {
				return true
			}
			for _, c := range sc.Commands {
				switch c.Name {
				case "git", "make", "cmake", "sh", "bash", "goreleaser", "":
					return true
				}
				if strings.Contains(c.Words[0].Text, "/") && !strings.HasSuffix(c.Name, "manage.py") {
					return true
				}
			}
		}
	}
	return false
}

// onlyRemoves reports whether a RUN that names a file does so only to remove it.
func onlyRemoves(p *plan.Plan, in *parser.Instruction) bool {
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if step.Instruction != in || in.Name != "RUN" {
				continue
			}
			sc := new(shell.Scripts).Of(step)
			return sc != nil && sc.Err == nil && !slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
				return c.Name != "rm" || !c.Has("-f", "--force")
			})
		}
	}
	return false
}

// onlyForWork reports whether name, at the root of a build context, is one of ignorable.
func onlyForWork(name string) bool { return slices.ContainsFunc(ignorable[:], matches(name)) }

// matches returns a function that reports whether a pattern matches name.
func matches(name string) func(pattern string) bool {
	return func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return err == nil && ok
	}
}
