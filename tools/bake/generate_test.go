package bake_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/bake"
)

// TestBake compares package bake with buildx for generated bake files, always the same ones.
func TestBake(t *testing.T) {
	t.Setenv("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP", "1")
	t.Setenv("BUILDX_BAKE_DISABLE_ENV_LOOKUP", "1")
	tally := &bakeTally{}
	for seed := range 1000 {
		g := generator{Rand: rand.New(rand.NewPCG(uint64(seed), 1))}
		vars := map[string]string{}
		files := []bake.File{{Name: "docker-bake.hcl", Data: []byte(g.file())}}
		switch seed % 5 {
		case 1:
			files = append(files, bake.File{Name: "docker-bake.override.hcl", Data: []byte(g.override())})
		case 2:
			files = append([]bake.File{{Name: "docker-bake.json", Data: []byte(g.json())}}, files...)
		case 3, 4:
			for _, name := range g.vars {
				if g.IntN(3) == 0 {
					vars[name] = g.one("x", "", "1", "2.50", "true", "a,b", "linux/arm64", `["x"]`)
				}
			}
		}
		compareBake(t, fmt.Sprintf("seed %d", seed), files, vars, tally)
		if t.Failed() {
			t.Logf("variables: %q", vars)
			for _, f := range files {
				t.Logf("%s:\n%s", f.Name, f.Data)
			}
			t.FailNow()
		}
	}
	t.Log(tally)
	if tally.files < 500 {
		t.Errorf("buildx only reads %d of the generated files", tally.files)
	}
}

// generator makes bake files that use everything that changes what is built.
type generator struct {
	*rand.Rand
	vars, lists, functions, targets []string
}

func (g *generator) pick(list []string) string { return list[g.IntN(len(list))] }

func (g *generator) one(list ...string) string { return g.pick(list) }

// str is an expression whose value is a string.
func (g *generator) str(depth int) string {
	words := []string{"a", "b1", "x-y", "1.2.3", "linux/amd64", "", "Dockerfile", "a b", "$${x}", "%%{y}", "ü", `\"q\"`, `t\tn\n`}
	if depth <= 0 {
		switch {
		case g.IntN(3) == 0 && len(g.vars) > 0:
			return g.pick(g.vars)
		default:
			return `"` + g.pick(words) + `"`
		}
	}
	s := func() string { return g.str(depth - 1) }
	switch g.IntN(26) {
	case 0, 1, 2:
		return fmt.Sprintf(`"%s${%s}%s"`, g.one("a", "", "v"), s(), g.one("", "-z", ".1"))
	case 3, 4:
		return fmt.Sprintf("%s ? %s : %s", g.boolean(depth-1), s(), s())
	case 5:
		return fmt.Sprintf("%s(%s)", g.one("upper", "lower", "title", "trimspace", "reverse", "sha256", "md5", "sha1", "base64encode", "chomp",
			"sanitize", "urlencode", "basename", "dirname", "sha512", "jsonencode"), s())
	case 6:
		return fmt.Sprintf("join(%s, %s)", g.one(`","`, `"-"`, s()), g.list(depth-1))
	case 7:
		return fmt.Sprintf("replace(%s, %s, %s)", s(), g.one(`"."`, `"a"`, s()), s())
	case 8:
		return fmt.Sprintf("regex_replace(%s, %s, %s)", s(), g.one(`"[a-z]+"`, `"([0-9])"`, `"^."`), g.one(`"x"`, `"<$1>"`, s()))
	case 9:
		return fmt.Sprintf("format(%s, %s)", g.one(`"%s"`, `"%q"`, `"%5s|"`, `"<%-6s>"`, `"%v"`), s())
	case 10:
		return fmt.Sprintf("format(%s, %s)", g.one(`"%d"`, `"%05d"`, `"%x"`, `"%.2f"`), g.number(depth-1))
	case 11:
		return fmt.Sprintf("coalesce(%s, %s)", s(), s())
	case 12:
		return fmt.Sprintf("substr(%s, %s, %s)", s(), g.one("0", "1"), g.one("-1", "1", "2"))
	case 13:
		return fmt.Sprintf("trimprefix(%s, %s)", s(), g.one(`"a"`, `"v"`, s()))
	case 14:
		return fmt.Sprintf("trimsuffix(%s, %s)", s(), g.one(`"a"`, `"1"`, s()))
	case 15:
		return fmt.Sprintf("try(%s, %s)", g.one("nothing.at.all", g.list(0)+"[7]", s(), "regex(\"z+\", "+s()+")"), s())
	case 16:
		return fmt.Sprintf("element(concat(%s, [%s]), %d)", g.list(depth-1), s(), g.IntN(3))
	case 17:
		return fmt.Sprintf("lookup({a = %s, b = %s}, %s, %s)", s(), s(), g.one(`"a"`, `"c"`, s()), s())
	case 18:
		return fmt.Sprintf("trim(%s, %s)", s(), g.one(`"a"`, `" "`, `"1x"`))
	case 19:
		if len(g.functions) > 0 {
			return fmt.Sprintf("%s(%s, %s)", g.pick(g.functions), s(), s())
		}
	case 20:
		return fmt.Sprintf(`"%%{ if %s }%s%%{ else }b%%{ endif }"`, g.boolean(depth-1), g.one("a", "${"+s()+"}"))
	case 21:
		return fmt.Sprintf(`"%%{ for x in %s }[${x}]%%{ endfor }"`, g.list(depth-1))
	case 22:
		return "(" + s() + ")"
	case 23:
		return fmt.Sprintf("indent(%d, %s)", g.IntN(4), s())
	case 24:
		return fmt.Sprintf("jsondecode(jsonencode({k = %s}))[\"k\"]", s())
	}
	return s()
}

