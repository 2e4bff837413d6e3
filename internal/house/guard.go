package house

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/dockvet/dockvet/parser"
)

// Starlark counts the instructions of its interpreter, but not what one of them does: `"a" * 1000000000` is one, and so is
// comparing two lists that have each other in them a million times. So each operation whose cost depends on its operands
// is rewritten to a function of ours, which first counts that cost and refuses what is too much.

const (
	maxSteps  = 2_000_000 // of one rule for one build
	loadSteps = 200_000   // while a script is loaded
	stepWork  = 8         // what a step counts in the meter of a build
	dictCost  = 20        // steps for a dictionary, which takes half a kilobyte
	maxNested = 400       // expressions around one
	maxKey    = 1000      // the size of a key in a mapping
	maxBits   = 4096      // of a number
	byteCost  = 16        // bytes of a text that cost one step
)

var errSteps = errors.New("the script takes too long or makes too much")

// engine is one run of a script.
type engine struct {
	thread   *starlark.Thread
	defined  *[]*definition // what rule adds to, nil while a check runs
	defaults *definition
	report   func(span parser.Span, say, because, help string)

	expressions map[string]*expression // of matches
}

func (e *engine) newThread() *starlark.Thread {
	e.thread = &starlark.Thread{Print: func(*starlark.Thread, string) {}}
	e.thread.SetMaxExecutionSteps(maxSteps)
	e.thread.OnMaxSteps = func(t *starlark.Thread) { t.Cancel(errSteps.Error()) }
	return e.thread
}

// charge counts n steps.
func charge(t *starlark.Thread, n int) error {
	if n < 0 || t.Steps+uint64(n) >= maxSteps {
		t.Steps = maxSteps
		return errSteps
	}
	t.Steps += uint64(n)
	return nil
}

// length is what making something like v costs, without what is in it.
func length(v starlark.Value) int {
	switch v := v.(type) {
	case starlark.String:
		return len(v)/byteCost + 1
	case starlark.Sequence:
		return 2*v.Len() + 1
	}
	return 1
}

// size is length with all that is in v, as often as it is in there, and limit if that is less. What is nested deeply, or
// holds itself, has no size but limit.
func size(v starlark.Value, limit int) int { return sizeAt(v, limit, 0) }

func sizeAt(v starlark.Value, limit, depth int) int {
	n := length(v)
	each := func(x starlark.Value) bool {
		if n < limit {
			n += sizeAt(x, limit-n, depth+1)
		}
		return n < limit
	}
	if depth > maxDepth {
		return limit
	}
	switch v := v.(type) {
	case *starlark.List:
		for i := 0; i < v.Len() && each(v.Index(i)); i++ {
			continue
		}
	case starlark.Tuple:
		for i := 0; i < len(v) && each(v[i]); i++ {
			continue
		}
	case *starlark.Dict:
		for _, item := range v.Items() {
			if !each(item[0]) || !each(item[1]) {
				break
			}
		}
	}
	return min(n, limit)
}

// chargeAll counts what values hold. It costs as much to find out.
func chargeAll(t *starlark.Thread, factor int, values ...starlark.Value) error {
	for _, v := range values {
		left := int(maxSteps-min(t.Steps, maxSteps)) / factor //nolint:gosec // at most maxSteps
		if err := charge(t, factor*size(v, left+1)); err != nil {
			return err
		}
	}
	return nil
}

// bounded fails for a number that has become too large.
func bounded(v starlark.Value, err error) (starlark.Value, error) {
	if i, ok := v.(starlark.Int); ok && err == nil && i.BigInt().BitLen() > maxBits {
		return nil, errors.New("the number is too large")
	}
	return v, err
}

