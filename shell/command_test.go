package shell_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// scripts are the scripts of all RUN and ONBUILD RUN of a Dockerfile.
func scripts(src string) (*parser.File, []*shell.Script) {
	f := parser.Parse("Dockerfile", []byte(src))
	var out []*shell.Script
	for _, stage := range plan.New(f, plan.Options{}).Stages {
		for _, step := range stage.Steps {
			if step.Trigger != nil {
				step = step.Trigger
			}
			if s := shell.Read(step); s != nil {
				out = append(out, s)
			}
		}
	}
	return f, out
}

// show writes each command as its words, joined by `|`, with its assignments before it and marks after it.
func show(ss []*shell.Script) []string {
	var out []string
	for _, s := range ss {
		for _, c := range s.Commands {
			var b strings.Builder
			for _, a := range c.Assigns {
				fmt.Fprintf(&b, "[%s=%s] ", a.Name, a.Value.Text)
			}
			for i, w := range c.Words {
				if i > 0 {
					b.WriteByte('|')
				}
				b.WriteString(w.Text)
			}
			if c.Sub {
				b.WriteString(" sub")
			}
			if c.Outer != nil {
				b.WriteString(" in " + c.Outer.Name)
			}
			if c.PipeFrom != nil {
				b.WriteString(" from " + c.PipeFrom.Name)
			}
			if c.PipeTo != nil {
				b.WriteString(" to " + c.PipeTo.Name)
			}
			out = append(out, b.String())
		}
	}
	return out
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		name, run string
		want      []string
	}{
		{"list", `RUN set -e; a && b || c & d`, []string{"set|-e", "a", "b", "c", "d"}},
		{"quotes", `RUN a 'b c' "d $E" f\ g h"i"'j' \$k "\$l \m"`, []string{`a|b c|d $E|f g|hij|$k|$l \m`}},
		{
			"assignments",
			`RUN A=b C="d e" run && F=g && export H=i J && readonly K`,
			[]string{"[A=b] [C=d e] run", "[F=g] ", "[H=i] export|J", "readonly|K"},
		},
		{"continuation", "RUN a \\\n  b \\\n  # not me\n\n  c && d\\\ne", []string{"a|b|c", "de"}},
		{
			"compound", `RUN if a; then b; elif c; then d; else e; fi; for x in $(f) g; do h; done; while i; do j; done; ` +
				"case $k in l) m ;; *) n ;; esac; { o; }; ! p",
			[]string{"a", "b", "c", "d", "e", "f sub", "h", "i", "j", "m", "n", "o", "p"},
		},
		{"subshells", "RUN (a; b) && c $(d `e`) \"$(f)\" && g() { h; } && i > $(j)", []string{
			"a sub", "b sub", "c|$(d `e`)|$(f)", "d|`e` sub", "e sub", "f sub", "h sub", "j sub", "i",
		}},
		{
			"arithmetic",
			"SHELL [\"/bin/bash\", \"-c\"]\nRUN [[ $(a) = b ]] && (( $(c) > 1 )) && let x=1 && d <(e)",
			[]string{"a sub", "c sub", "d|<(e)", "e sub"},
		},
		{
			"pipes",
			`RUN a | b 2>&1 |& c | (d) | e && f`,
			[]string{"a sub to b", "b sub from a to c", "c sub from b", "d sub", "e sub", "f"},
		},
		{"piped wrapper", `RUN curl x | sudo -E env A=b bash -s`, []string{
			"curl|x sub to sudo", "sudo|-E|env|A=b|bash|-s sub from curl", "env|A=b|bash|-s sub in sudo from curl",
			"[A=b] bash|-s sub in env from curl",
		}},
		{"wrappers", "RUN sudo -u app -E a b && timeout -s KILL 5 c -d && xargs -n 1 -r e f && exec -- g && " +
			"gosu app h && nice i && chroot /r /bin/j && sudo && env A=b", []string{
			"sudo|-u|app|-E|a|b", "a|b in sudo", "timeout|-s|KILL|5|c|-d", "c|-d in timeout", "xargs|-n|1|-r|e|f",
			"e|f in xargs", "exec|--|g", "g in exec",
			"gosu|app|h", "h in gosu", "nice|i", "i in nice", "chroot|/r|/bin/j", "/bin/j in chroot", "sudo", "env|A=b",
		}},
		{"what command only names", `RUN command -v a && command -pV b && command -p c && command -- d`, []string{
			"command|-v|a", "command|-pV|b", "command|-p|c", "c in command", "command|--|d", "d in command",
		}},
		{"heredoc body", "RUN <<EOT\na b\n  c \\\n  d\nEOT\n", []string{"a|b", "c|d"}},
		{"heredoc body with tabs", "RUN <<-EOT\n\ta\n\t\tb\n\tEOT\n", []string{"a", "b"}},
		{"heredoc as input", "RUN a <<EOT && b\nc $(d)\nEOT\n", []string{"d sub", "a", "b"}},
		{"two heredocs", "RUN a <<X && b <<'Y'\nc\nX\n$(d)\nY\n", []string{"a", "b"}},
		{"heredoc for another interpreter", "RUN <<EOT\n#!/usr/bin/env python3\nprint(1)\nEOT\n", nil},
		{"heredoc with a shebang", "RUN <<EOT\n#!/bin/bash -e\na <(b)\nEOT\n", []string{"a|<(b)", "b sub"}},
		{"exec", `RUN ["sudo", "apt-get", "$X", "a b"]`, []string{"sudo|apt-get|$X|a b", "apt-get|$X|a b in sudo"}},
		{"exec of a shell", `RUN ["/bin/bash", "-ec", "a && b 'c d'"]`, []string{"a", "b|c d"}},
		{"exec of a script with arguments", `RUN ["sh", "-c", "a", "b"]`, []string{"sh|-c|a|b", "a in sh"}},
		{"onbuild", `ONBUILD RUN a && b`, []string{"a", "b"}},
		{"flags", `RUN --mount=type=cache,target=/x --network=none a`, []string{"a"}},
		{"PowerShell", "SHELL [\"powershell\", \"-Command\"]\nRUN a; b", []string{"a", "b"}},
		{"nothing that parses", `RUN a && (`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ss := scripts("FROM debian:13\n" + c.run)
			if diff := cmp.Diff(c.want, show(ss)); diff != "" {
				t.Errorf("commands (-want +got)\n%s", diff)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	for _, c := range []struct {
		name, src, word string // the only word that is written so
		want            string // line:column-line:column
	}{
		{"plain", "RUN a here", "here", "2:7-2:11"},
		{"after a continuation", "RUN a \\\n  # comment\n\n  here", "here", "5:3-5:7"},
		{"through a continuation", "RUN a he\\\nre b", "here", "2:7-3:3"},
		{"through CRLF", "RUN a \\\r\n  here\r\n", "here", "3:3-3:7"},
		{"backtick", "RUN a `\n  here", "here", "3:3-3:7"},
		{"heredoc", "RUN <<EOT\na\n  here\nEOT", "here", "4:3-4:7"},
		{"heredoc with tabs", "RUN <<-EOT\n\t\there\n\tEOT", "here", "3:3-3:7"},
		{"after the operator of a heredoc", "RUN a <<EOT && here\nx\nEOT", "here", "2:16-2:20"},
		{"in a heredoc's substitution", "RUN cat <<EOT\nx $(here)\nEOT", "here", "3:5-3:9"},
		{"exec", `RUN ["a", "here"]`, "here", "2:11-2:17"},
		{"exec of a shell", `RUN ["sh", "-c", "a here"]`, "here", "2:21-2:25"},
		{"quoted", `RUN a "here"`, "here", "2:7-2:13"},
		{"onbuild", "ONBUILD RUN a \\\n here", "here", "3:2-3:6"},
		{"wide characters", `RUN echo 'äö€' here`, "here", "2:20-2:24"},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := "FROM debian:13\n"
			if c.name == "backtick" {
				first = "# escape=`\n"
			}
			f, ss := scripts(first + c.src)
			for _, s := range ss {
				for _, cmd := range s.Commands {
					for _, w := range cmd.Words {
						if w.Text != c.word {
							continue
						}
						from, to := f.Lines.Position(w.Span.Start), f.Lines.Position(w.Span.End)
						if got := fmt.Sprintf("%d:%d-%d:%d", from.Line, from.Column, to.Line, to.Column); got != c.want {
							t.Errorf("got %s, want %s", got, c.want)
						}
						return
					}
				}
			}
			t.Errorf("no word %q in %q", c.word, show(ss))
		})
	}
}