func (g *generator) number(depth int) string {
	if depth <= 0 {
		return fmt.Sprint(g.IntN(100))
	}
	n := func() string { return g.number(depth - 1) }
	switch g.IntN(9) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", n(), g.one("+", "-", "*"), n())
	case 1:
		return fmt.Sprintf("length(%s)", g.list(depth-1))
	case 2:
		return fmt.Sprintf("strlen(%s)", g.str(depth-1))
	case 3:
		return fmt.Sprintf("max(%s, %s)", n(), n())
	case 4:
		return fmt.Sprintf("-%s", n())
	case 5:
		return fmt.Sprintf("ceil(%s / 3)", n())
	case 6:
		return fmt.Sprintf("parseint(\"%d\", 10)", g.IntN(1000))
	}
	return n()
}

func (g *generator) boolean(depth int) string {
	if depth <= 0 {
		return g.one("true", "false")
	}
	b := func() string { return g.boolean(depth - 1) }
	switch g.IntN(9) {
	case 0, 1:
		return fmt.Sprintf("%s %s %s", g.str(depth-1), g.one("==", "!="), g.str(0))
	case 2:
		return fmt.Sprintf("(%s %s %s)", b(), g.one("&&", "||"), b())
	case 3:
		return fmt.Sprintf("!%s", g.one("true", "false", "("+b()+")"))
	case 4:
		return fmt.Sprintf("(%s %s %s)", g.number(depth-1), g.one("<", ">=", "=="), g.number(depth-1))
	case 5:
		return fmt.Sprintf("contains(%s, %s)", g.list(depth-1), g.str(0))
	case 6:
		return fmt.Sprintf("%s(%s, %s)", g.one("equal", "notequal"), g.str(depth-1), g.str(0))
	case 7:
		return fmt.Sprintf("can(%s)", g.one("nothing.x", g.str(depth-1)))
	}
	return b()
}

func (g *generator) list(depth int) string {
	if depth <= 0 {
		if g.IntN(3) == 0 && len(g.lists) > 0 {
			return g.pick(g.lists)
		}
		return g.one(`["a", "b"]`, `["linux/amd64"]`, `["1", "2", "3"]`, `["x"]`)
	}
	l := func() string { return g.list(depth - 1) }
	switch g.IntN(11) {
	case 0:
		return fmt.Sprintf("concat(%s, %s)", l(), l())
	case 1:
		return fmt.Sprintf("[for x in %s : \"${x}%s\"]", l(), g.one("", "!", "-1"))
	case 2:
		return fmt.Sprintf("[for i, x in %s : \"${i}${x}\" if x != %s]", l(), g.str(0))
	case 3:
		return fmt.Sprintf("split(%s, %s)", g.one(`","`, `"-"`, `"."`), g.str(depth-1))
	case 4:
		return fmt.Sprintf("distinct(%s)", l())
	case 5:
		return fmt.Sprintf("compact([%s, %s])", g.str(depth-1), g.str(depth-1))
	case 6:
		return fmt.Sprintf("reverselist(%s)", l())
	case 7:
		return fmt.Sprintf("flatten([%s, [%s]])", l(), l())
	case 8:
		return fmt.Sprintf("sort(%s)", l())
	case 9:
		return fmt.Sprintf("[%s, %s]", g.str(depth-1), g.str(depth-1))
	}
	return fmt.Sprintf("slice(concat(%s, [\"p\", \"q\"]), 0, 2)", l())
}

