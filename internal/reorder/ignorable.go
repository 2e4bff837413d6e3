package reorder

import (
	"path"
	"slices"
	"strings"

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
// the work on the project, and no instruction has the name.
func Ignorable(p *plan.Plan, names []string) []string {
	var out []string
	known := map[string]bool{}
	for _, name := range names {
		if name, _, _ = strings.Cut(name, "/"); known[name] {
			continue
		}
		known[name] = true
		i := slices.IndexFunc(ignorable[:], func(pattern string) bool {
			ok, err := path.Match(pattern, name)
			return err == nil && ok
		})
		if i < 0 || slices.Contains(out, ignorable[i]) || name == ".git" && asksGit(p) ||
			slices.ContainsFunc(p.File.Instructions, func(in *parser.Instruction) bool { return mentions(in, name) && !onlyRemoves(p, in) }) {
			continue
		}
		out = append(out, ignorable[i])
	}
	slices.Sort(out)
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
