package config

import "github.com/dockvet/dockvet/lint"

// Loader finds what holds for each Dockerfile.
type Loader struct {
	Rules []*lint.Rule
	Flags Flags

	one *Effective
}

// For is what holds for the Dockerfile called name.
func (l *Loader) For(string) (*Effective, error) {
	if l.one == nil {
		l.one = defaults()
		l.one.apply(l.Flags, l.Rules)
	}
	return l.one, nil
}