// file is a file in HCL.
func (g *generator) file() string {
	var b strings.Builder
	for i := range g.IntN(5) {
		name := fmt.Sprintf("V%d", i)
		switch g.IntN(7) {
		case 0:
			fmt.Fprintf(&b, "variable %q {}\n", name)
		case 1:
			fmt.Fprintf(&b, "variable %q {\n  type = %s\n  default = %s\n}\n", name, g.one("string", "number"), g.number(1))
		case 2:
			fmt.Fprintf(&b, "%s = %s\n", name, g.str(2))
		case 3:
			fmt.Fprintf(&b, "variable %q {\n  default = null\n}\n", name)
			continue // only an argument may be null
		default:
			fmt.Fprintf(&b, "variable %q {\n  default = %s\n}\n", name, g.str(2))
		}
		g.vars = append(g.vars, name)
	}
	for i := range g.IntN(3) {
		name := fmt.Sprintf("L%d", i)
		switch g.IntN(3) {
		case 0:
			fmt.Fprintf(&b, "variable %q {\n  type = list(string)\n  default = %s\n}\n", name, g.list(1))
		default:
			fmt.Fprintf(&b, "variable %q {\n  default = %s\n}\n", name, g.list(1))
		}
		g.lists = append(g.lists, name)
	}
	for i := range g.IntN(3) {
		name := fmt.Sprintf("f%d", i)
		outer := g.vars
		g.vars = append([]string{"p", "q"}, g.vars...)
		body := g.str(2)
		g.vars = outer
		if g.IntN(3) == 0 {
			fmt.Fprintf(&b, "function %q {\n  params = [p]\n  variadic_params = r\n  result = \"${p}${length(r)}${r[0]}\"\n}\n", name)
		} else {
			fmt.Fprintf(&b, "function %q {\n  params = [p, q]\n  result = %s\n}\n", name, body)
		}
		g.functions = append(g.functions, name)
	}
	for i := range 1 + g.IntN(5) {
		b.WriteString(g.target(fmt.Sprintf("t%d", i)))
	}
	for i := range g.IntN(3) {
		list := []string{g.pick(g.targets)}
		for range g.IntN(3) {
			list = append(list, g.pick(g.targets))
		}
		if i > 0 {
			list = append(list, "default")
		}
		fmt.Fprintf(&b, "group %q {\n  targets = [\"%s\"]\n}\n", g.one("default", "g1", "g2"), strings.Join(list, `", "`))
	}
	return b.String()
}

