package lint

// Fact is something that several rules ask of a build. The package that knows the answer declares one as a package variable and
// offers it as a function of a Pass, such as container.Of. It is computed when the first rule asks, and at most once a build.
type Fact[T any] struct {
	key     factKey
	compute func(*Pass) T
}

// factKey is what a run knows a Fact by, whatever its type: by the address. It must not be empty, or several may have the same.
type factKey struct{ _ bool }

// known is a fact that was found out. There are so few that a list is faster than a map.
type known struct {
	fact  *factKey
	value any
}

// NewFact is the fact that compute finds out. The Pass that compute gets belongs to no rule: it has no options, and it cannot
// report.
func NewFact[T any](compute func(*Pass) T) *Fact[T] { return &Fact[T]{compute: compute} }

// Of is the value of f for the build that p looks at.
func (f *Fact[T]) Of(p *Pass) T {
	if k := p.run.known(&f.key); k != nil {
		value, _ := k.value.(T) // not ok if T is an interface and the value nil
		return value
	}
	value := f.compute(&Pass{File: p.File, Plan: p.Plan, Now: p.Now, run: p.run})
	p.run.facts = append(p.run.facts, known{&f.key, value})
	return value
}

// known is what has been found out of a fact, nil if nothing has.
func (r *run) known(fact *factKey) *known {
	for i := range r.facts {
		if k := &r.facts[i]; k.fact == fact {
			return k
		}
	}
	return nil
}
