package bake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/plan"
)

// short is a target on one line: name, context, Dockerfile, target, arguments and so on. What is open ends in ?, what is
// not known is a ?.
func short(t *Target) string {
	show := func(v Value) string {
		switch {
		case v.Unknown:
			return "?"
		case v.Open:
			return v.Text + "?"
		}
		return v.Text
	}
	out := []string{t.Name, show(t.Context), show(t.Dockerfile)}
	if t.Stage.Set {
		out = append(out, "->"+show(t.Stage))
	}
	for _, k := range slices.Sorted(maps.Keys(t.Args)) {
		out = append(out, k+"="+show(t.Args[k]))
	}
	for _, k := range slices.Sorted(maps.Keys(t.Contexts)) {
		out = append(out, k+":="+show(t.Contexts[k]))
	}
	for _, p := range t.Platforms {
		out = append(out, "@"+show(p))
	}
	if t.Inline.Set {
		out = append(out, fmt.Sprintf("inline %q", show(t.Inline)))
	}
	return strings.Join(out, " ")
}

func targets(list []*Target) string {
	var out []string
	for _, t := range list {
		out = append(out, short(t))
	}
	return strings.Join(out, "\n")
}

func read(name, text string) *Config {
	return Read([]File{{Name: name, Data: []byte(text)}}, Options{})
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"defaults", `target "a" {}`, "a . Dockerfile"},
		{
			"attributes", "target \"a\" {\n context = \"b\"\n dockerfile = \"c\"\n target = \"d\"\n args = { E = 1, F = true, G = null }\n" +
				" contexts = { x = \"target:y\", z = \"\" }\n platforms = [\"linux/amd64\", \"\", \"linux/amd64\"]\n tags = [nobody(knows)]\n}",
			"a b c ->d E=1 F=true x:=target:y @linux/amd64",
		},
		{
			"inherits", "target \"a\" {\n inherits = [\"b\", \"c\"]\n args = { X = \"a\" }\n}\ntarget \"b\" {\n context = \"b\"\n args = { X = \"b\", Y = \"b\" }\n}\n" +
				"target \"c\" {\n context = \"c\"\n args = { Y = \"c\" }\n}",
			"a c Dockerfile X=a Y=c\nb b Dockerfile X=b Y=b\nc c Dockerfile Y=c",
		},
		{"inherits itself", "target \"a\" {\n inherits = [\"b\"]\n context = \"a\"\n}\ntarget \"b\" { inherits = [\"a\"] }", "a a Dockerfile\nb a Dockerfile"},
		{"inherits nothing", "target \"a\" { inherits = [\"b\"] }\ntarget \"c\" {}", "c . Dockerfile"},
		{"twice", "target \"a\" { args = { X = 1 } }\ntarget \"a\" { args = { Y = 2 } }", "a . Dockerfile X=1 Y=2"},
		{
			"variables", "variable \"V\" { default = \"1\" }\nvariable \"W\" {\n type = number\n default = \"2\"\n}\nX = V + W\ntarget \"a\" { dockerfile = \"D${X}\" }",
			"a . D3",
		},
		{"null", "variable \"V\" { default = null }\ntarget \"a\" {\n args = { V = V }\n target = V\n}", "a . Dockerfile"},
		{
			"open", "variable \"V\" {}\nvariable \"W\" { default = \"\" }\ntarget \"a\" {\n args = { V = V, W = \"x${W}\" }\n dockerfile = V != \"\" ? V : \"D\"\n}",
			"a . D V=? W=x?",
		},
		{
			"functions", "function \"f\" {\n params = [a]\n variadic_params = b\n result = join(\"-\", concat([upper(a)], b))\n}\n" +
				"target \"a\" { context = f(\"x\", \"y\", \"z\") }",
			"a X-y-z Dockerfile",
		},
		{"unknown functions", "target \"a\" { context = timestamp() }\ntarget \"b\" { context = nothing() }\ntarget \"c\" {}", "a ? Dockerfile\nc . Dockerfile"},
		{
			"matrix", "target \"a\" {\n name = \"a-${tgt}-${replace(v, \".\", \"-\")}\"\n matrix = {\n tgt = [\"x\", \"y\"]\n v = [\"1.0\"]\n }\n target = tgt\n args = { V = v }\n}",
			"a-x-1-0 . Dockerfile ->x V=1.0\na-y-1-0 . Dockerfile ->y V=1.0",
		},
		{"matrix without names", "target \"a\" { matrix = { x = [1, 2] } }\ntarget \"b\" {}", "b . Dockerfile"},
		{"reference", "target \"a\" {\n context = \"x\"\n args = { A = 1 }\n}\ntarget \"b\" {\n context = target.a.context\n args = { B = target.a.args.A }\n}", "a x Dockerfile A=1\nb x Dockerfile B=1"},
		{"a circle", "A = B\nB = A\ntarget \"a\" { context = A }\ntarget \"b\" {}", "b . Dockerfile"},
		{"a function in a circle", "function \"f\" {\n params = [a]\n result = f(a)\n}\ntarget \"a\" { context = f(\"x\") }\ntarget \"b\" {}", "b . Dockerfile"},
		{"try", "target \"a\" { context = try(nothing.at.all, \"x\") }", "a x Dockerfile"},
		{"inline", "target \"a\" { \n dockerfile-inline = <<EOT\nFROM a\nEOT\n}", "a . Dockerfile inline \"FROM a\\n\""},
		{"for", "target \"a\" { args = { for k, v in { X = \"1\", Y = \"2\" } : k => \"${v}!\" if k != \"Y\" } }", "a . Dockerfile X=1!"},
		{"built-in", "target \"a\" {\n context = BAKE_CMD_CONTEXT\n platforms = [BAKE_LOCAL_PLATFORM]\n}", "a cwd:// Dockerfile @?"},
		{"a fault", "target \"a\" {", ""},
		{
			"x.json", `{"//": "x", "variable": {"V": {"default": "1", "type": "string"}}, "target": {"a": {"context": "${V}", "args": {"A": 1, "B": null, "C": true}},
			"b": [{"matrix": {"x": ["p", "q"]}, "name": "${x}"}]}, "function": {"f": {"params": ["a"], "result": "${a}"}}, "X": "y"}`,
			"a 1 Dockerfile A=1 C=true\np . Dockerfile\nq . Dockerfile",
		},
		{"wrong.json", `{"target": {"a": {"context": "${"}}}`, ""},
	} {
		name := c.name
		if !strings.HasSuffix(name, ".json") {
			name = "docker-bake.hcl"
		}
		got := read(name, c.text)
		if s := targets(got.Targets); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s\n%v", c.name, s, c.want, got.Errs)
		}
	}
}

