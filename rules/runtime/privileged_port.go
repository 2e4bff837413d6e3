package runtime

import (
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// PrivilegedPort reports a port below 1024 on which a non-root container listens. Docker has allowed this since 20.10
// and containerd since 2.0, but CRI-O does not, so only the strict profile reports it. The rule is silent where a RUN
// calls `setcap`.
var PrivilegedPort = &lint.Rule{
	Name: "privileged-port", Summary: "a non-root user listens on a port below 1024", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Strict, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		target := p.Plan.Target
		if target == nil || target.Windows() {
			return
		}
		c := container.Of(p)
		name, _, _ := strings.Cut(c.User.Text, ":")
		if !c.User.Known || name == "" || name == "root" || strings.Trim(name, "0") == "" {
			return
		}
		at, port := parser.Span{}, 0
		for _, s := range c.Servers() {
			if l, ok := s.Port(); ok && l.Port < 1024 && port == 0 {
				at, port = s.At, l.Port
			}
		}
		if all := c.Exposed().Ports; port == 0 && len(c.Servers()) == 0 && len(all) == 1 {
			if from, _, tcp := all[0].TCP(); tcp && from > 0 && from < 1024 && all[0].Step.Stage == target {
				at, port = all[0].Word.Full(), from
			}
		}
		if port == 0 || capable(p) {
			return
		}
		f := p.Report(at, "port %d is below 1024, and the container runs as user `%s`", port, name).
			Because("Docker since 20.10 lets every user bind the port, but CRI-O, which OpenShift uses, does not").
			Advise("listen on a port above 1023, such as %d; the published port can stay %d", port+8000, port)
		if target.End.UserStep != nil {
			f.Relate(target.End.UserStep.Instruction.Span, "the user is set here")
		}
	}),
}

// capable reports whether a step of any stage may allow a program to listen on such a port.
func capable(p *lint.Pass) bool {
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if step.Instruction.Name == "RUN" && strings.Contains(step.Instruction.Rest.String, "setcap") {
				return true
			}
		}
	}
	return false
}