// binary carries out x op y.
func binary(t *starlark.Thread, op syntax.Token, x, y starlark.Value) (starlark.Value, error) {
	var err error
	switch op { //nolint:exhaustive // the default covers the rest
	case syntax.EQL, syntax.NEQ, syntax.LT, syntax.GT, syntax.LE, syntax.GE:
		if err = chargeAll(t, 1, x, y); err != nil {
			return nil, err
		}
		ok, err := starlark.Compare(op, x, y)
		return starlark.Bool(ok), err
	case syntax.IN, syntax.NOT_IN:
		if _, ok := y.(*starlark.Dict); ok {
			_, err = asKey(t, x)
		} else {
			err = chargeAll(t, 1, x, y)
		}
	case syntax.STAR:
		for _, pair := range [2][2]starlark.Value{{x, y}, {y, x}} {
			if n, err := starlark.AsInt32(pair[1]); err == nil {
				if _, number := pair[0].(starlark.Int); !number && n > 0 {
					over, product := bits.Mul64(uint64(length(pair[0])), uint64(n)) //nolint:gosec // both are positive
					if over > 0 || product > maxSteps {
						return nil, charge(t, maxSteps)
					}
					if err := charge(t, int(product)); err != nil { //nolint:gosec // at most maxSteps
						return nil, err
					}
				}
			} else if _, number := pair[1].(starlark.Int); number {
				if _, number := pair[0].(starlark.Int); !number {
					return nil, charge(t, maxSteps)
				}
			}
		}
	case syntax.PERCENT:
		if format, ok := x.(starlark.String); ok {
			err = chargeAll(t, 1+len(format)/3, y)
		}
	default:
		err = charge(t, length(x)+length(y))
	}
	if err != nil {
		return nil, err
	}
	return bounded(starlark.Binary(op, x, y))
}

