package reorder

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ignorable are names at the root of a build context that are for the work on a project and not for what is built from it.
var ignorable = [...]string{
	".all-contributorsrc", ".circleci", ".devcontainer", ".dockerignore", ".editorconfig", ".gitattributes", ".github", ".gitignore", ".gitlab",
	".gitlab-ci.yml", ".idea", ".mailmap", ".pre-commit-config.yaml", ".renovaterc*", ".travis.yml", ".vscode", "CHANGELOG.md", "CHANGES.md",
	"CODEOWNERS", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "CONTRIBUTORS.md", "Dockerfile*", "Jenkinsfile", "SECURITY.md",
	"azure-pipelines.yml", "compose*.y*ml", "docker-compose*.y*ml", "renovate.json*",
}

// Ignorable are the lines for an ignore file that exclude those of names, paths in the build context, that no step needs: they are for
// the work on the project, and no instruction has the name.
func Ignorable(p *plan.Plan, names []string) []string {
	var out []string
	for _, name := range names {
		name, _, _ = strings.Cut(name, "/")
		i := slices.IndexFunc(ignorable[:], func(pattern string) bool {
			ok, err := path.Match(pattern, name)
			return err == nil && ok
		})
		if i < 0 || slices.Contains(out, ignorable[i]) || slices.ContainsFunc(p.File.Instructions, func(in *parser.Instruction) bool { return mentions(in, name) }) {
			continue
		}
		out = append(out, ignorable[i])
	}
	slices.Sort(out)
	return out
}
