package app

import (
	"bytes"
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// How many manifests of deployments are read for Probed, and how many entries of directories are looked at.
const (
	maxDeployments = 200
	maxDeployDirs  = 500
)

// deployed matches paths of files that say how something is deployed.
var deployed = lazy.Regexp{Expr: `(?i)(?:k8s|kube|helm|chart|manifest|deploy|openshift|infra|kustom|overlay|argo|gitops).*\.ya?ml$`}

// Probed is the first manifest of a deployment, by its path in the build context, in which an orchestrator probes containers; "" if there
// is none.
func (a *App) Probed() string { return a.probed() }

func (a *App) findProbed() string {
	todo, read := []string{"."}, 0
	for n := 0; n < len(todo) && n < maxDeployDirs; n++ {
		for _, name := range a.ctx.Dir(todo[n]) {
			full := path.Join(todo[n], name)
			if folder, ok := strings.CutSuffix(name, "/"); ok {
				if !skipped(folder) && strings.Count(full, "/") < maxDepth {
					todo = append(todo, full)
				}
				continue
			}
			if !deployed.Get().MatchString(full) {
				continue
			}
			if read++; read > maxDeployments {
				return ""
			}
			if data, err := a.ctx.Read(full); err == nil && (bytes.Contains(data, []byte("livenessProbe:")) || bytes.Contains(data, []byte("readinessProbe:"))) {
				return full
			}
		}
	}
	return ""
}