func TestDialect(t *testing.T) {
	for _, c := range []struct {
		src     string
		dialect shell.Dialect
		name    string
	}{
		{"FROM debian:13\nRUN a", shell.POSIX, "sh"},
		{"FROM debian:13\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a", shell.Bash, "bash"},
		{"FROM debian:13 AS x\nSHELL [\"/bin/bash\", \"-c\"]\nFROM x\nRUN a", shell.Bash, "bash"},
		{"FROM debian:13\nSHELL [\"/usr/bin/env\", \"zsh\", \"-c\"]\nRUN a", shell.Zsh, "zsh"},
		{"FROM debian:13\nSHELL [\"mksh\", \"-c\"]\nRUN a", shell.Ksh, "mksh"},
		{"FROM debian:13\nSHELL [\"/bin/ash\", \"-c\"]\nRUN a", shell.POSIX, "ash"},
		{"FROM debian:13\nSHELL [\"pwsh\", \"-Command\"]\nRUN a", shell.Other, "pwsh"},
		{"FROM debian:13\nSHELL [\"C:\\\\\\\\Program Files\\\\\\\\PowerShell.exe\"]\nRUN a", shell.Other, "powershell"},
		{"FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN a", shell.Other, "cmd"},
		{"FROM debian:13\nRUN <<EOT\n#!/bin/bash\na\nEOT", shell.Bash, "bash"},
		{"FROM debian:13\nRUN <<EOT\n#!/usr/bin/env -S python3\na\nEOT", shell.Other, "-s"},
		{"FROM debian:13\nRUN [\"a\"]", shell.Other, ""},
		{"FROM debian:13\nRUN [\"bash\", \"-c\", \"a\"]", shell.Bash, "bash"},
	} {
		_, ss := scripts(c.src)
		if len(ss) != 1 || ss[0].Dialect != c.dialect || ss[0].Shell != c.name {
			t.Errorf("%q: got dialect %d of %q", c.src, ss[0].Dialect, ss[0].Shell)
		}
	}
}

