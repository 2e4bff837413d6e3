package shell_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/shell"
)

// TestNested holds which commands are read in code that is passed to a shell, and that their words are at their places.
func TestNested(t *testing.T) {
	for _, c := range []struct{ name, run, want string }{
		{"single quotes", `sh -c 'a b && c'`, "sh: a b; c"},
		{"double quotes", `bash -c "a \"b c\" && d \\e"`, `bash: a b c; d e`},
		{"flags", `bash -exo pipefail -c 'a | b'`, "bash: a; b"},
		{"a login shell", `/bin/bash -lc 'a'`, "bash: a"},
		{"options after -c", `bash -c -e 'a'`, "bash: a"},
		{"long options", `bash --norc --rcfile x -c a`, "bash: a"},
		{"arguments", `sh -c 'a "$@"' _ b`, "sh: a $@"},
		{"parts", `sh -c 'a '"b"' c'`, "sh: a b c"},
		{"a variable of the outer shell", `sh -c "a $B \$C"`, "sh mixed: a $B $C"},
		{"a substitution of the outer shell", `sh -c "a $(b) c"`, "b; sh mixed: a $(b) c"},
		{"a continuation", "sh -c 'a && \\\n  b \\\n# c\n c'", "sh: a; b c"},
		{"env", `env A=1 sh -c 'a'`, "sh: a"},
		{"sudo and env", `sudo -u x env A=1 bash -c 'a'`, "bash: a"},
		{"xargs", `a | xargs -n1 sh -c 'b $0'`, "sh: b $0"},
		{"find", `find . -exec sh -c 'a "$1"' _ {} \;`, "sh: a $1"},
		{"busybox", `busybox sh -c 'a'`, "sh: a"},
		{"eval", `eval 'a b'`, "sh: a b"},
		{"su", `su x -c 'a b'`, "login-shell: a b"},
		{"su with a shell", `su - x -s /bin/bash -c 'a b'`, "bash: a b"},
		{"runuser", `runuser -l x -c 'a'`, "login-shell: a"},
		{"nested twice", `sh -c "su x -c 'a b'"`, "sh: su x -c a b; login-shell: a b"},
		{"a heredoc", "bash <<EOF\na b\n\\$c $d\nEOF\n", "bash mixed: a b; $c $d"},
		{"a heredoc before the shell", "<<EOF bash\na b\nEOF\n", "bash: a b"},
		{"a heredoc with tabs", "<<-EOF bash -e\n\ta b\n\tc\n\tEOF\n", "bash: a b; c"},
		{"a quoted heredoc", "bash <<'EOF'\na $b\nc\nEOF\n", "bash: a $b; c"},
		{"cat", "cat <<'EOF' | sh\na b\nEOF\n", "sh: a b"},
		{"cat and sudo", "cat <<'EOF' | sudo bash -s -- x\na b\nEOF\n", "bash: a b"},
		{"a heredoc for another command", "cat <<'EOF' > x && sh x\na b\nEOF\n", ""},
		{"a heredoc for a filter", "cat <<'EOF' | sed s/a/b/ | sh\na b\nEOF\n", ""},
		{"a heredoc for xargs", "xargs sh <<'EOF'\na b\nEOF\n", ""},
		{"a here string", `bash <<< 'a b'`, "bash: a b"},
		{"the exec form", `["sudo", "sh", "-c", "a \"b\" && c"]`, "sh: a b; c"},
		{"a script file", `sh x.sh -c 'a'`, ""},
		{"only a variable", `sh -c "$X"; eval "$(a)"`, "a"},
		{"another language", `python -c 'a'`, ""},
		{"a broken script", `sh -c 'a "'`, "sh error"},
		{"a broken script that is mixed", `sh -c "a \"$X"`, ""},
		{"nothing", `sh -c; su -c; eval; su x; bash`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, all := scripts("FROM a\nRUN " + c.run)
			var out []string
			seen := map[*shell.Script]bool{all[0]: true}
			for _, cmd := range all[0].Commands {
				name := ""
				if !seen[cmd.Script] {
					seen[cmd.Script] = true
					name = cmd.Script.Shell
					if cmd.Script.Mixed {
						name += " mixed"
					}
					name += ": "
				}
				switch {
				case cmd.Outer != nil && cmd.Outer.Script == cmd.Script, cmd.Script == all[0] && len(cmd.Words) != 1:
				case cmd.Script == all[0] && cmd.Name != "a" && cmd.Name != "b":
				case cmd.Script == all[0] && strings.Contains(c.run, "|"):
				default:
					var words []string
					for _, w := range cmd.Words {
						words = append(words, w.Text)
					}
					out = append(out, name+strings.Join(words, " "))
				}
			}
			for s := range all[0].All() {
				if s.Err != nil {
					out = append(out, s.Shell+" error")
				}
				check(t, file.Bytes, s)
			}
			if got := strings.Join(out, "; "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestNestedDepth holds that scripts inside scripts do not cost more with each level.
func TestNestedDepth(t *testing.T) {
	var b strings.Builder
	b.WriteString("FROM a\nRUN ")
	for i := range 200 {
		fmt.Fprintf(&b, "sh <<'E%d'\n", i)
	}
	b.WriteString("a\n")
	for i := range 200 {
		fmt.Fprintf(&b, "E%d\n", 199-i)
	}
	_, all := scripts(b.String())
	if n := len(slices.Collect(all[0].All())); n < 5 || n > 20 {
		t.Errorf("%d scripts were read", n)
	}
}

// TestAccepts holds that an edit does not insert what would end the quotes around a script.
func TestAccepts(t *testing.T) {
	for _, c := range []struct{ run, yes, no string }{
		{`a`, `"'$`, ""},
		{`sh -c 'a'`, `"$`, "'"},
		{`sh -c "a"`, "'", `"$` + "`"},
		{"sh <<E\na\nE\n", `"'`, "$`"},
		{"sh <<'E'\na\nE\n", "\"'$`", ""},
		{`sh -c "su x -c 'a'"`, " ", `"'$`},
		{`["sh", "-c", "a"]`, "'$", `"`},
	} {
		_, all := scripts("FROM a\nRUN " + c.run)
		scripts := slices.Collect(all[0].All())
		s := scripts[len(scripts)-1]
		for _, text := range c.yes {
			if !s.Accepts(string(text)) {
				t.Errorf("%s does not accept %q", c.run, text)
			}
		}
		for _, text := range c.no {
			if s.Accepts(string(text)) {
				t.Errorf("%s accepts %q", c.run, text)
			}
		}
	}
}
