package fault_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
	"github.com/dockvet/dockvet/shell/fault"
)

// faults are the codes and texts of what is found in a RUN of body, after the given instructions.
func faults(t *testing.T, before, body string) []fault.Fault {
	t.Helper()
	p := plan.New(parser.Parse("Dockerfile", []byte("FROM a\n"+before+"RUN "+body+"\n")), plan.Options{})
	steps := p.Stages[len(p.Stages)-1].Steps
	s := shell.Read(steps[len(steps)-1])
	if s == nil || s.Err != nil {
		t.Fatalf("%.80q does not parse", body)
	}
	return fault.Of(s)
}

func TestOf(t *testing.T) {
	const bash = "SHELL [\"/bin/bash\", \"-c\"]\n"
	tests := []struct{ before, body, want string }{
		// What is known of a variable follows the ways through the script.
		{"", `X=1; echo $X`, ""},
		{"", `X=; echo $X`, "SC2086 $X"},
		{"", `X="a b"; echo $X`, "SC2086 $X"},
		{"", `X='a'"b"c; echo $X`, ""},
		{"", `X=$(a); X=1; echo $X`, ""},
		{"", `if a; then X=1; else X=2; fi; echo $X`, ""},
		{"", `if a; then X=1; fi; echo $X`, "SC2086 $X"},
		{"", `if a; then X=1; else exit 1; fi; echo $X`, ""},
		{"", `if a; then X=-q; else X=; fi; echo $X`, ""},
		{"", `case "$1" in a) X=1;; b) X=2;; esac; echo $X`, "SC2086 $X"},
		{"", `case "$1" in a) X=1;; *) exit 1;; esac; echo $X`, ""},
		{"", `case "$1" in a) X=1;; *) b && exit 1;; esac; echo $X`, "SC2086 $X"},
		{"", `X=1; a && X=$(b); echo $X`, "SC2086 $X"},
		{"", `(X=1; echo $X); echo $X`, "SC2086 $X"},
		{"", `X=1; a | X=$(b); echo $X`, ""},
		{"", `X=1; while a; do echo $X; X="a b"; done`, "SC2086 $X"},
		{"", `X=a; f() { echo $X; }; f`, ""},
		{"", `f() { echo $X; }; X=a; f; X="a b"`, ""},
		{"", `f() { f; echo $X; }; f`, "SC2086 $X"},
		{"", `for i in a b; do echo $i; done`, ""},
		{"", `for i in $A b; do echo $i; done`, "SC2086 $i"},
		{"", `read -r X; echo $X`, "SC2086 $X"},
		{"", `X=1; unset X; echo $X`, "SC2086 $X"},
		{"", `X=$((1 + 1)); Y=$X-$?; echo $Y ${#Z} ${Z:+a b} $!`, ""},
		{"ENV A=\"a b\"\n", `echo $A ${A%b}`, ""},
		{"ARG A\nFROM b\n", `echo $A`, "SC2086 $A"},
		// What a word is to its command.
		{"", `$X a; $X/b a`, "SC2086 $X"},
		{"", `exec $X; command $Y; sudo $Z`, "SC2086 $Z"},
		{"", `a > $X <<< "$Y"`, "SC2086 $X, SC3011 `<<<`"},
		{"", `export A=$X B=$(c)`, "SC2086 $X, SC2155 B, SC2046 $(c)"},
		{bash, `export A=$X B=$(c)`, "SC2155 B"},
		{bash, `a=($x $(y)); echo "${a[@]}" ${a[@]} ${a[0]}`, "SC2086 $x, SC2046 $(y), SC2068 ${a[@]}, SC2086 ${a[0]}"},
		{bash, `[[ $X = '$Y' ]] && echo $@`, "SC2016 $Y, SC2068 $@"},
		{"", "a \"`b $X`\"", "SC2006 `b $X`, SC2086 $X"},
		{"", "cat <<E\n$X `b`\nE", "SC2006 `b`"},
		// Which code of several sh's features.
		{"", `[[ a == b ]]`, "SC3014 `[[ … == … ]]`"},
		{"", `[[ a =~ ^(b|c)$ ]]`, "SC3010 `[[`"},
		{
			"", `echo {a,b}{c,{d,e}} x{$a,b} {} {a} \{a,b\} "{a,b}"`,
			"SC3009 brace expansion, SC3009 brace expansion, SC3009 brace expansion, SC2086 $a",
		},
		{"", `set -eo pipefail -o errexit`, "SC3040 `set -o pipefail`"},
		{"", `/bin/echo -e a`, ""},
		{"SHELL [\"/bin/dash\", \"-c\"]\n", `echo -n a; echo -e a; local x`, "SC3036 `echo -e`"},
		{"SHELL [\"/bin/ash\", \"-c\"]\n", `[[ a == b ]]; source x`, ""},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range faults(t, tt.before, tt.body) {
			got = append(got, f.Code+" "+f.Text)
		}
		if g := strings.Join(got, ", "); g != tt.want {
			t.Errorf("%s%s\ngot  %s\nwant %s", tt.before, tt.body, g, tt.want)
		}
	}
}

// TestOfHostile holds that the work remains in proportion to the size of the script.
func TestOfHostile(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, body := range map[string]string{
		"variables": many(15000, "a%d=1 &&\n") + "true",
		"branches":  many(6000, "if x; then a%d=1; fi\n"),
		"loops":     strings.Repeat("for a in b c; do x=$y; ", 250) + "true" + strings.Repeat("; done", 250),
		"nested":    strings.Repeat("f() { f; ", 100) + "true" + strings.Repeat("; }", 100),
		"functions": many(250, "f%d() { a; }\n"),
		"braces":    "echo " + strings.Repeat("{a,", 250) + strings.Repeat("}", 250),
		"quotes":    "echo '" + strings.Repeat("$(a\n", 250) + "'",
	} {
		t.Run(name, func(t *testing.T) { faults(t, "", "<<E\n"+body+"\nE") })
	}
}

// TestFatal holds that a Bashism is only fatal if a shell without it cannot run any of the script.
func TestFatal(t *testing.T) {
	for body, want := range map[string]bool{
		"cat <(a)":                             true,
		"exit 0; a=(b c)":                      true,
		"function a { b; }; a":                 true,
		"echo $((a++))":                        false,
		"[[ a ]]":                              false,
		"echo ${a:1:2}":                        false,
		"<<E\nif a; then exit; fi\nb <<< c\nE": false,
	} {
		fatal := false
		for _, f := range faults(t, "", body) {
			fatal = fatal || f.Fatal
		}
		if fatal != want {
			t.Errorf("%s: got %v, want %v", body, fatal, want)
		}
	}
}
