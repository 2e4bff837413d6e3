package bake

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/dockvet/dockvet/plan"
)

// The bounds of an evaluation, in bytes of values: of all that is made, and of one value. A call and a turn of a loop cost
// as much as step.
const (
	maxWork  = 16 << 20
	maxValue = 256 << 10
	step     = 256
	maxDepth = 200  // of a value
	maxBits  = 4096 // of a number that is written out
)

var errWork = errors.New("it takes too long to evaluate")

// open marks values that depend on a variable whose default is empty: whoever starts the build is meant to set it.
type open struct{}

// evaluator finds the values of expressions. Like bake it looks at what an expression needs when it needs it, so the
// order in the file does not matter.
type evaluator struct {
	variables map[string]*block
	vars      map[string]plan.Value // values of variables that are set from outside
	values    map[string]*attribute // at the top of the files
	functions map[string]*block
	targets   map[string][]*row // by name, in order
	latest    map[string]*row
	rows      map[*block][]*row
	context   *hcl.EvalContext
	busy      map[any]bool
	work      int
}

// row is a target, or one of those that a matrix makes of a block.
type row struct {
	*block
	name   string
	locals map[string]cty.Value
	done   map[string]cty.Value
	asked  map[string]bool
}

func newEvaluator() *evaluator {
	return &evaluator{
		variables: map[string]*block{}, vars: map[string]plan.Value{}, values: map[string]*attribute{}, functions: map[string]*block{}, targets: map[string][]*row{},
		latest: map[string]*row{}, rows: map[*block][]*row{}, busy: map[any]bool{}, work: maxWork,
		context: &hcl.EvalContext{
			Variables: map[string]cty.Value{
				"BAKE_CMD_CONTEXT":    cty.StringVal("cwd://"),
				"BAKE_LOCAL_PLATFORM": cty.UnknownVal(cty.String),
			},
			Functions: map[string]function.Function{},
		},
	}
}

// add takes the definitions of a file. Later ones win.
func (e *evaluator) add(d *document) {
	for name, a := range d.values {
		if !known(name) {
			e.values[name] = a
		}
	}
	for _, b := range d.blocks {
		switch b.kind {
		case "variable":
			e.variables[b.name] = b
		case "function":
			e.functions[b.name] = b
		}
	}
}

// spend takes n bytes from what is left.
func (e *evaluator) spend(n int) error {
	if e.work -= n; e.work < 0 {
		return errWork
	}
	return nil
}

// weigh takes the size of values from what is left. One may not be too large or too deep.
func (e *evaluator) weigh(values ...cty.Value) error {
	for _, v := range values {
		left := maxValue
		if !size(v, &left, 0) {
			e.work = min(e.work, e.work-maxValue)
			return errWork
		}
		if err := e.spend(maxValue - left); err != nil {
			return err
		}
	}
	return nil
}

// size takes the size of v from left, and reports whether that was enough.
func size(v cty.Value, left *int, depth int) bool {
	v, _ = v.Unmark()
	*left -= 8
	switch t := v.Type(); {
	case *left < 0 || depth > maxDepth:
		return false
	case !v.IsKnown() || v.IsNull():
	case t == cty.String:
		*left -= len(v.AsString())
	case t == cty.Number:
		if f := v.AsBigFloat(); !f.IsInf() && (f.MantExp(nil) > maxBits || f.MantExp(nil) < -maxBits) {
			return false
		}
	case v.CanIterateElements():
		for it := v.ElementIterator(); it.Next(); {
			key, x := it.Element()
			if t.IsObjectType() || t.IsMapType() {
				*left -= len(key.AsString())
			}
			if !size(x, left, depth+1) {
				return false
			}
		}
	}
	return *left >= 0
}

// value is the value of x, in which the rows of a matrix have locals.
func (e *evaluator) value(x *expression, locals map[string]cty.Value) (cty.Value, error) {
	ctx, err := e.need(x, e.context, locals, nil, true)
	if err != nil {
		return cty.DynamicVal, err
	}
	if x.value == nil {
		x.value = e.bound(x.root)
	}
	v, diags := x.value.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return v, e.weigh(v)
}

