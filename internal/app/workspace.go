package app

import (
	"path"
	"strings"
)

// Workspace reports whether a file called name, whose text read gives, makes its folder the root of several packages that are
// installed together. Their Dockerfiles mostly have that root for their build context, wherever they lie.
func Workspace(name string, read func() string) bool {
	var mark string
	switch name {
	case "pnpm-workspace.yaml", "lerna.json", "nx.json", "turbo.json", "rush.json", "go.work":
		return true
	case "package.json":
		mark = `"workspaces"`
	case "Cargo.toml":
		mark = "[workspace]"
	case "pyproject.toml":
		mark = "[tool.uv.workspace]"
	case "pom.xml":
		mark = "<modules>"
	case "settings.gradle", "settings.gradle.kts":
		mark = "include"
	default:
		return path.Ext(name) == ".sln" || path.Ext(name) == ".slnx"
	}
	return strings.Contains(read(), mark)
}
