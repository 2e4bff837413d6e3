package shell_test

import (
	"os/exec"
	"testing"

	"github.com/dockvet/dockvet/shell"
)

// TestSyntaxError holds what is said of broken scripts, and that the shells that are installed reject them as well, and
// accept those of which nothing is said.
func TestSyntaxError(t *testing.T) {
	for _, c := range []struct{ text, sh, bash string }{
		{`echo "a`, "the quote `\"` is not closed at \"", "same"},
		{`echo 'a`, "the quote `'` is not closed at '", "same"},
		{"echo `a", "a backquote is not closed at `", "same"},
		{`if true; then a`, "`if` is not closed with `fi` at if", "same"},
		{`if true; then`, "no command follows `then` at then", "same"},
		{`if a; b; fi`, "`fi` without `then` at fi", "same"},
		{`if a then b; fi`, "`fi` without `then` at fi", "same"},
		{`a && && b`, "no command follows `&&` at &&", "same"},
		{`a | | b`, "no command follows `|` at |", "same"},
		{`a &&`, "no command follows `&&` at &&", "same"},
		{`for i in a b; do x`, "`for` is not closed with `done` at for", "same"},
		{`for i a b; do x; done`, "`in` is missing after `for` and the name at for", "same"},
		{`while true; x; done`, "`done` without `do` at done", "same"},
		{`case x in a) b`, "`case` is not closed with `esac` at case", "same"},
		{`case x in a; b;; esac`, "a pattern of `case` is not followed by `)` at ;", "same"},
		{`a; fi`, "`fi` without `then` at fi", "same"},
		{`(a; b`, "`(` is not closed with `)` at (", "same"},
		{`{ a; b`, "`{` is not closed with `}` at {", "same"},
		{`a)`, "`)` is not expected here at )", "same"},
		{`echo $(a`, "`$(` is not closed with `)` at $(", "same"},
		{`a ;; b`, "`;;` is not expected here at ;;", "same"},
		{`then x`, "`then` is not expected here at then", "same"},
		{`a && else b`, "`else` is not expected here at else", "same"},
		{`a || in`, "`in` is not expected here at in", "same"},
		{`a & ; b`, "`;` is not expected here at ;", "same"},
		{`a >`, "no word follows `>` at >", "same"},
		{`echo a (b)`, "`(` is not expected here at (", "same"},
		{`f() echo a`, "", "the body of a function is not in braces at echo"},
		{`f() a && b`, "", "the body of a function is not in braces at a"},
		{`f() { a; } && f() (b)`, "", ""},
		{`echo ${a b} ${}`, "", ""},
		{"cat <<E && a\nb", "", ""},
		{`echo fi done; a=1 else; echo "a 'b" 'c"d'`, "", ""},
		{`if a; then b; elif c; then d; else e; fi`, "", ""},
		{"a \\\n && b # it's", "", ""},
	} {
		for _, by := range []string{"sh", "bash"} {
			want := c.sh
			if by == "bash" && c.bash != "same" {
				want = c.bash
			}
			got := ""
			s := shell.ReadFile(c.text, by)
			if e := s.SyntaxError(); e != nil {
				got = e.Message + " at " + c.text[e.Start:e.End]
			}
			if got != want {
				t.Errorf("%s: %q: got %q, want %q", by, c.text, got, want)
			}
			for _, program := range map[string][]string{"sh": {"dash"}, "bash": {"bash"}}[by] {
				path, err := exec.LookPath(program)
				if err != nil {
					t.Logf("skipped %s, which is not installed", program)
					continue
				}
				err = exec.CommandContext(t.Context(), path, "-n", "-c", c.text).Run()
				if (err != nil) != (want != "") {
					t.Errorf("%s says %v of %q, want %q", program, err, c.text, want)
				}
			}
		}
	}
}
