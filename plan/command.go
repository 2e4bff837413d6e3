package plan

import (
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Command says which instructions decide what a container runs.
type Command struct {
	Entrypoint, Cmd *Step // nil where nothing, or only the base image, sets them
	// OpenEntrypoint and OpenCmd say that a base image which we do not know may set what is nil here.
	OpenEntrypoint, OpenCmd bool
}

// Command is what a container of s runs: the last ENTRYPOINT and CMD of s and the stages it is built from. An ENTRYPOINT
// drops a CMD that the stage only inherits.
func (s *Stage) Command() Command { return s.command }

// settleCommand sets s.command. The stage that s is built from has its own already.
func (s *Stage) settleCommand() {
	c := Command{OpenEntrypoint: true, OpenCmd: true}
	switch {
	case s.Base == nil:
	case s.Base.Stage != nil:
		c = s.Base.Stage.command
	case s.Base.Scratch:
		c = Command{}
	}
	own := false
	for _, step := range s.Steps {
		switch step.Instruction.Cmd.(type) {
		case *instructions.CmdCommand:
			own, c.Cmd, c.OpenCmd = true, step, false
		case *instructions.EntrypointCommand:
			c.Entrypoint, c.OpenEntrypoint = step, false
			if !own {
				c.Cmd, c.OpenCmd = nil, false
			}
		}
	}
	s.command = c
}
