package plan

import (
	"iter"
	"path"
	"slices"
	"strings"
)

// Destination is where s, a COPY or ADD, copies to: an absolute path, or one that is relative to an unknown working
// directory.
func (s *Step) Destination() string {
	to := s.Copy.To.Text
	if !path.IsAbs(to) {
		to = path.Join(s.Workdir.Text, to)
	}
	return path.Clean(to)
}

// Discards reports whether dir is on a mount of the step, so that what RUN writes there is not part of its layer.
func (s *Step) Discards(dir string) bool {
	for _, m := range s.Mounts {
		switch m.Type {
		case "cache", "tmpfs", "bind":
			if m.Target.Known && Within(dir, m.Target.Text) {
				return true
			}
		}
	}
	return false
}

// Within reports whether the absolute path file is dir or below it.
func Within(file, dir string) bool {
	file, dir = strings.TrimRight(file, "/"), strings.TrimRight(dir, "/")
	return file == dir || strings.HasPrefix(file, dir) && file[len(dir)] == '/'
}

// maxNear bounds Before and After, and maxLineage Lineage: rules ask both for each step, and a file may have thousands of steps
// in as many stages. Real files stay under 200 and 10.
const (
	maxNear    = 500
	maxLineage = 256
)

// Before are the steps before s, the nearest first, through the stages that its stage is built from. Those before the
// nearest 500 are left out.
func (s *Step) Before() iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		left := maxNear
		steps := s.Stage.Steps[:s.Index]
		for _, stage := range s.Stage.Lineage() {
			if stage != s.Stage {
				steps = stage.Steps
			}
			for _, step := range slices.Backward(steps) {
				if left--; left < 0 || !yield(step) {
					return
				}
			}
		}
	}
}

// After are the steps after s in its stage. Those after the nearest 500 are left out. The list may not be changed.
func (s *Step) After() []*Step {
	steps := s.Stage.Steps[s.Index+1:]
	return steps[:min(len(steps), maxNear)]
}
