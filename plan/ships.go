package plan

import (
	"path"
	"strings"
)

// Ships reports whether file, an absolute path in the file system of s, reaches the image: s ships itself, or a stage
// that ships copies file, or a directory above it, from s or a stage that is built from s. Copies through a third
// stage are not followed.
func (p *Plan) Ships(s *Stage, file string) bool {
	if s.Shipped {
		return true
	}
	for _, t := range p.Stages {
		if !t.Shipped {
			continue
		}
		for _, step := range t.Steps {
			if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage == nil || !step.Copy.From.Stage.builtOn(s) {
				continue
			}
			for _, src := range step.Copy.Sources {
				if src.Path.Known && !strings.ContainsAny(src.Path.Text, `*?[\`) && Within(file, path.Clean("/"+src.Path.Text)) {
					return true
				}
			}
		}
	}
	return false
}

// builtOn reports whether s is base, or built FROM it.
func (s *Stage) builtOn(base *Stage) bool {
	found := false
	for _, x := range s.Lineage() {
		found = x == base
		if found {
			break
		}
	}
	return found
}

// Lands is where a file with the relative path rel in a source ends up: the absolute path in the stage. ok is false
// where it is not known.
func (s *Step) Lands(rel string) (file string, ok bool) {
	if s.Copy == nil || !s.Copy.To.Known {
		return "", false
	}
	to := s.Copy.To.Text
	if !path.IsAbs(to) {
		if !s.Workdir.Known {
			return "", false
		}
		to = path.Join(s.Workdir.Text, to)
	}
	return path.Join(to, rel), true
}
