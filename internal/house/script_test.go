package house

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// lintScript are the messages of the rules of a script about a small Dockerfile.
func lintScript(tb testing.TB, src string) (messages []string, mistake *Mistake) {
	tb.Helper()
	defined, mistake := Load("a.star", []byte(src))
	if mistake != nil {
		return nil, mistake
	}
	rules := []*lint.Rule{{Name: lint.RuleBug, Severity: lint.Error}}
	for _, d := range defined {
		rules = append(rules, d.Rule)
	}
	p := plan.New(parser.Parse("Dockerfile", []byte("FROM debian:13 AS a\nRUN curl https://get.example/a | sh\nEXPOSE 80\n")), plan.Options{})
	for _, f := range lint.New(rules, lint.Settings{}).Lint(lint.Build{Plan: p}) {
		messages = append(messages, f.Message)
	}
	return messages, nil
}

// checking is a script whose rule has the lines of body as its check.
func checking(body string) string {
	return "def check(build):\n    " + strings.ReplaceAll(body, "\n", "\n    ") + "\nrule(name = 'a/b', summary = 'a', check = check)\n"
}

// TestHostileScripts runs scripts that would take hours or all memory.
func TestHostileScripts(t *testing.T) {
	const long, large, key = "the script takes too long or makes too much", "the number is too large", "this is too large for a key"
	tuples := "x = ()\nfor i in range(100): x = (x, x)\n"
	lists := "x = []\nfor i in range(100): x = [x, x]\n"
	for body, want := range map[string]string{
		"for i in range(1000000000): pass":                           long,
		"x = 'a' * 1000000000":                                       long,
		"x = [0] * (1 << 400)":                                       long,
		"x = 'a'\nfor i in range(100): x = x + x":                    long,
		"x = 'a'\nfor i in range(100): x += x":                       long,
		"x = [1]\nfor i in range(100): x += x":                       long,
		"x = [1]\nfor i in range(100): x.extend(x)":                  long,
		"x = 'a'\nfor i in range(100): x = '%(a)s%(a)s' % {'a': x}":  long,
		"x = 'a'\nfor i in range(100): x = '{0}{0}'.format(x)":       long,
		"x = 'a'\nfor i in range(100): x = x.replace('a', 'aa')":     long,
		"x = ('a' * 1000000).join(['b'] * 1000000)":                  long,
		"x = 2\nfor i in range(100): x = x * x":                      large,
		"x = int('9' * 1000000)":                                     large,
		"x = 1\nfor i in range(100): x = x << 500":                   large,
		lists + "str(x)":                                             long,
		lists + "print(x)":                                           long,
		lists + "x == x":                                             long,
		lists + "fail(x)":                                            long,
		tuples + "y = {x: 1}":                                        key,
		tuples + "y = x in {1: 1}":                                   key,
		tuples + "y = {1: 1}.get(x)":                                 key,
		tuples + "y = {1: 1}[x]":                                     key,
		tuples + "y = {k: 1 for k in [x]}":                           key,
		tuples + "y = dict([(x, 1)])":                                long,
		"x = []\nx.append(x)\nstr(x)":                                long,
		"x = list(range(1000000000))":                                long,
		"x = sorted(range(1000000000))":                              long,
		"x = zip(range(1000000000), range(1000000000))":              long,
		"x = max(range(1000000000))":                                 long,
		"x = []\nfor i in range(100000): x.append('a' * 100000)":     long,
		"x = []\nfor i in range(1000000000): x.append({})":           long,
		"x = {}\nfor i in range(1000000000): x[i] = i":               long,
		"x = [0] * 100000\ny = [x[:] for i in range(100000)]":        long,
		"for i in range(100000): matches('a' * 10000, '(.*a){50}b')": long,
		"x = list('a'.codepoints())":                                 "string.codepoints is not available",
		"def f(x): return f(x)\nf(1)":                                "function f called recursively",
		"g = lambda h: h(h)\ng(g)":                                   "function lambda called recursively",
	} {
		t.Run(body, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			got, mistake := lintScript(t, checking(body))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if mistake != nil || len(got) != 1 || !strings.HasPrefix(got[0], "house rule `a/b` (a.star:") || !strings.HasSuffix(got[0], " failed: "+want) {
				t.Errorf("got %q, %v", got, mistake)
			}
			if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 256 || took > 10*time.Second { // the machine may be busy
				t.Errorf("it took %v and %d MB", took, grown)
			}
		})
	}
}