// need evaluates what x depends on, except for params, and is the context to evaluate it in. What is missing may stay so with
// lenient: a `try` or a condition may not need it.
func (e *evaluator) need(x *expression, ctx *hcl.EvalContext, locals map[string]cty.Value, params []string, lenient bool) (*hcl.EvalContext, error) {
	for _, name := range x.calls {
		if err := e.function(name); err != nil && (!lenient || !errors.Is(err, errUndefined)) {
			return nil, err
		}
	}
	more := map[string]cty.Value{}
	maps.Copy(more, locals)
	for _, t := range x.vars {
		name := t.RootName()
		if _, local := locals[name]; local || slices.Contains(params, name) {
			continue
		}
		if name == "target" || name == "group" {
			if err := e.reference(t, more); err != nil {
				return nil, err
			}
			continue
		}
		v, err := e.variable(name)
		switch {
		case err == nil:
			if err := e.weigh(v); err != nil {
				return nil, err
			}
		case !lenient || !errors.Is(err, errUndefined):
			return nil, err
		}
	}
	if len(more) == 0 {
		return ctx, nil
	}
	child := ctx.NewChild()
	child.Variables = more
	return child, nil
}

var errUndefined = errors.New("it is not defined")

// guard reports an error if what is asked for needs itself.
func (e *evaluator) guard(key any) (done func(), err error) {
	if e.busy[key] {
		return nil, errors.New("it depends on itself")
	}
	if len(e.busy) > 1000 {
		return nil, errTooDeep
	}
	e.busy[key] = true
	return func() { delete(e.busy, key) }, nil
}

type variableKey string

// variable evaluates a variable or an attribute at the top.
func (e *evaluator) variable(name string) (cty.Value, error) {
	if v, ok := e.context.Variables[name]; ok {
		return v, nil
	}
	done, err := e.guard(variableKey(name))
	if err != nil {
		return cty.DynamicVal, err
	}
	defer done()
	var v cty.Value
	kind := cty.DynamicPseudoType
	if a, ok := e.values[name]; ok {
		v, err = e.value(a.value, nil)
	} else if b, ok := e.variables[name]; ok {
		v, kind, err = e.standard(b)
	} else {
		return cty.DynamicVal, fmt.Errorf("%s: %w", name, errUndefined)
	}
	if err != nil {
		return cty.DynamicVal, err
	}
	if x, ok := e.given(name, v, kind); ok {
		v = x
	}
	e.context.Variables[name] = v
	return v, nil
}

// standard is the value of a variable that nothing outside of the file sets, and the type that the file declares.
func (e *evaluator) standard(b *block) (v cty.Value, kind cty.Type, err error) {
	kind = cty.DynamicPseudoType
	typed := false
	if a := b.attributes["type"]; a != nil {
		root := a.value.root
		if t, ok := text(root); ok { // JSON
			var diags hcl.Diagnostics
			if root, diags = hclsyntax.ParseExpression([]byte(t), "", hcl.InitialPos); diags.HasErrors() {
				return cty.DynamicVal, kind, diags
			}
		}
		t, diags := typeexpr.TypeConstraint(root)
		if diags.HasErrors() {
			return cty.DynamicVal, kind, diags
		}
		kind, typed = t, true
	}
	a := b.attributes["default"]
	if a == nil {
		if typed {
			return cty.NullVal(kind), kind, nil
		}
		return cty.StringVal("").Mark(open{}), kind, nil
	}
	if v, err = e.value(a.value, nil); err != nil {
		return cty.DynamicVal, kind, err
	}
	if v, err = convert.Convert(v, kind); err != nil {
		return cty.DynamicVal, kind, err
	}
	if bare, _ := v.Unmark(); bare.IsKnown() && !bare.IsNull() && bare.Type() == cty.String && bare.AsString() == "" {
		v = v.Mark(open{})
	}
	return v, kind, nil
}