func TestVars(t *testing.T) {
	const text = "variable \"V\" { default = \"v\" }\nvariable \"N\" { default = 1 }\nvariable \"E\" {}\nvariable \"L\" { default = [\"l\"] }\n" +
		"variable \"T\" {\n type = bool\n default = null\n}\nA = \"own\"\n" +
		"target \"a\" { args = { V = V, N = N + 1, E = E, L = join(\",\", L), T = T ? \"yes\" : \"no\", A = A } }"
	known := func(text string) plan.Value { return plan.Value{Text: text, Known: true} }
	c := Read([]File{{Name: "docker-bake.hcl", Data: []byte(text)}}, Options{Vars: []plan.Value{
		known("V=first"), known("V=x=y"), known("N=2"), {Text: "E=${x}"}, known("L=a,b"), known("T=true"), known("A=no"), known("other=z"), known("broken"),
	}})
	if got, want := targets(c.Targets), "a . Dockerfile A=own E=? L=? N=3 T=yes V=x=y"; got != want {
		t.Errorf("got %s, want %s: %v", got, want, c.Errs)
	}
	c = Read([]File{{Name: "docker-bake.hcl", Data: []byte(text)}}, Options{Vars: []plan.Value{known("N=x"), known("V_JSON=1"), known("T=0")}})
	if got, want := targets(c.Targets), "a . Dockerfile A=own E=? L=l N=? T=no V=?"; got != want {
		t.Errorf("got %s, want %s: %v", got, want, c.Errs)
	}
}

func TestSelection(t *testing.T) {
	c := read("docker-bake.hcl", `
group "default" { targets = ["all", "a"] }
group "all" { targets = ["a", "b"] }
target "common" {}
target "_x" {}
target "a" { inherits = ["common"] }
target "b" {
  inherits = ["a"]
  contexts = { base = "target:linked" }
}
target "linked" { inherits = ["common"] }
target "extra" {}
target "m" {
  name = "m-${i}"
  matrix = { i = [1, 2] }
}
target "n" { inherits = ["m-1"] }
`)
	names := func(list []*Target) string {
		var out []string
		for _, t := range list {
			out = append(out, t.Name)
		}
		return strings.Join(out, " ")
	}
	for _, x := range []struct{ asked, want string }{
		{"", "a b linked"}, {"extra a", "a extra"}, {"m", "m-1 m-2"}, {"m-*", "m-1 m-2"}, {"nothing", ""}, {"all", "a b linked"},
	} {
		if got := names(c.Named(strings.Fields(x.asked)...)); got != x.want {
			t.Errorf("%q: %s, want %s", x.asked, got, x.want)
		}
	}
	if got, want := names(c.Built()), "a b linked extra m-2 n"; got != want {
		t.Errorf("built: %s, want %s", got, want)
	}
}

