package lint

import "slices"

// joint is a finding that may become part of another one.
type joint struct {
	finding *Finding
	rule    string
	tell    func(*Finding)
	pass    *Pass // which tell may use
}

// Join makes f part of the finding of another rule at the same span, for two defects that one change repairs: if that
// finding is reported too, f is left out, and tell adds what f says to the other. An ignore comment or a setting that
// leaves out one of the two leaves the other one as it is. So does a doubt about one of them.
func (p *Pass) Join(f *Finding, rule string, tell func(other *Finding)) {
	if f == p.run.overflow(p.rule).last {
		return
	}
	p.run.joints = append(p.run.joints, joint{f, rule, tell, p})
}

// join joins findings of those that are left when comments have had their say.
func (r *run) join() {
	for _, j := range r.joints {
		at := slices.Index(r.findings, j.finding)
		other := slices.IndexFunc(r.findings, func(f *Finding) bool {
			return f.Rule.Name == j.rule &&
				f.Span == j.finding.Span
		})
		if at < 0 || other < 0 || j.finding.Doubt != "" || r.findings[other].Doubt != "" {
			continue
		}
		f := r.findings[other]
		f.alone = f.Message
		j.pass.see(r)
		j.tell(f)
		f.Severity = max(f.Severity, j.finding.Severity)
		r.findings = slices.Delete(r.findings, at, at+1)
	}
}