// given is the value that is set from outside for the variable of b, whose value in the file is standard; ok is false without one.
// Lists are not read.
// Source: https://docs.docker.com/build/bake/variables/
func (e *evaluator) given(name string, standard cty.Value, kind cty.Type) (v cty.Value, ok bool) {
	set, plain := e.vars[name]
	if _, json := e.vars[name+"_JSON"]; !plain && !json || e.variables[name] == nil {
		return v, false
	} else if json {
		set = plan.Value{}
	}
	if kind == cty.DynamicPseudoType {
		if kind = standard.Type(); kind == cty.DynamicPseudoType || kind == cty.NilType {
			kind = cty.String
		}
	}
	if set.Known {
		switch kind {
		case cty.String:
			return cty.StringVal(set.Text), true
		case cty.Bool:
			if b, err := strconv.ParseBool(set.Text); err == nil {
				return cty.BoolVal(b), true
			}
		case cty.Number:
			if n, err := strconv.ParseFloat(set.Text, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
				return cty.NumberFloatVal(n), true
			}
		}
	}
	return cty.UnknownVal(kind), true
}

type functionKey string

// function makes a function known that bake has, or that the file defines.
func (e *evaluator) function(name string) error {
	if _, ok := e.context.Functions[name]; ok {
		return nil
	}
	if f, ok := library.Get()[name]; ok {
		e.context.Functions[name] = e.checked(name, f)
		return nil
	}
	b := e.functions[name]
	if b == nil {
		return fmt.Errorf("the function %s: %w", name, errUndefined)
	}
	done, err := e.guard(functionKey(name))
	if err != nil {
		return err
	}
	defer done()
	list, result := b.attributes["params"], b.attributes["result"]
	if list == nil || result == nil {
		return fmt.Errorf("the function %s has no parameters or no result", name)
	}
	spec := &function.Spec{Type: function.StaticReturnType(cty.DynamicPseudoType)}
	tuple, ok := list.value.root.(*hclsyntax.TupleConsExpr)
	if !ok {
		return fmt.Errorf("the function %s has no list of parameters", name)
	}
	var params []string
	for _, p := range tuple.Exprs {
		params = append(params, word(p))
		spec.Params = append(spec.Params, function.Parameter{Name: word(p), Type: cty.DynamicPseudoType})
	}
	if v := b.attributes["variadic_params"]; v != nil {
		params = append(params, word(v.value.root))
		spec.VarParam = &function.Parameter{Name: word(v.value.root), Type: cty.DynamicPseudoType}
	}
	if slices.Contains(params, "") {
		return fmt.Errorf("the function %s has a parameter without a name", name)
	}
	ctx, err := e.need(result.value, e.context, nil, params, false)
	if err != nil {
		return err
	}
	if result.value.value == nil {
		result.value.value = e.bound(result.value.root)
	}
	n := len(spec.Params)
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if err := cmp.Or(e.spend(step), e.weigh(args...)); err != nil {
			return cty.DynamicVal, err
		}
		child := ctx.NewChild()
		child.Variables = map[string]cty.Value{}
		for i, v := range args[:n] {
			child.Variables[params[i]] = v
		}
		if spec.VarParam != nil {
			child.Variables[spec.VarParam.Name] = cty.TupleVal(args[n:])
		}
		v, diags := result.value.value.Value(child)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		return v, e.weigh(v)
	}
	e.context.Functions[name] = function.New(spec)
	return nil
}

type referenceKey struct {
	*row
	attribute string
}

// reference puts what `target.NAME.ATTRIBUTE` needs into vars.
func (e *evaluator) reference(t hcl.Traversal, vars map[string]cty.Value) error {
	if len(t) < 2 {
		return errors.New("a block is not a value")
	}
	name, ok := t[1].(hcl.TraverseAttr)
	if !ok {
		return errors.New("a block is not a list")
	}
	all := map[string]cty.Value{}
	if v, ok := vars["target"]; ok {
		all = v.AsValueMap()
	}
	if rows := e.targets[name.Name]; t.RootName() == "target" && len(rows) > 0 {
		if len(t) > 2 {
			if a, ok := t[2].(hcl.TraverseAttr); ok {
				for _, r := range rows {
					if err := e.ask(r, a.Name); err != nil {
						return err
					}
				}
			}
		}
		fields := map[string]cty.Value{"name": cty.StringVal(name.Name)}
		for field, kind := range fieldTypes {
			if field != "name" {
				fields[field] = cty.NullVal(kind)
			}
		}
		if r := e.latest[name.Name]; r != nil {
			maps.Copy(fields, r.done)
		}
		all[name.Name] = cty.ObjectVal(fields)
	}
	vars["target"] = cty.ObjectVal(all)
	return e.spend(64 * len(fieldTypes))
}

