package parity

import (
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/plan"
)

// NoUser reports whether Checkov prints CKV_DOCKER_3 for an image without USER: it accepts one in any stage.
func NoUser(p *plan.Plan) bool {
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if step.Instruction.Name == "USER" {
				return false
			}
		}
	}
	return true
}

// RootUser reports whether hadolint prints DL3002 for step, a USER whose argument names root as it is written. A space
// after the argument hides it from hadolint.
func RootUser(step *plan.Step) bool {
	return strings.HasSuffix(step.Instruction.Text.String, step.Instruction.Args[0].String)
}

// LastRootUser reports whether Checkov prints CKV_DOCKER_8 for the last USER of s, which is root. It only looks at the
// last stage.
func LastRootUser(p *plan.Plan, s *plan.Stage) bool { return s == p.Stages[len(p.Stages)-1] }

// SecretPart reports whether hadolint prints DL3064 for a variable by its name in lower case: the name contains one of
// its words anywhere.
func SecretPart(lower string) bool {
	return secretParts.In(lower)
}

var secretParts = lazy.Words{List: func() []string {
	return []string{"api_key", "client_key", "password", "private", "secret", "token", "username"}
}}

// SecretWord reports whether the name of a variable, in lower case, is a secret's to BuildKit, which then prints
// SecretsUsedInArgOrEnv: one of the words between underscores is on its list, and none makes the name harmless.
func SecretWord(lower string) bool {
	found := false
	for word := range strings.SplitSeq(lower, "_") {
		switch word {
		case "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token":
			found = true
		case "public", "file", "version":
			return false
		}
	}
	return found
}

// Secret reports whether BuildKit prints SecretsUsedInArgOrEnv for s, an ARG or ENV, and a variable of that name. It
// looks neither above the first FROM nor into ONBUILD.
func Secret(s *plan.Step, lower string) bool {
	return s.Stage != nil && !s.OnBuild && SecretWord(lower)
}
