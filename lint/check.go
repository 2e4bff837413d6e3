package lint

import (
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Check is what a rule does at each kind of place. Build one with the On functions; join several with Checks.
type Check struct{ *check } // a pointer, because rules whose checks are made at start-up copy it

type check struct {
	file     func(*Pass)
	stage    func(*Pass, *plan.Stage)
	step     func(*Pass, *plan.Step)
	keywords []string // step is only for instructions of these names; empty for all
	triggers bool     // step is also for what ONBUILD stores
	script   func(*Pass, *shell.Script)
	command  func(*Pass, *shell.Command)
	names    []string // command is only for these; empty for all
	call     func(*Pass, *shell.Call)
	managers func() []string // call is only for these; nil for all
	image    func(*Pass, *plan.Image, *plan.Stage)
	declared func(*Pass, *Declaration)
	more     []Check
}

// Checks joins several.
func Checks(checks ...Check) Check { return Check{&check{more: checks}} }

// OnFile runs f once a file.
func OnFile(f func(*Pass)) Check { return Check{&check{file: f}} }

// OnContext runs f once a file if the build context is there.
func OnContext(f func(*Pass)) Check {
	return Check{&check{file: func(p *Pass) {
		if p.Context() != nil {
			f(p)
		}
	}}}
}

// OnStage runs f for each stage.
func OnStage(f func(*Pass, *plan.Stage)) Check { return Check{&check{stage: f}} }

// OnStep runs f for each instruction of a stage that BuildKit accepts and whose name (upper-case) is one of keywords; without keywords,
// for all. It does not run it for what ONBUILD stores.
func OnStep(f func(*Pass, *plan.Step), keywords ...string) Check {
	return Check{&check{step: f, keywords: keywords}}
}

// OnInstruction runs f for each instruction of a stage of the given name (upper-case) that BuildKit accepts, with its typed
// form; not for what ONBUILD stores.
func OnInstruction[T any](keyword string, f func(*Pass, *plan.Step, T)) Check {
	return Check{&check{keywords: []string{keyword}, step: func(p *Pass, s *plan.Step) {
		if cmd, ok := s.Instruction.Cmd.(T); ok {
			f(p, s, cmd)
		}
	}}}
}

// OnTrigger is OnInstruction for what ONBUILD stores as well.
func OnTrigger[T any](keyword string, f func(*Pass, *plan.Step, T)) Check {
	c := OnInstruction(keyword, f)
	c.triggers = true
	return c
}

// OnRun runs f for each RUN and ONBUILD RUN, also where the script could not be parsed. Script.All has the scripts in it.
func OnRun(f func(*Pass, *shell.Script)) Check { return Check{&check{script: f}} }

// OnCommand runs f for each simple command in RUN and ONBUILD RUN whose base name is one of names; without names, for all.
func OnCommand(f func(*Pass, *shell.Command), names ...string) Check {
	return Check{&check{command: f, names: names}}
}

// OnCall runs f for each call of a package manager in RUN and ONBUILD RUN; without managers, of any.
func OnCall(f func(*Pass, *shell.Call), managers ...string) Check {
	return OnCalls(f, func() []string { return managers })
}

// OnCalls is OnCall for the managers that a function lists, which is called once a Linter runs the rule.
func OnCalls(f func(*Pass, *shell.Call), managers func() []string) Check {
	return Check{&check{call: f, managers: managers}}
}

// OnImage runs f for each image reference, wherever it stands: FROM, `COPY --from`, `--mount=from=` and `# syntax=` (whose
// stage is nil). Stages, scratch and named contexts are among them: see plan.Image.External.
func OnImage(f func(*Pass, *plan.Image, *plan.Stage)) Check { return Check{&check{image: f}} }
