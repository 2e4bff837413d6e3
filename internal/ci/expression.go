package ci

import (
	"strings"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
)

// expression is what is left of an expression of GitHub, from the left.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/expressions
type expression struct {
	scope *scope
	rest  string
	depth int
	wrong bool // it cannot be read
}

// evaluate is the value of text as far as s knows it. Booleans are `true` and `false`, and of functions none is known.
func (s *scope) evaluate(text string) plan.Value {
	e := expression{scope: s, rest: text}
	v := e.either()
	if e.skip(); e.wrong || e.rest != "" {
		return plan.Value{}
	}
	return v
}

// isTrue reports whether a condition holds with v, which is known.
func isTrue(v plan.Value) bool { return v.Text != "" && v.Text != "false" }

func truth(b bool) plan.Value {
	if b {
		return described.Known("true")
	}
	return described.Known("false")
}

func (e *expression) skip() { e.rest = strings.TrimLeft(e.rest, " \t\r\n") }

// takes reports whether the next token is operator, and takes it.
func (e *expression) takes(operator string) (ok bool) {
	e.skip()
	e.rest, ok = strings.CutPrefix(e.rest, operator)
	return ok
}

func (e *expression) either() plan.Value {
	v := e.both()
	for e.takes("||") {
		if right := e.both(); v.Known && !isTrue(v) {
			v = right
		}
	}
	return v
}

func (e *expression) both() plan.Value {
	v := e.comparison()
	for e.takes("&&") {
		if right := e.comparison(); v.Known && isTrue(v) {
			v = right
		}
	}
	return v
}

func (e *expression) comparison() plan.Value {
	v := e.operand()
	equal := e.takes("==")
	if !equal && !e.takes("!=") {
		return v
	}
	right := e.operand()
	if !v.Known || !right.Known {
		return plan.Value{}
	}
	return truth(strings.EqualFold(v.Text, right.Text) == equal)
}

func (e *expression) operand() plan.Value {
	if e.depth++; e.depth > 100 {
		e.wrong = true
		return plan.Value{}
	}
	switch {
	case e.takes("!"):
		v := e.operand()
		if !v.Known {
			return v
		}
		return truth(!isTrue(v))
	case e.takes("("):
		v := e.either()
		e.wrong = e.wrong || !e.takes(")")
		return v
	case e.takes("'"):
		var text strings.Builder
		for {
			part, rest, ok := strings.Cut(e.rest, "'")
			text.WriteString(part)
			e.rest = rest
			if !ok {
				e.wrong = true
			}
			if e.rest, ok = strings.CutPrefix(rest, "'"); !ok {
				return described.Known(text.String())
			}
			text.WriteByte('\'') // two of them stand for one
		}
	}
	end := strings.IndexFunc(e.rest, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9')
	})
	if end < 0 {
		end = len(e.rest)
	}
	name := e.rest[:end]
	if e.rest = e.rest[end:]; name == "" {
		e.wrong = true
		return plan.Value{}
	}
	if e.takes("(") {
		for !e.wrong && !e.takes(")") {
			e.either()
			e.takes(",")
		}
		return plan.Value{}
	}
	switch {
	case name == "null":
		return described.Known("")
	case name == "true" || name == "false" || name[0] >= '0' && name[0] <= '9':
		return described.Known(name)
	}
	return e.scope.lookup(name)
}
