package lint

// Fact is something that several rules ask of a build. The package that knows the answer declares one as a package variable and
// offers it as a function of a Pass, such as container.Of. It is computed when the first rule asks, and at most once a build.
type Fact[T any] struct{ compute func(*Pass) T }

// NewFact is the fact that compute finds out. The Pass that compute gets belongs to no rule: it has no options, and it cannot
// report.
func NewFact[T any](compute func(*Pass) T) *Fact[T] { return &Fact[T]{compute} }

// Of is the value of f for the build that p looks at.
func (f *Fact[T]) Of(p *Pass) T {
	if known, ok := p.run.facts[f]; ok {
		value, _ := known.(T) // not ok if T is an interface and the value nil
		return value
	}
	value := f.compute(&Pass{File: p.File, Plan: p.Plan, Now: p.Now, run: p.run})
	p.run.facts[f] = value
	return value
}