// TestBounds has files that would take long to evaluate.
func TestBounds(t *testing.T) {
	doubled := func(first, next string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "v0 = %s\n", first)
		for i := range 60 {
			fmt.Fprintf(&b, "v%d = %s\n", i+1, strings.ReplaceAll(next, "v", fmt.Sprint("v", i)))
		}
		return b.String() + "target \"a\" { args = { X = try(length(v60), length([v60])) } }"
	}
	calls := "function \"f0\" {\n params = [x]\n result = x\n}\n"
	for i := range 60 {
		calls += fmt.Sprintf("function \"f%d\" {\n params = [x]\n result = \"${f%d(x)}${f%d(x)}\"\n}\n", i+1, i, i)
	}
	r := "range(1000)"
	loops := "[for a in " + r + " : [for b in " + r + " : [for c in " + r + " : \"${a}${b}${c}\"]]]"
	attribute := func(value string) string { return "target \"a\" { context = " + value + " }" }
	for name, text := range map[string]string{
		"strings":    doubled(`"aaaa"`, `"${v}${v}"`),
		"lists":      doubled("[1]", "[v, v]"),
		"concat":     doubled("[1]", "concat(v, v)"),
		"numbers":    doubled("1000000", "v * v"),
		"calls":      calls + attribute("f60(\"a\")"),
		"loops":      attribute("length(" + loops + ")"),
		"template":   attribute("\"%{for a in " + r + "}%{for b in " + r + "}%{for c in " + r + "}x%{endfor}%{endfor}%{endfor}\""),
		"product":    attribute("length(setproduct(" + r + "," + r + "," + r + "))"),
		"format":     attribute("format(\"%999999999d\", 1)"),
		"indent":     attribute("indent(999999999, \"a\\nb\")"),
		"replace":    "A = format(\"%100000d\", 1)\n" + attribute("replace(A, \" \", A)"),
		"join":       "A = format(\"%100000d\", 1)\n" + attribute("join(A, "+r+")"),
		"regex":      "A = format(\"%100000d\", 1)\n" + attribute("regex(\"(a?)${A}\", A)"),
		"number":     attribute("\"${1e999999999}\""),
		"brackets":   attribute(strings.Repeat("(", 100_000)),
		"operators":  attribute(strings.Repeat("!", 100_000) + "true"),
		"sum":        attribute("\"${" + strings.Repeat("1+", 50_000) + "1}\""),
		"condition":  attribute(strings.Repeat("true ? 1 : ", 20_000) + "1"),
		"index":      attribute("a" + strings.Repeat("[b]", 50_000)),
		"splat":      attribute("length(" + r + strings.Repeat("[*]", 90) + ")"),
		"directives": attribute("\"" + strings.Repeat("%{if true}", 20_000) + "\""),
		"blocks":     strings.Repeat("a {\n", 50_000),
		"matrix":     "target \"a\" {\n matrix = { a = " + r + ", b = " + r + ", c = " + r + " }\n name = \"x${a}${b}${c}\"\n}",
		"try":        attribute(strings.Repeat("try(a.b,", 90) + "1" + strings.Repeat(")", 90)),
	} {
		start := time.Now()
		read("docker-bake.hcl", text)
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s: %v", name, d)
		}
	}
	var chain strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&chain, "target \"t%d\" {\n inherits = [\"t%d\"]\n args = { A%d = 1 }\n}\n", i, i+1, i)
	}
	read("docker-bake.hcl", chain.String()+"target \"t1500\" {}")
	read("docker-bake.json", strings.Repeat(`{"a":`, 10_000))
	read("docker-bake.json", `{"target":{"a":{"context":"`+strings.Repeat("${a(", 10_000)+`"}}}`)
}

func FuzzBake(f *testing.F) {
	f.Add("docker-bake.hcl", "variable \"V\" { default = \"x\" }\nfunction \"f\" {\n params = [a]\n result = a\n}\ntarget \"a\" {\n name = \"a-${i}\"\n matrix = { i = [1] }\n"+
		" inherits = [\"b\"]\n args = { X = f(V), Y = [for k in [1] : k][0] }\n}\ntarget \"b\" { context = target.a.context }\ngroup \"default\" { targets = [\"a\"] }")
	f.Add("docker-bake.json", `{"variable":{"V":{"default":"x"}},"target":{"a":{"context":"${V}","platforms":["linux/amd64"]}},"group":{"default":{"targets":["a"]}}}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		c := read(name, text)
		for _, x := range c.Targets {
			if !x.Context.Set || !x.Dockerfile.Set || x.Name == "" {
				t.Errorf("%+v", x)
			}
		}
		c.Named()
		c.Built()
	})
}
