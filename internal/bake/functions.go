package bake

import (
	"cmp"
	"crypto/md5"  //nolint:gosec // what bake offers
	"crypto/sha1" //nolint:gosec // what bake offers
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/dockvet/dockvet/internal/lazy"
)

// library is the functions that bake has, by their names. The value of one that depends on the time, the user or
// chance is not known; nor is that of functions on network addresses, versions and bcrypt, which no path depends on.
// Source: https://docs.docker.com/build/bake/stdlib/
var library = lazy.Value[map[string]function.Function]{Make: func() map[string]function.Function {
	out := map[string]function.Function{
		"absolute": stdlib.AbsoluteFunc, "add": stdlib.AddFunc, "and": stdlib.AndFunc, "byteslen": stdlib.BytesLenFunc,
		"bytesslice": stdlib.BytesSliceFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc, "chunklist": stdlib.ChunklistFunc,
		"coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "convert": typeexpr.ConvertFunc, "csvdecode": stdlib.CSVDecodeFunc,
		"distinct": stdlib.DistinctFunc, "divide": stdlib.DivideFunc, "element": stdlib.ElementFunc, "equal": stdlib.EqualFunc,
		"flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc, "format": stdlib.FormatFunc, "formatdate": stdlib.FormatDateFunc,
		"formatlist": stdlib.FormatListFunc, "greaterthan": stdlib.GreaterThanFunc, "greaterthanorequalto": stdlib.GreaterThanOrEqualToFunc,
		"hasindex": stdlib.HasIndexFunc, "indent": stdlib.IndentFunc, "index": stdlib.IndexFunc, "int": stdlib.IntFunc,
		"join": stdlib.JoinFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc,
		"length": stdlib.LengthFunc, "lessthan": stdlib.LessThanFunc, "lessthanorequalto": stdlib.LessThanOrEqualToFunc,
		"log": stdlib.LogFunc, "lookup": stdlib.LookupFunc, "lower": stdlib.LowerFunc, "max": stdlib.MaxFunc, "merge": stdlib.MergeFunc,
		"min": stdlib.MinFunc, "modulo": stdlib.ModuloFunc, "multiply": stdlib.MultiplyFunc, "negate": stdlib.NegateFunc,
		"not": stdlib.NotFunc, "notequal": stdlib.NotEqualFunc, "or": stdlib.OrFunc, "parseint": stdlib.ParseIntFunc,
		"pow": stdlib.PowFunc, "range": stdlib.RangeFunc, "regex": stdlib.RegexFunc, "regex_replace": stdlib.RegexReplaceFunc,
		"regexall": stdlib.RegexAllFunc, "replace": stdlib.ReplaceFunc, "reverse": stdlib.ReverseFunc, "reverselist": stdlib.ReverseListFunc,
		"sethaselement": stdlib.SetHasElementFunc, "setintersection": stdlib.SetIntersectionFunc, "setproduct": stdlib.SetProductFunc,
		"setsubtract": stdlib.SetSubtractFunc, "setsymmetricdifference": stdlib.SetSymmetricDifferenceFunc, "setunion": stdlib.SetUnionFunc,
		"signum": stdlib.SignumFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "split": stdlib.SplitFunc,
		"strlen": stdlib.StrlenFunc, "substr": stdlib.SubstrFunc, "subtract": stdlib.SubtractFunc, "timeadd": stdlib.TimeAddFunc,
		"title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		"base64decode": ofText(base64Decode), "base64encode": ofText(base64Encode), "basename": ofText(simple(path.Base)),
		"dirname": ofText(simple(path.Dir)), "sanitize": ofText(simple(sanitize)), "urlencode": ofText(simple(url.QueryEscape)),
		"md5": ofText(simple(md5Sum)), "sha1": ofText(simple(sha1Sum)), "sha256": ofText(simple(sha256Sum)), "sha512": ofText(simple(sha512Sum)),
		"try": attempt(try), "can": attempt(can), "indexof": indexOf(), "formattimestamp": formatTimestamp(),
		"unixtimestampparse": unknown(cty.DynamicPseudoType), "semvercmp": unknown(cty.Bool),
	}
	for _, name := range [...]string{
		"bcrypt", "cidrhost", "cidrnetmask", "cidrsubnet", "homedir", "rsadecrypt", "timestamp", "uuidv4", "uuidv5",
	} {
		out[name] = unknown(cty.String)
	}
	out["cidrsubnets"] = unknown(cty.List(cty.String))
	return out
}}

// checked is f, which bake calls name, with its arguments and its value weighed, and refused if the value would be
// much larger than they are.
func (e *evaluator) checked(name string, f function.Function) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(), Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if err := cmp.Or(e.spend(step), e.weigh(args...)); err != nil {
				return cty.DynamicVal, err
			}
			if n := growth(name, args); n > maxValue {
				return cty.DynamicVal, errWork
			} else if err := e.spend(n); err != nil {
				return cty.DynamicVal, err
			}
			v, err := f.Call(args)
			if err != nil {
				return cty.DynamicVal, err
			}
			return v, e.weigh(v)
		},
	})
}

