package plan

import (
	"slices"

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
func (s *Stage) Command() Command {
	c := Command{OpenEntrypoint: true, OpenCmd: true}
	var line []*Stage
	for s := range s.Lineage() {
		line = append(line, s)
	}
	if root := line[len(line)-1]; root.Base != nil && root.Base.Scratch {
		c = Command{}
	}
	for _, stage := range slices.Backward(line) {
		own := false
		for _, step := range stage.Steps {
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
	}
	return c
}
