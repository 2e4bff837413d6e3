package invocation

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// from reads c if it builds what bake files describe, or compose files that it names. Compose files that it does not name
// are read whatever runs them.
func from(c *shell.Command) (b described.Build, ok bool) {
	words := c.Args()
	kind := described.Compose
	switch c.Name {
	case "docker-compose":
	case "docker", "podman":
		if len(words) > 0 && words[0].Text == "buildx" {
			words = words[1:]
		}
		switch {
		case len(words) > 0 && words[0].Text == "compose":
		case len(words) > 0 && words[0].Text == "bake":
			kind = described.Bake
		default:
			return b, false
		}
		words = words[1:]
	default:
		return b, false
	}
	f := described.From{Kind: kind}
	for _, a := range c.Assigns { // NAME=value docker buildx bake
		if kind == described.Bake {
			f.Vars = append(f.Vars, plan.Value{Text: a.Name + "=" + a.Value.Text, Known: a.Value.Literal})
		}
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		flag, text, inline := strings.Cut(w.Text, "=")
		if rest, short := strings.CutPrefix(flag, "-f"); short && rest != "" && !strings.HasPrefix(flag, "--") {
			flag, text, inline = "-f", rest, true
		}
		v := value(w, text)
		if !strings.HasPrefix(flag, "-") {
			if kind == described.Compose {
				break // what follows is about the command of compose
			}
			if w.Text != optional {
				f.Targets = append(f.Targets, value(w, w.Text))
			}
			continue
		}
		if !inline && isFromValued(kind, flag) && i+1 < len(words) {
			i++
			v = value(words[i], words[i].Text)
		}
		switch flag {
		case "-f", "--file":
			f.Files = append(f.Files, v)
		case "--set":
			f.Set = append(f.Set, v)
		case "--var":
			f.Vars = append(f.Vars, v)
		case "--project-directory":
			return b, false // paths begin there
		}
	}
	remote := slices.ContainsFunc(f.Targets, func(v plan.Value) bool { return described.Remote(v.Text) })
	b.From = &f
	return b, !remote && (kind == described.Bake || len(f.Files) > 0)
}

// isFromValued reports whether the next word may be the value of flag.
// Sources: https://docs.docker.com/reference/cli/docker/buildx/bake/ and https://docs.docker.com/reference/cli/docker/compose/
func isFromValued(kind described.Kind, flag string) bool {
	list := " --allow --builder --call --file -f --list --metadata-file --progress --set --var "
	if kind == described.Compose {
		list = " --ansi --env-file --file -f --parallel --profile --progress --project-directory --project-name -p "
	}
	return strings.Contains(list, " "+flag+" ")
}
