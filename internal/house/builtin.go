package house

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// function is a function that scripts can call.
type function = func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// predeclared are the names that a script knows besides the harmless ones of the language. e is nil if only the names matter.
func predeclared(e *engine) starlark.StringDict {
	out := starlark.StringDict{}
	add := func(name string, f function) { out[name] = starlark.NewBuiltin(name, f) }
	for op := syntax.PLUS; op <= syntax.GTGT; op++ {
		add(operatorName(op), func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return binary(t, op, args[0], args[1])
		})
		add(assignName(op), func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return assigned(t, op, args[0], args[1])
		})
	}
	for _, op := range []syntax.Token{syntax.EQL, syntax.NEQ, syntax.LT, syntax.GT, syntax.LE, syntax.GE, syntax.IN, syntax.NOT_IN} {
		add(operatorName(op), func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return binary(t, op, args[0], args[1])
		})
	}
	add(attributeName, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		name, _ := starlark.AsString(args[1])
		return attribute(t, args[0], name)
	})
	add(keyName, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		return asKey(t, args[0])
	})
	add(sliceName, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		return args[0], charge(t, length(args[0]))
	})
	add(dictName, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		return args[0], charge(t, dictCost)
	})
	for name, cost := range costs {
		add(name, counted(name, cost))
	}
	for _, name := range []string{"bytes", "set"} {
		add(name, func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
			return nil, fmt.Errorf("%s is not available", name)
		})
	}
	add("getattr", func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var x, otherwise starlark.Value
		var name string
		if err := starlark.UnpackPositionalArgs("getattr", args, kwargs, 2, &x, &name, &otherwise); err != nil {
			return nil, err
		}
		v, err := attribute(t, x, name)
		if err != nil && otherwise != nil {
			return otherwise, nil
		}
		return v, err
	})
	add("rule", e.rule)
	add("report", e.tell)
	add("matches", e.matches)
	return out
}

// costs are functions of the language whose cost depends on their arguments.
var costs = map[string]func(t *starlark.Thread, values starlark.Tuple) error{
	"list": shallow, "tuple": shallow, "reversed": shallow, "enumerate": shallow, "zip": shallow, "any": shallow, "all": shallow,
	"str": deep, "repr": deep, "print": deep, "fail": deep, "hash": deep, "float": deep, "dir": deep, "len": cheap,
	"sorted": compared, "min": compared, "max": compared,
	"dict": func(t *starlark.Thread, values starlark.Tuple) error {
		if err := charge(t, dictCost); err != nil {
			return err
		}
		return deep(t, values)
	},
	"int": func(t *starlark.Thread, values starlark.Tuple) error {
		for _, v := range values {
			if length(v) > maxBits/4/byteCost {
				return errors.New("the number is too large")
			}
		}
		return charge(t, 1)
	},
}

func cheap(t *starlark.Thread, _ starlark.Tuple) error { return charge(t, 1) }

func shallow(t *starlark.Thread, values starlark.Tuple) error {
	for _, v := range values {
		if err := charge(t, 2*length(v)); err != nil {
			return err
		}
	}
	return nil
}

func deep(t *starlark.Thread, values starlark.Tuple) error { return chargeAll(t, 1, values...) }

// compared is the cost of sorting.
func compared(t *starlark.Thread, values starlark.Tuple) error {
	n := len(values)
	for _, v := range values {
		n = max(n, length(v))
	}
	return chargeAll(t, 1+bits.Len(uint(n)), values...) //nolint:gosec // it is positive
}

// counted is a function of the language that counts its cost first.
func counted(name string, cost func(*starlark.Thread, starlark.Tuple) error) function {
	return func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		values := append(starlark.Tuple{}, args...)
		for _, pair := range kwargs {
			values = append(values, pair[1])
		}
		if err := cost(t, values); err != nil {
			return nil, err
		}
		f, ok := starlark.Universe[name].(*starlark.Builtin)
		if !ok {
			return nil, fmt.Errorf("%s is not available", name)
		}
		return bounded(f.CallInternal(t, args, kwargs))
	}
}

// rule defines a rule.
func (e *engine) rule(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	d := &definition{severity: "warning", profile: "minimal", line: int(t.CallFrame(1).Pos.Line)}
	if len(args) > 0 {
		return nil, errors.New("rule takes its arguments by name, as in name = \"acme/foreign-registry\"")
	}
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &d.name, "summary", &d.summary, "check", &d.function, "severity?", &d.severity,
		"profile?", &d.profile, "because?", &d.because, "help?", &d.help, "url?", &d.url)
	switch {
	case err != nil:
		return nil, err
	case e.defined == nil:
		return nil, errors.New("rule can only be called while the script is loaded")
	case len(*e.defined) == maxScripted:
		return nil, fmt.Errorf("a script defines at most %d rules", maxScripted)
	}
	*e.defined = append(*e.defined, d)
	return starlark.None, nil
}

// tell reports a finding.
func (e *engine) tell(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var at *object
	var say, because, help string
	if e.report == nil {
		return nil, errors.New("report can only be called by the check of a rule")
	}
	because, help = e.defaults.because, e.defaults.help
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "at", &at, "say", &say, "because?", &because, "help?", &help); err != nil {
		return nil, err
	}
	place, ok := at.place()
	switch {
	case !ok:
		return nil, fmt.Errorf("report: a %s has no place", at.Type())
	case oneLine(say) == "":
		return nil, errors.New("report: there is nothing to say")
	}
	if err := charge(t, 1000); err != nil {
		return nil, err
	}
	e.report(place.Span(), clip(say), clip(because), clip(help))
	return starlark.None, nil
}

// clip is text on one line that is not too long.
func clip(text string) string {
	if len(text) > maxMessage {
		text = text[:maxMessage] + "…"
	}
	return oneLine(strings.ToValidUTF8(text, ""))
}

// matches reports whether a regular expression matches some part of a text.
func (e *engine) matches(t *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text, expr string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "text", &text, "expr", &expr); err != nil {
		return nil, err
	}
	x := e.expressions[expr]
	if x == nil {
		if len(expr) > maxText {
			return nil, fmt.Errorf("a regular expression has more than %d bytes", maxText)
		}
		n, problem := states(expr)
		if problem != "" {
			return nil, fmt.Errorf("regular expression `%s` %s", expr, problem)
		}
		if err := charge(t, 100+10*n); err != nil {
			return nil, err
		}
		if x = (&expression{text: expr, states: n}); e.expressions == nil {
			e.expressions = map[string]*expression{}
		}
		if len(e.expressions) < 100 {
			e.expressions[expr] = x
		}
	}
	n := (len(text) + 1) * x.states
	if err := charge(t, 1+n/stepWork); err != nil {
		return nil, err
	}
	return starlark.Bool(x.match(text, &meter{left: n})), nil
}