// TestNonstandard holds that a script for sh is read even if only the grammar of bash can read it.
func TestNonstandard(t *testing.T) {
	_, ss := scripts("FROM debian:13\nRUN a &> /dev/null <(b)")
	if len(ss[0].Commands) != 2 || ss[0].Err != nil {
		t.Errorf("%d commands, %v", len(ss[0].Commands), ss[0].Err)
	}
}

// TestHostile holds that nothing overflows the stack, from which a program cannot recover.
func TestHostile(t *testing.T) {
	const n = 100_000
	for _, c := range []struct{ name, open, body, shut string }{
		{"substitutions", "$(", "a", ")"},
		{"subshells", "( ", "a", " )"},
		{"blocks", "{ ", "a", "; }"},
		{"conditions", "if ", "a", "; then b; fi"},
		{"loops", "while ", "a", "; do b; done"},
		{"cases", "case a in b) ", "a", " ;; esac"},
		{"expansions", "${a:-", "b", "}"},
		{"arithmetic", "$((", "1", "))"},
		{"quoted substitutions", `"$(`, "a", `)"`},
		{"backquotes", "`", "a", "`"},
		{"functions", "a() ", "{ b; }", ""},
		{"negations", "! ", "a", ""},
		{"pipes", "a | ", "b", ""},
		{"lists", "a && ", "b", ""},
		{"wrappers", "sudo ", "a", ""},
		{"tests", "[[ ! ", "a", " ]]"},
		{"time", "time ", "a", ""},
		{"coprocesses", "coproc ", "a", ""},
		{"brackets", "[[ ( ", "a", " ) ]]"},
		{"indices", "${a[", "1", "]}"},
	} {
		t.Run(c.name, func(*testing.T) {
			for _, n := range []int{shell.MaxDepth - 20, 20_000, n} {
				for _, shut := range []string{c.shut, ""} {
					body := strings.Repeat(c.open, n) + c.body + strings.Repeat(shut, n)
					_, ss := scripts("FROM debian:13\nSHELL [\"/bin/bash\", \"-c\"]\nRUN " + body)
					for _, s := range ss {
						s.Calls()
					}
				}
			}
		})
	}
}

func TestPlain(t *testing.T) {
	for src, want := range map[string]bool{
		"RUN a install b":                  true,
		"RUN <<E\na install b\nE":          true,
		"RUN a \\\n  install \\\n  b":      true,
		"RUN a ins\\\ntall b":              false,
		"RUN a 'install' b":                false,
		"RUN a $VERB b":                    false,
		`RUN a \install b`:                 false,
		`RUN ["a", "install", "b"]`:        false,
		"RUN echo $(a) && c \"$(b)\" done": false,
	} {
		_, ss := scripts("FROM x\n" + src + "\n")
		c := ss[0].Commands[0]
		if got := c.Plain(c.Words[1]); got != want {
			t.Errorf("%q: got %v, want %v", src, got, want)
		}
	}
}
