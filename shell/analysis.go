package shell

// Analysis is a question about scripts that a package outside of shell answers. A package declares one as a package
// variable and offers its answers as a function of a Script, such as fault.Of. Each script keeps its answer, so that it
// is computed at most once.
type Analysis[T any] struct{ compute func(*Script) T }

// NewAnalysis returns the analysis that compute carries out. compute must be a pure function of its script, and must
// not ask the same analysis of the same script.
func NewAnalysis[T any](compute func(*Script) T) *Analysis[T] { return &Analysis[T]{compute} }

// Of returns the answer for s. Callers share it and must not change it. Like all of Script, it is not safe for
// concurrent use.
func (a *Analysis[T]) Of(s *Script) T {
	for _, k := range s.answers {
		if k.analysis == a {
			v, _ := k.value.(T)
			return v
		}
	}
	v := a.compute(s)
	s.answers = append(s.answers, answer{a, v})
	return v
}

// answer is what an Analysis, here without its type, said of a script.
type answer struct{ analysis, value any }
