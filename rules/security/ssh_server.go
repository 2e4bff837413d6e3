package security

import (
	"slices"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// SSHServer reports that the target exposes port 22 or installs an SSH server, once. It has a doubt if the container
// runs nothing else, since the image may be for that.
var SSHServer = &lint.Rule{
	Name: "ssh-server", Category: lint.Security,
	Summary: "the image contains an SSH server or exposes its port",
	Aliases: []string{"DS-0004", "CKV_DOCKER_1", "S6473", "AC_DOCKER_0026"}, Severity: lint.Warning, Profile: lint.Strict,
	Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target {
			return
		}
		f := exposesSSH(p, s)
		if f == nil {
			f = installsSSH(p, s)
		}
		if f == nil {
			return
		}
		f.Because("anyone who can log in over SSH gets a shell in the container and bypasses the access control of Docker or Kubernetes").
			Advise("remove the SSH server, and use `docker exec` or `kubectl exec`")
		if len(f.Aliases) > 0 { // the port is exposed
			f.Advise("remove the SSH server and its port, and use `docker exec` or `kubectl exec`")
		}
		if c := container.Of(p); len(c.Commands) == 1 && c.Commands[0].Name == "sshd" {
			f.Advise("if you only need a shell in a container, use `docker exec` or `kubectl exec` instead").
				Doubting("the image seems to be intended as an SSH server")
		}
	}),
}

// exposesSSH reports an EXPOSE of s that names the port of SSH, nil if there is none.
func exposesSSH(p *lint.Pass, s *plan.Stage) *lint.Finding {
	const port = 22
	for _, step := range s.Steps {
		if step.Instruction.Name != "EXPOSE" {
			continue
		}
		all, _ := container.Exposes(step)
		for _, e := range all {
			if from, to, ok := e.TCP(); ok && from == port && to == port {
				return p.Report(e.Word.Full(), "the image exposes port 22 for SSH").Alias("DS-0004", "CKV_DOCKER_1")
			}
		}
	}
	return nil
}

// installsSSH reports the package of an SSH server that a step of s installs, nil if there is none.
func installsSSH(p *lint.Pass, s *plan.Stage) *lint.Finding {
	for sc := range p.Scripts(s) {
		for _, call := range sc.Calls() {
			if call.Action != shell.Install || !ecosystem.Of(call.Manager).System {
				continue
			}
			i := slices.IndexFunc(call.Packages, func(k shell.Package) bool {
				return k.Name == "openssh-server" || k.Name == "dropbear"
			})
			if i >= 0 {
				return p.Report(call.Packages[i].Word.Span, "the image contains an SSH server, `%s`", call.Packages[i].Name)
			}
		}
	}
	return nil
}
