package security

import (
	"slices"
	"strings"

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
		what, f := "the port and any SSH server", exposesSSH(p, s)
		if f == nil {
			what, f = "the SSH server", installsSSH(p, s)
		}
		if f == nil {
			return
		}
		f.Because("anyone who can log in over SSH gets a shell in the container and bypasses the access control of Docker or Kubernetes").
			Advise("remove %s, and use `docker exec` or `kubectl exec`", what)
		if c := container.Of(p); len(c.Commands) == 1 && c.Commands[0].Name == "sshd" {
			f.Advise("if you only need a shell in a container, use `docker exec` or `kubectl exec` instead").
				Doubting("the image seems to be intended as an SSH server")
		}
		if tool := cluster(p, s); tool != "" {
			f.Advise("if no program needs SSH, %s", f.Help).
				Doubting("programs such as %s use SSH to start processes on other nodes", tool)
		}
		if forAppService(p, s) {
			f.Advise("unless the container runs in Azure App Service, remove the SSH server").
				Doubting("the password `root:Docker!` suggests that Azure App Service needs the server")
		}
	}),
}

// cluster names the program in a step of s, or of a stage it is built from, that reaches other nodes over SSH; "" if there is none.
func cluster(p *lint.Pass, s *plan.Stage) string {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			text := step.Instruction.Text.String
			if sc := p.Script(step); sc != nil {
				text += sc.Text.String // a heredoc
			}
			switch {
			case strings.Contains(text, "openmpi"):
				return "Open MPI"
			case strings.Contains(text, "mpich"):
				return "MPICH"
			case strings.Contains(text, "hadoop"):
				return "Hadoop"
			case strings.Contains(text, "tachyon"):
				return "Tachyon"
			}
		}
	}
	return ""
}

// forAppService reports whether a step of s sets the password with which Azure App Service logs in to a container.
func forAppService(p *lint.Pass, s *plan.Stage) bool {
	for _, sc := range p.Scripts(s) {
		if strings.Contains(sc.Text.String, "root:Docker!") {
			return true
		}
	}
	return false
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
	for _, sc := range p.Scripts(s) {
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
