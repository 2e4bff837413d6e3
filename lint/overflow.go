package lint

// maxFindings bounds how many findings of one rule a build has. More than that say nothing new, but each costs memory
// and a frame in the report.
const maxFindings = 1000

// overflow is what a rule finds beyond maxFindings.
type overflow struct {
	rule  *Rule
	found int      // all findings of the rule
	first *Finding // beyond the limit: it is kept, and says in the end how many there are
	last  *Finding // the rule may not have said all about it yet
	sure  bool     // one of them has no doubt
}

// overflow is that of rule. The pointer is valid until the next call.
func (r *run) overflow(rule *Rule) *overflow {
	for i := len(r.overflows) - 1; i >= 0; i-- {
		if o := &r.overflows[i]; o.rule == rule {
			return o
		}
	}
	r.overflows = append(r.overflows, overflow{rule: rule})
	return &r.overflows[len(r.overflows)-1]
}

// alone reports whether rule has reported one finding and no more. It does not count those that ShellCheck's notes have become.
func (r *run) alone(rule *Rule) bool {
	for i := range r.overflows {
		if o := &r.overflows[i]; o.rule == rule {
			return o.found == 1
		}
	}
	return false
}

// keep reports whether f, the next finding of the rule, is to be kept.
func (o *overflow) keep(f *Finding) bool {
	if o.found++; o.found <= maxFindings {
		return true
	}
	o.sure = o.sure || o.last != nil && o.last.Doubt == ""
	o.last = f
	if o.first == nil {
		o.first = f
		return true
	}
	return false
}

// tell makes of the first finding beyond the limit one that stands for all of them, if there are several.
func (o *overflow) tell() {
	if o.found <= maxFindings+1 {
		return
	}
	f := o.first
	*f = Finding{Rule: f.Rule, Severity: f.Severity, Source: f.Source, Span: f.Span, Doubt: f.Doubt}
	if o.sure || o.last.Doubt == "" {
		f.Doubt = ""
	}
	f.Message = sprintf("%d more findings of this rule are not listed", []any{o.found - maxFindings})
	f.Because("at most %d findings of one rule are listed for a file", maxFindings)
}