// ask evaluates an attribute of r for a reference. If several blocks have the name, bake takes what it has evaluated last.
func (e *evaluator) ask(r *row, name string) error {
	if r.asked[name] {
		return nil
	}
	if _, err := e.field(r, name); err != nil {
		return err
	}
	r.asked[name] = true
	e.latest[r.name] = r
	return nil
}

// fieldTypes are the attributes of a target that another one may refer to.
var fieldTypes = map[string]cty.Type{
	"name": cty.String, "description": cty.String, "inherits": cty.List(cty.String), "context": cty.String,
	"contexts": cty.Map(cty.String), "dockerfile": cty.String, "dockerfile-inline": cty.String, "args": cty.Map(cty.String),
	"labels": cty.Map(cty.String), "tags": cty.List(cty.String), "target": cty.String, "platforms": cty.List(cty.String),
}

// field is an attribute of a target as its own block has it; NilVal without one, and for what is not read.
func (e *evaluator) field(r *row, name string) (cty.Value, error) {
	a, kind := r.attributes[name], fieldTypes[name]
	if a == nil || kind == cty.NilType || name == "name" {
		return cty.NilVal, nil
	}
	if v, ok := r.done[name]; ok {
		return v, nil
	}
	done, err := e.guard(referenceKey{r, name})
	if err != nil {
		return cty.NilVal, err
	}
	defer done()
	v, err := e.value(a.value, r.locals)
	if err != nil {
		return cty.NilVal, err
	}
	if v, err = convert.Convert(v, kind); err != nil {
		return cty.NilVal, err
	}
	r.done[name] = v
	return v, e.weigh(v)
}

// matrix adds the targets that b is.
func (e *evaluator) matrix(b *block) error {
	locals := []map[string]cty.Value{{}}
	if a := b.attributes["matrix"]; a != nil {
		v, err := e.value(a.value, nil)
		if err != nil {
			return err
		}
		v, marks := v.Unmark()
		if !v.IsWhollyKnown() || v.IsNull() || !v.Type().IsMapType() && !v.Type().IsObjectType() {
			return errors.New("the matrix is not known")
		}
		axes := v.AsValueMap()
		for _, name := range slices.Sorted(maps.Keys(axes)) {
			axis, more := axes[name].Unmark()
			if !axis.CanIterateElements() {
				return errors.New("an axis of the matrix is not a list")
			}
			var next []map[string]cty.Value
			for it := axis.ElementIterator(); it.Next(); {
				_, x := it.Element()
				for _, l := range locals {
					with := maps.Clone(l)
					with[name] = x.WithMarks(marks, more)
					next = append(next, with)
					if err := e.spend(64 * len(with)); err != nil {
						return err
					}
				}
				if len(next) > maxTargets {
					return errors.New("the matrix is too large")
				}
			}
			locals = next
		}
	}
	seen := map[string]bool{}
	for _, l := range locals {
		r := &row{block: b, name: b.name, locals: l, done: map[string]cty.Value{}, asked: map[string]bool{}}
		if a := b.attributes["name"]; a != nil {
			if b.attributes["matrix"] == nil {
				return errors.New("a name needs a matrix")
			}
			v, err := e.value(a.value, l)
			if err != nil {
				return err
			}
			if v, err = convert.Convert(v, cty.String); err != nil {
				return err
			}
			s := str(v)
			if !s.Set || s.Unknown {
				return errors.New("the name of a target is not known")
			}
			r.name = s.Text
		}
		if !validName(r.name) || !validName(b.name) || seen[r.name] {
			return fmt.Errorf("`%s` is not a name for a target", r.name)
		}
		seen[r.name] = true
		e.rows[b] = append(e.rows[b], r)
	}
	for _, r := range e.rows[b] {
		e.targets[r.name] = append(e.targets[r.name], r)
	}
	return nil
}