func (g *generator) target(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "target %q {\n", name)
	outer := g.vars
	if g.IntN(4) == 0 {
		g.vars = append([]string{"m", "n"}, g.vars...)
		items := func() string {
			if g.IntN(4) == 0 && len(g.lists) > 0 {
				return fmt.Sprintf("distinct([for x in %s : sanitize(\"x${x}\")])", g.pick(g.lists))
			}
			return g.one(`["a", "b"]`, `["x"]`, `["1", "2", "3"]`)
		}
		fmt.Fprintf(&b, "  matrix = {\n    m = %s\n    n = %s\n  }\n  name = \"%s-${m}-${n}\"\n", items(), items(), name)
	}
	for _, field := range []string{"context", "dockerfile", "target"} {
		switch g.IntN(6) {
		case 0, 1:
			fmt.Fprintf(&b, "  %s = %s\n", field, g.str(2))
		case 2:
			fmt.Fprintf(&b, "  %s = \"%s\"\n", field, g.one("sub", "x/y", ".", ""))
		case 3:
			if len(g.targets) > 0 {
				fmt.Fprintf(&b, "  %s = target.%s.%s\n", field, g.pick(g.targets), field)
			}
		}
	}
	switch g.IntN(8) {
	case 0, 1, 2, 3:
		b.WriteString("  args = {\n")
		for _, name := range []string{"A", "B", "C"} {
			if g.IntN(2) == 0 {
				fmt.Fprintf(&b, "    %s = %s\n", name, g.one(g.str(2), g.str(1), g.number(1), g.boolean(1), "null"))
			}
		}
		b.WriteString("  }\n")
	case 4:
		fmt.Fprintf(&b, "  args = merge({A = %s}, {%s = %s})\n", g.str(1), g.one("A", "D"), g.str(1))
	case 5:
		fmt.Fprintf(&b, "  args = { for x in %s : upper(sanitize(x)) => x }\n", "distinct("+g.list(1)+")")
	}
	if g.IntN(3) == 0 {
		fmt.Fprintf(&b, "  contexts = {\n    x = %s\n    y = %s\n  }\n", g.str(1), g.one(`"docker-image://a"`, `""`, `"./z"`))
	}
	switch g.IntN(4) {
	case 0:
		fmt.Fprintf(&b, "  platforms = %s\n", g.list(1))
	case 1:
		fmt.Fprintf(&b, "  platforms = [%s]\n", g.one(`"linux/arm64", "linux/arm64"`, `"", "linux/386"`, ""))
	}
	if g.IntN(8) == 0 {
		fmt.Fprintf(&b, "  dockerfile-inline = <<%s\nFROM ${%s}\n  RUN a\nEOT\n", g.one("EOT", "-EOT"), g.str(1))
	}
	if g.IntN(3) == 0 && len(g.targets) > 0 {
		list := []string{g.pick(g.targets)}
		if g.IntN(2) == 0 {
			list = append(list, g.pick(g.targets))
		}
		fmt.Fprintf(&b, "  inherits = [\"%s\"]\n", strings.Join(list, `", "`))
	}
	if g.IntN(10) == 0 {
		fmt.Fprintf(&b, "  tags = [\"x:${%s}\"]\n", g.str(1))
	}
	b.WriteString("}\n")
	g.vars = outer
	g.targets = append(g.targets, name)
	return b.String()
}

// override is a second file, which extends and replaces parts of the first.
func (g *generator) override() string {
	var b strings.Builder
	for i := range g.targets {
		if g.IntN(2) == 0 && !strings.Contains(g.targets[i], "-") {
			targets := g.targets
			g.targets = targets[:i]
			b.WriteString(g.target(targets[i]))
			g.targets = targets
		}
	}
	fmt.Fprintf(&b, "variable \"V0\" {\n  default = \"overridden\"\n}\n")
	if g.IntN(2) == 0 {
		fmt.Fprintf(&b, "group \"default\" {\n  targets = [%q]\n}\n", g.pick(g.targets))
	}
	return b.String()
}

// json is a file in JSON.
func (g *generator) json() string {
	template := func() string {
		if g.IntN(3) > 0 {
			return g.one("a", "x/y", "1.2", "", "$${a}")
		}
		return g.one("", "v") + "${" + g.str(1) + "}"
	}
	targets := map[string]any{}
	for i := range 1 + g.IntN(3) {
		x := map[string]any{}
		if g.IntN(2) == 0 {
			x["context"] = template()
		}
		if g.IntN(2) == 0 {
			x["args"] = map[string]any{"J": template(), "K": g.IntN(9), "L": g.IntN(2) == 0, "M": nil}
		}
		if g.IntN(2) == 0 {
			x["platforms"] = []string{template(), "linux/amd64"}
		}
		if g.IntN(4) == 0 {
			x["matrix"] = map[string]any{"z": []string{"1", "2"}}
			x["name"] = fmt.Sprintf("j%d-${z}", i)
			x["target"] = "t${z}"
		}
		if i > 0 && g.IntN(3) == 0 {
			x["inherits"] = []string{"j0"}
		}
		targets[fmt.Sprintf("j%d", i)] = x
	}
	data, err := json.MarshalIndent(map[string]any{
		"target": targets, "group": map[string]any{"j": map[string]any{"targets": []string{"j0"}}},
		"variable": map[string]any{"JV": map[string]any{"default": template()}},
	}, "", "  ")
	if err != nil {
		panic(err) // maps and strings
	}
	return string(data)
}