// TestScriptMistakes holds what is wrong with scripts, and where.
func TestScriptMistakes(t *testing.T) {
	for src, want := range map[string]Mistake{
		"x = (":                             {1, 6, "got end of file, want primary expression"},
		"x = y":                             {1, 5, "undefined: y"},
		"x = 1":                             {1, 0, "the script does not define a rule; call rule(name = …, summary = …, check = …)"},
		"x = [0] * (1 << 90)":               {1, 9, "the script takes too long or makes too much"},
		"load('a', 'b')":                    {1, 1, "load is not available: a script reads no other files"},
		"while True: pass":                  {1, 1, "while is not available"},
		"x = b'a'":                          {1, 5, "bytes are not available"},
		"x = max(*[])":                      {1, 9, "`*` is not available in a call"},
		"rule(name = 'a/b', summary = 'a')": {1, 5, "rule: missing argument for check"},
		"rule(name = 'ab', summary = 'a', check = lambda b: 1)":                     {1, 0, "`ab` cannot be the name of a house rule; it has two parts, as in `acme/foreign-registry`"},
		"rule(name = 'a/b', summary = 'a', check = lambda: 1)":                      {1, 0, "the check of `a/b` must have one parameter, the build"},
		"rule(name = 'a/b', summary = 'a', severity = 'eror', check = lambda b: 1)": {1, 0, "unknown severity `eror`; the nearest is `error`"},
		"[rule(name = 'a/b', summary = 'a', check = lambda b: 1) for i in [1, 2]]":  {1, 0, "`a/b` is already defined on line 1"},
		"report('a', 'b')":                   {1, 7, "report can only be called by the check of a rule"},
		"x = " + strings.Repeat("(", 5000):   {1, 83, "excessive nesting"},
		"x = 1" + strings.Repeat("+1", 5000): {1, 5, "this is nested too deeply"},
	} {
		_, got := Load("a.star", []byte(src))
		if got == nil || got.Line != want.Line || got.Message != want.Message {
			t.Errorf("%.60s: got %v, want %v", src, got, want)
		}
	}
	for body, want := range map[string]string{
		"build.stagse":                               "house rule `a/b` (a.star:2:10) failed: a build has no field `stagse`; the nearest is `stages`",
		"report(build, 'a')":                         "house rule `a/b` (a.star:2:11) failed: report: a build has no place",
		"report(build.stages[0], ' ')":               "house rule `a/b` (a.star:2:11) failed: report: there is nothing to say",
		"rule(name='a/c', summary='a', check=check)": "house rule `a/b` (a.star:2:9) failed: rule can only be called while the script is loaded",
		"fail('no')":                                 "house rule `a/b` (a.star:2:9) failed: fail: no",
		"matches('a', 'a(')":                         "house rule `a/b` (a.star:2:12) failed: regular expression `a(` is not valid: missing closing ): `a(`",
	} {
		if got, mistake := lintScript(t, checking(body)); mistake != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, %v, want %q", body, got, mistake, want)
		}
	}
}

// TestScript runs what a script can do.
func TestScript(t *testing.T) {
	for body, want := range map[string]string{
		"for c in build.stages[0].instructions[0].commands: report(c, c.name)":                                           "curl sh",
		"report(build.stages[0].base, '%s %s' % (build.stages[0].base.name, build.stages[0].base.tag))":                  "debian 13",
		"u = build.stages[0].instructions[0].commands[0].urls[0]\nreport(u.place, u.host)":                               "get.example",
		"x = [1]\nx += [2]\nx.append(3)\ny = {'a': x}\ny |= {'b': 1}\nreport(build.stages[0], str(y))":                   `{"a": [1, 2, 3], "b": 1}`,
		"report(build.stages[0], 'a' if matches('abc', '^a.c$') and 'b' in 'abc' and 3 not in [1, 2] else 'b')":          "a",
		"report(build.stages[0], ','.join([str(7 // 2), str(-7 % 4), str(1 << 4 | 1), 'abc'[1:], str(sorted([2, 1]))]))": "3,1,17,bc,[1, 2]",
		"report(build.stages[0], getattr(build, 'none', 'no') + build.image.ports[0])":                                   "no80/tcp",
	} {
		if got, mistake := lintScript(t, checking(body)); mistake != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, %v, want %q", body, got, mistake, want)
		}
	}
}

// FuzzScript checks that no script panics, hangs or takes much memory.
func FuzzScript(f *testing.F) {
	for _, body := range []string{
		"x = [1]\nx += x\nreport(build.stages[0], str(x) + '%s' % x)", "x = {(1, 2): 'a'}\nfor k, v in x.items(): report(build.stages[0], v * 2)",
		"a, b = (1, 2)\nc = [i for i in range(a) if i != b]\nd = lambda x, y=1: -x if not y else ~y\nd(1)", "matches('a' + 'b', 'a|b')",
		"x = 'a,b'.split(',')[::-1]\nx[0] = x[1:]\nif x and 1 < 2 or 3 >= 4: fail(x)",
	} {
		f.Add(checking(body))
	}
	f.Fuzz(func(t *testing.T, src string) {
		start := time.Now()
		_, _ = lintScript(t, src) // an error is fine
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