// assigned carries out `x op= y` and returns what x is then.
func assigned(t *starlark.Thread, op syntax.Token, x, y starlark.Value) (starlark.Value, error) {
	list, ok := x.(*starlark.List)
	more, sequence := y.(starlark.Sequence)
	if dict, ok := x.(*starlark.Dict); ok && op == syntax.PIPE {
		other, ok := y.(*starlark.Dict)
		if !ok {
			return nil, fmt.Errorf("unknown binary op: dict |= %s", y.Type())
		}
		if err := charge(t, length(other)); err != nil {
			return nil, err
		}
		for _, item := range other.Items() {
			if err := dict.SetKey(item[0], item[1]); err != nil {
				return nil, err
			}
		}
		return x, nil
	}
	if !ok || !sequence || op != syntax.PLUS {
		return binary(t, op, x, y)
	}
	if err := charge(t, length(more)); err != nil {
		return nil, err
	}
	items := make([]starlark.Value, 0, more.Len()) // before the list grows, which may be the same
	for item := range starlark.Elements(more) {
		items = append(items, item)
	}
	for _, item := range items {
		if err := list.Append(item); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// asKey is v, which may be a key in a mapping.
func asKey(t *starlark.Thread, v starlark.Value) (starlark.Value, error) {
	n := size(v, maxKey)
	if n >= maxKey {
		return nil, errors.New("this is too large for a key")
	}
	return v, charge(t, n)
}

// attribute is x.name. A method counts its cost before it runs.
func attribute(t *starlark.Thread, x starlark.Value, name string) (starlark.Value, error) {
	has, ok := x.(starlark.HasAttrs)
	if !ok {
		return nil, fmt.Errorf("%s has no .%s field or method", x.Type(), name)
	}
	v, err := has.Attr(name)
	if v == nil && err == nil {
		err = fmt.Errorf("%s has no .%s field or method", x.Type(), name)
	}
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(name, "codepoint") {
		return nil, fmt.Errorf("%s.%s is not available", x.Type(), name)
	}
	method, ok := v.(*starlark.Builtin)
	if !ok {
		return v, charge(t, length(v))
	}
	return starlark.NewBuiltin(name, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := methodCost(t, x, name, args, kwargs); err != nil {
			return nil, err
		}
		return method.CallInternal(t, args, kwargs)
	}), nil
}

// methodCost counts what a method of the language's own types does.
func methodCost(t *starlark.Thread, x starlark.Value, name string, args starlark.Tuple, kwargs []starlark.Tuple) error {
	values := append(starlark.Tuple{}, args...)
	for _, pair := range kwargs {
		values = append(values, pair[1])
	}
	switch x := x.(type) {
	case starlark.String:
		factor := 1
		switch name {
		case "format":
			factor += len(x) / 3
		case "replace":
			factor += len(x)
		case "strip", "lstrip", "rstrip":
			factor += length(x)
		case "split", "rsplit", "splitlines", "partition", "rpartition":
			if err := charge(t, len(x)/2+1); err != nil { // each part is a value
				return err
			}
		case "join": // the separator is between all
			if len(args) == 1 {
				if err := charge(t, length(x)*length(args[0])); err != nil {
					return err
				}
			}
		}
		if err := charge(t, length(x)); err != nil {
			return err
		}
		return chargeAll(t, factor, values...)
	case *starlark.List:
		switch name {
		case "append":
			return charge(t, 1)
		case "extend":
			for _, v := range values {
				if err := charge(t, length(v)); err != nil {
					return err
				}
			}
			return nil
		case "insert", "pop", "clear":
			return charge(t, length(x))
		}
		return chargeAll(t, 1, append(values, x)...)
	case *starlark.Dict:
		switch name {
		case "get", "pop", "setdefault":
			if len(args) > 0 {
				_, err := asKey(t, args[0])
				return err
			}
			return nil
		}
		if err := charge(t, length(x)); err != nil {
			return err
		}
	}
	return chargeAll(t, 1, values...)
}

// guard rewrites f so that all operations count their cost, and fails for what a script may not do.
func guard(f *syntax.File) error {
	g := &guardian{}
	g.statements(f.Stmts)
	return g.err
}

type guardian struct {
	err   error
	depth int
}

func (g *guardian) fail(at syntax.Position, format string, args ...any) {
	if g.err == nil {
		g.err = syntax.Error{Pos: at, Msg: fmt.Sprintf(format, args...)}
	}
}

func (g *guardian) statements(list []syntax.Stmt) {
	g.depth++
	defer func() { g.depth-- }()
	for _, s := range list {
		if g.depth > maxNested && g.err == nil {
			start, _ := s.Span()
			g.fail(start, "this is nested too deeply")
		}
		if g.err != nil {
			return
		}
		switch s := s.(type) {
		case *syntax.AssignStmt:
			g.assignment(s)
		case *syntax.DefStmt:
			g.parameters(s.Params)
			g.statements(s.Body)
		case *syntax.ExprStmt:
			s.X = g.expr(s.X)
		case *syntax.ForStmt:
			s.Vars, s.X = g.target(s.Vars), g.expr(s.X)
			g.statements(s.Body)
		case *syntax.IfStmt:
			s.Cond = g.expr(s.Cond)
			g.statements(s.True)
			g.statements(s.False)
		case *syntax.ReturnStmt:
			if s.Result != nil {
				s.Result = g.expr(s.Result)
			}
		case *syntax.LoadStmt:
			g.fail(s.Load, "load is not available: a script reads no other files")
		case *syntax.WhileStmt:
			g.fail(s.While, "while is not available")
		}
	}
}

func (g *guardian) assignment(s *syntax.AssignStmt) {
	s.RHS = g.expr(s.RHS)
	if s.Op == syntax.EQ {
		s.LHS = g.target(s.LHS)
		return
	}
	name, ok := s.LHS.(*syntax.Ident)
	if !ok {
		g.fail(s.OpPos, "`%s` needs a name on its left; write the whole assignment", s.Op)
		return
	}
	op := s.Op - syntax.PLUS_EQ + syntax.PLUS
	s.Op, s.RHS = syntax.EQ, call(s.OpPos, assignName(op), &syntax.Ident{NamePos: name.NamePos, Name: name.Name}, s.RHS)
}

// target guards what is assigned to.
func (g *guardian) target(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		e.X = g.target(e.X)
	case *syntax.TupleExpr:
		for i := range e.List {
			e.List[i] = g.target(e.List[i])
		}
	case *syntax.ListExpr:
		for i := range e.List {
			e.List[i] = g.target(e.List[i])
		}
	case *syntax.IndexExpr:
		e.X, e.Y = g.expr(e.X), call(e.Lbrack, keyName, g.expr(e.Y))
	case *syntax.DotExpr:
		g.fail(e.Dot, "a field cannot be assigned to")
	}
	return e
}

