package shell

import (
	"reflect"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// samePlain compares the tree that is read for text, if it is plain, with that of the parser.
func samePlain(t *testing.T, text string) bool {
	t.Helper()
	read := false
	for _, lang := range []syntax.LangVariant{syntax.LangPOSIX, syntax.LangBash} {
		got := readPlain(text, lang)
		if got == nil {
			continue
		}
		read = true
		want, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(text), "")
		if err != nil {
			t.Errorf("%s: %q is plain, but %v", lang, text, err)
			continue
		}
		if !reflect.DeepEqual(got, want) {
			var g, w strings.Builder
			_ = syntax.DebugPrint(&g, got)
			_ = syntax.DebugPrint(&w, want)
			t.Errorf("%s: %q: got\n%s\nwant\n%s", lang, text, g.String(), w.String())
		}
	}
	return read
}

// TestPlain compares what is plain with what the parser reads, and checks that the rest is left to it.
func TestPlain(t *testing.T) {
	for _, text := range []string{
		"a", " a  b\t c ", "a && b || c | d && e; f", "a;", "a\n\nb\n", "a &&\n b |\n c", "a \\\n  b \\\n && c",
		`a "b" 'c' "d$E f${G}h" $I'j'"k" "" ''`, `A=b C= D="e" f G=h`, `A=b`, `A=$B"c"`, `a >b 2>&1 <c 3>>d >"e" f`, `a\ b "c\"d" '\'`, "[ -f a ] || b",
		"apt-get install -y a=1.* b{c,d}", `$A b`, `"a" b`, `a=`, `a "b"2>c`, `a b>c`, `a b#c`, `a {} } { ]`,
		"a $(b c | d) e", `a "$(b "$C" && d 'e')f" g`, "$(a; b)c", "A=$(b) c", "a $( b \\\n c\n ) d", "a $()", "a $(b $(c))$(d)",
	} {
		if !samePlain(t, text) {
			t.Errorf("%q is not plain", text)
		}
	}
	for _, text := range []string{
		"if a; then b; fi", "a & b", "a;;b", "a &&", "| a", "a >", "a <<b", "a (b)", "a `b`", "a $(b", "a $((1))", "a $(if b; then c; fi)", "a $(b #c)", `a "$(b;;)"`, "a $(b) )", "a $1", "a ${b:-c}", "a\\", "a\\\nb", "a 'b", `a "b`,
		"a #b", "! a", ">a b", "a+=b", "a[1]=b", "a\r\n", "a é", "export A=b", "a=(b)", "a; ; b", "a ;& b", "a |& b", "a {b}>c", "$A[1]",
	} {
		if readPlain(text, syntax.LangBash) != nil {
			t.Errorf("%q is plain", text)
		}
	}
}

func FuzzReadPlain(f *testing.F) {
	for _, s := range []string{"a && b || c | d; e", `a "b$C" 'd' >e 2>&1`, "A=b \\\n c ${D} e\\ f", "[ a ] \n b#c {d,e}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { samePlain(t, text) })
}