// growth is about how many bytes a function makes, or what it costs, if that is more than what its arguments weigh.
func growth(name string, args []cty.Value) int {
	str := func(i int) string {
		if i < len(args) {
			if v, _ := args[i].Unmark(); v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
				return v.AsString()
			}
		}
		return ""
	}
	count := func(v cty.Value) int {
		if v, _ := v.Unmark(); v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
			return v.LengthInt()
		}
		return 1
	}
	product := func(a, b int) int { return min(a, maxValue+1) * min(b, maxValue+1) }
	switch name {
	case "format", "formatlist":
		lines := 1
		for _, v := range args[min(1, len(args)):] {
			lines = max(lines, count(v))
		}
		return product(lines, len(str(0))+widest(str(0)))
	case "indent":
		v, _ := args[0].Unmark()
		if !v.IsKnown() || v.IsNull() {
			return 0
		}
		n, _ := v.AsBigFloat().Int64()
		if n < 0 || n > maxValue {
			return maxValue + 1
		}
		return product(int(n), strings.Count(str(1), "\n"))
	case "join":
		n := 0
		for _, v := range args[min(1, len(args)):] {
			n += count(v)
		}
		return product(n, len(str(0)))
	case "replace":
		return product(strings.Count(str(0), str(1)), len(str(2)))
	case "regex_replace":
		return max(product(len(str(0)), 1+len(str(2))), product(len(str(1)), len(str(0))/64))
	case "regex", "regexall":
		return product(len(str(0)), len(str(1))/64)
	case "setproduct":
		n := 8 * len(args)
		for _, v := range args {
			n = product(n, count(v))
		}
		return n
	case "contains", "distinct", "index", "indexof", "setunion", "setintersection", "setsubtract", "setsymmetricdifference":
		return product(count(args[0]), count(args[0])/8)
	case "jsondecode":
		if deep, n := 0, 0; strings.ContainsAny(str(0), "[{") {
			for _, c := range str(0) {
				switch c {
				case '[', '{':
					n++
				case ']', '}':
					n--
				}
				deep = max(deep, n)
			}
			if deep > maxNested {
				return maxValue + 1
			}
		}
	}
	return 0
}

// widest is the largest number in a format.
func widest(format string) int {
	most, n := 0, 0
	for i := range len(format) {
		if c := format[i]; c >= '0' && c <= '9' {
			n = min(n*10+int(c-'0'), maxValue+1)
			most = max(most, n)
		} else {
			n = 0
		}
	}
	return most
}

// unknown is a function whose value we do not know.
func unknown(kind cty.Type) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "x", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true},
		Type:     function.StaticReturnType(kind),
		Impl:     func([]cty.Value, cty.Type) (cty.Value, error) { return cty.UnknownVal(kind), nil },
	})
}

// ofText is a function from one string to another.
func ofText(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, err := f(args[0].AsString())
			return cty.StringVal(s), err
		},
	})
}

func simple(f func(string) string) func(string) (string, error) {
	return func(s string) (string, error) { return f(s), nil }
}

func base64Decode(s string) (string, error) {
	out, err := base64.StdEncoding.DecodeString(s)
	return string(out), err
}

func base64Encode(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }

func md5Sum(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // what bake offers
	return hex.EncodeToString(sum[:])
}

func sha1Sum(s string) string {
	sum := sha1.Sum([]byte(s)) //nolint:gosec // what bake offers
	return hex.EncodeToString(sum[:])
}

func sha256Sum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func sha512Sum(s string) string {
	sum := sha512.Sum512([]byte(s))
	return hex.EncodeToString(sum[:])
}

// sanitize makes s the name of a target.
func sanitize(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && validName(string(r)) {
			return r
		}
		return '_'
	}, s)
}

// attempt is a function whose arguments are expressions, each of which may fail.
func attempt(f func([]*customdecode.ExpressionClosure) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "expressions", Type: customdecode.ExpressionClosureType},
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			list := make([]*customdecode.ExpressionClosure, len(args))
			for i, v := range args {
				list[i] = customdecode.ExpressionClosureFromVal(v)
			}
			return f(list)
		},
	})
}

func try(list []*customdecode.ExpressionClosure) (cty.Value, error) {
	for _, x := range list {
		if v, diags := x.Value(); !diags.HasErrors() {
			return v, nil
		}
	}
	return cty.DynamicVal, errors.New("each of the expressions fails")
}

func can(list []*customdecode.ExpressionClosure) (cty.Value, error) {
	if len(list) != 1 {
		return cty.DynamicVal, errors.New("it takes one expression")
	}
	v, diags := list[0].Value()
	if diags.HasErrors() {
		return cty.False, nil
	}
	if !v.IsWhollyKnown() {
		return cty.UnknownVal(cty.Bool), nil
	}
	return cty.True, nil
}

func indexOf() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if t := args[0].Type(); !t.IsListType() && !t.IsTupleType() {
				return cty.DynamicVal, errors.New("it takes a list")
			}
			for it := args[0].ElementIterator(); it.Next(); {
				i, v := it.Element()
				same, err := stdlib.Equal(v, args[1])
				switch {
				case err != nil:
					return cty.DynamicVal, err
				case !same.IsKnown():
					return cty.UnknownVal(cty.Number), nil
				case same.True():
					return i, nil
				}
			}
			return cty.DynamicVal, errors.New("the list does not have it")
		},
	})
}

// formatTimestamp is formatdate, which also takes and makes seconds since 1970.
func formatTimestamp() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "format", Type: cty.String}, {Name: "time", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			at := args[1]
			if at.Type() == cty.Number {
				n, exact := at.AsBigFloat().Int64()
				if exact != big.Exact {
					return cty.DynamicVal, errors.New("it is not a whole number of seconds")
				}
				at = cty.StringVal(time.Unix(n, 0).UTC().Format(time.RFC3339))
			}
			if at.Type() != cty.String {
				return cty.DynamicVal, errors.New("it takes a time")
			}
			if args[0].AsString() != "X" {
				return stdlib.FormatDateFunc.Call([]cty.Value{args[0], at})
			}
			t, err := time.Parse(time.RFC3339, at.AsString())
			return cty.StringVal(strconv.FormatInt(t.Unix(), 10)), err
		},
	})
}