func validName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return name != ""
}

// bound wraps the parts of x that loops repeat, so that the work is counted, and makes the marks of a conditional those
// of the side that is chosen.
func (e *evaluator) bound(x hclsyntax.Expression) hclsyntax.Expression {
	in := func(p *hclsyntax.Expression) {
		if *p != nil {
			*p = e.bound(*p)
		}
	}
	count := func(p *hclsyntax.Expression) {
		if *p != nil {
			*p = counted{e.bound(*p), e}
		}
	}
	switch x := x.(type) {
	case *hclsyntax.ParenthesesExpr:
		in(&x.Expression)
	case *hclsyntax.RelativeTraversalExpr:
		in(&x.Source)
	case *hclsyntax.FunctionCallExpr:
		for i := range x.Args {
			in(&x.Args[i])
		}
	case *hclsyntax.ConditionalExpr:
		c := &choice{ConditionalExpr: x}
		for i, p := range []*hclsyntax.Expression{&x.Condition, &x.TrueResult, &x.FalseResult} {
			*p = noted{e.bound(*p), &c.values[i]}
		}
		return c
	case *hclsyntax.IndexExpr:
		in(&x.Collection)
		in(&x.Key)
	case *hclsyntax.TupleConsExpr:
		for i := range x.Exprs {
			in(&x.Exprs[i])
		}
	case *hclsyntax.ObjectConsExpr:
		for i := range x.Items {
			if k, ok := x.Items[i].KeyExpr.(*hclsyntax.ObjectConsKeyExpr); ok {
				in(&k.Wrapped)
			} else {
				in(&x.Items[i].KeyExpr)
			}
			in(&x.Items[i].ValueExpr)
		}
	case *hclsyntax.ForExpr:
		in(&x.CollExpr)
		count(&x.KeyExpr)
		count(&x.ValExpr)
		count(&x.CondExpr)
	case *hclsyntax.SplatExpr:
		in(&x.Source)
		count(&x.Each)
	case *hclsyntax.BinaryOpExpr:
		in(&x.LHS)
		in(&x.RHS)
	case *hclsyntax.UnaryOpExpr:
		in(&x.Val)
	case *hclsyntax.TemplateExpr:
		for i := range x.Parts {
			in(&x.Parts[i])
		}
	case *hclsyntax.TemplateJoinExpr:
		in(&x.Tuple)
	case *hclsyntax.TemplateWrapExpr:
		in(&x.Wrapped)
	}
	return x
}

// counted is an expression whose values are weighed.
type counted struct {
	hclsyntax.Expression
	by *evaluator
}

func (c counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	err := c.by.spend(step)
	if err == nil {
		v, diags := c.Expression.Value(ctx)
		if err = c.by.weigh(v); err == nil {
			return v, diags
		}
	}
	return cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: err.Error()}}
}

// noted is an expression whose last value is remembered.
type noted struct {
	hclsyntax.Expression
	last *cty.Value
}

func (n noted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := n.Expression.Value(ctx)
	*n.last = v
	return v, diags
}

// choice is a conditional whose value only has the marks of the side that is chosen. HCL gives it those of all three
// parts, but `NAME != "" ? NAME : "x"` is x if nobody sets NAME.
type choice struct {
	*hclsyntax.ConditionalExpr
	values [3]cty.Value
}

func (c *choice) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := c.ConditionalExpr.Value(ctx)
	if diags.HasErrors() || c.values[0] == cty.NilVal {
		return v, diags
	}
	condition, _ := c.values[0].Unmark()
	if condition, err := convert.Convert(condition, cty.Bool); err == nil && condition.IsKnown() && !condition.IsNull() {
		chosen := c.values[2]
		if condition.True() {
			chosen = c.values[1]
		}
		_, marks := chosen.Unmark()
		v, _ = v.Unmark()
		v = v.WithMarks(marks)
	}
	return v, diags
}