// parameters guards the defaults of parameters.
func (g *guardian) parameters(list []syntax.Expr) {
	for _, p := range list {
		if b, ok := p.(*syntax.BinaryExpr); ok {
			b.Y = g.expr(b.Y)
		}
	}
}

// The functions that operations become. No script can have these names.
const (
	attributeName = "x.y"
	keyName       = "x[y]"
	sliceName     = "x[:]"
	dictName      = "{}"
)

func operatorName(op syntax.Token) string { return "x " + op.String() + " y" }
func assignName(op syntax.Token) string   { return "x " + op.String() + "= y" }

func call(at syntax.Position, name string, args ...syntax.Expr) syntax.Expr {
	return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: at, Name: name}, Lparen: at, Args: args, Rparen: at}
}

func (g *guardian) list(list []syntax.Expr) {
	for i := range list {
		list[i] = g.expr(list[i])
	}
}

func (g *guardian) expr(e syntax.Expr) syntax.Expr {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > maxNested && g.err == nil {
		start, _ := e.Span()
		g.fail(start, "this is nested too deeply")
	}
	if g.err != nil {
		return e
	}
	switch e := e.(type) {
	case *syntax.BinaryExpr:
		e.X, e.Y = g.expr(e.X), g.expr(e.Y)
		if e.Op != syntax.AND && e.Op != syntax.OR {
			return call(e.OpPos, operatorName(e.Op), e.X, e.Y)
		}
	case *syntax.CallExpr:
		e.Fn = g.expr(e.Fn)
		for i, a := range e.Args {
			switch a := a.(type) {
			case *syntax.UnaryExpr:
				if a.Op == syntax.STAR || a.Op == syntax.STARSTAR {
					g.fail(a.OpPos, "`%s` is not available in a call", a.Op)
					continue
				}
			case *syntax.BinaryExpr:
				if a.Op == syntax.EQ { // name = value
					a.Y = g.expr(a.Y)
					continue
				}
			}
			e.Args[i] = g.expr(a)
		}
	case *syntax.Comprehension:
		for _, c := range e.Clauses {
			switch c := c.(type) {
			case *syntax.ForClause:
				c.Vars, c.X = g.target(c.Vars), g.expr(c.X)
			case *syntax.IfClause:
				c.Cond = g.expr(c.Cond)
			}
		}
		if e.Body = g.expr(e.Body); e.Curly {
			return call(e.Lbrack, dictName, e)
		}
	case *syntax.CondExpr:
		e.Cond, e.True, e.False = g.expr(e.Cond), g.expr(e.True), g.expr(e.False)
	case *syntax.DictEntry:
		e.Key, e.Value = call(e.Colon, keyName, g.expr(e.Key)), g.expr(e.Value)
	case *syntax.DictExpr:
		g.list(e.List)
		return call(e.Lbrace, dictName, e)
	case *syntax.DotExpr:
		name := &syntax.Literal{Token: syntax.STRING, TokenPos: e.NamePos, Raw: e.Name.Name, Value: e.Name.Name}
		return call(e.Dot, attributeName, g.expr(e.X), name)
	case *syntax.IndexExpr:
		e.X, e.Y = g.expr(e.X), call(e.Lbrack, keyName, g.expr(e.Y))
	case *syntax.LambdaExpr:
		g.parameters(e.Params)
		e.Body = g.expr(e.Body)
	case *syntax.ListExpr:
		g.list(e.List)
	case *syntax.Literal:
		if e.Token == syntax.BYTES {
			g.fail(e.TokenPos, "bytes are not available")
		}
	case *syntax.ParenExpr:
		e.X = g.expr(e.X)
	case *syntax.SliceExpr:
		e.X = call(e.Lbrack, sliceName, g.expr(e.X))
		for _, part := range []*syntax.Expr{&e.Lo, &e.Hi, &e.Step} {
			if *part != nil {
				*part = g.expr(*part)
			}
		}
	case *syntax.TupleExpr:
		g.list(e.List)
	case *syntax.UnaryExpr:
		if e.X != nil {
			e.X = g.expr(e.X)
		}
	}
	return e
}
