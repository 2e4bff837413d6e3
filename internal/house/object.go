package house

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/dockvet/dockvet/internal/facts"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/internal/order"
)

// object is a struct of package facts as scripts see it: its fields by the names of the JSON. It cannot be changed.
type object struct{ v reflect.Value }

func newObject(pointer any) *object { return &object{reflect.ValueOf(pointer).Elem()} }

func (o *object) String() string        { return "<" + o.Type() + ">" }
func (o *object) Type() string          { return strings.ToLower(o.v.Type().Name()) }
func (o *object) Freeze()               {}
func (o *object) Truth() starlark.Bool  { return true }
func (o *object) Hash() (uint32, error) { return 0, fmt.Errorf("a %s cannot be a key", o.Type()) }

// Attr is the field called name.
func (o *object) Attr(name string) (starlark.Value, error) {
	t := o.v.Type()
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && facts.Key(f) == name {
			return convert(o.v.Field(i)), nil
		}
	}
	if near, ok := nearest.Name(name, o.AttrNames()); ok {
		return nil, fmt.Errorf("a %s has no field `%s`; the nearest is `%s`", o.Type(), name, near)
	}
	return nil, fmt.Errorf("a %s has no field `%s`; it has %s", o.Type(), name, strings.Join(o.AttrNames(), ", "))
}

// AttrNames are the names of all fields, sorted.
func (o *object) AttrNames() []string {
	var names []string
	for f := range o.v.Type().Fields() {
		if f.IsExported() {
			names = append(names, facts.Key(f))
		}
	}
	slices.Sort(names)
	return names
}

// place is where o is; ok is false if it has no place.
func (o *object) place() (p facts.Place, ok bool) {
	if p, ok := reflect.TypeAssert[facts.Place](o.v); ok {
		return p, true
	}
	for f, field := range o.v.Fields() {
		if f.Name == "Place" {
			p, ok = reflect.TypeAssert[facts.Place](field)
		}
	}
	return p, ok
}

// convert is a value of package facts for scripts.
func convert(v reflect.Value) starlark.Value {
	switch v.Kind() { //nolint:exhaustive // the types of package facts have no others
	case reflect.Pointer:
		if v.IsNil() {
			return starlark.None
		}
		return convert(v.Elem())
	case reflect.String:
		return starlark.String(v.String())
	case reflect.Bool:
		return starlark.Bool(v.Bool())
	case reflect.Int:
		return starlark.MakeInt64(v.Int())
	case reflect.Slice:
		out := make(starlark.Tuple, v.Len())
		for i := range out {
			out[i] = convert(v.Index(i))
		}
		return out
	case reflect.Map:
		out := starlark.NewDict(v.Len())
		keys := v.MapKeys()
		order.By(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			_ = out.SetKey(starlark.String(key.String()), convert(v.MapIndex(key))) // a text can be a key
		}
		out.Freeze()
		return out
	case reflect.Struct:
		return &object{v}
	}
	return starlark.None
}
