package shell_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// TestWindows holds the commands that are read out of cmd and PowerShell, and their places.
func TestWindows(t *testing.T) {
	for _, c := range []struct{ shell, body, want string }{
		{`["cmd", "/S", "/C"]`, `pip install a && del "a b.txt"`, "pip: pip install a|del: del a b.txt"},
		{`["cmd", "/S", "/C"]`, `C:\tools\npm.cmd i x > log.txt & exit 0`, `npm: C:\tools\npm.cmd i x|exit: exit 0`},
		{
			`["powershell", "-Command"]`,
			`$x = 1; if ($x) { choco install 'a b' -y } | Out-Null`,
			": $x = 1|if: if|: $x|choco: choco install a b -y|out-null: Out-Null",
		},
		{`["pwsh"]`, `iwr "unclosed`, `iwr: iwr unclosed`},
		{`["python", "-c"]`, `print(1)`, ""},
	} {
		f := parser.Parse("Dockerfile", []byte("FROM scratch\nSHELL "+c.shell+"\nRUN "+c.body+"\n"))
		steps := plan.New(f, plan.Options{}).Stages[0].Steps
		var got []string
		for _, cmd := range shell.Read(steps[1]).Commands {
			var words []string
			for _, w := range cmd.Words {
				words = append(words, w.Text)
				if text := strings.NewReplacer(`"`, "", "'", "").Replace(f.Text(w.Span)); text != w.Text {
					t.Errorf("%s: word %q is at %q", c.body, w.Text, text)
				}
			}
			got = append(got, cmd.Name+": "+strings.Join(words, " "))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.body, diff)
		}
	}
}

// TestCallsOfNote holds where the version of an rpm package begins, and how modules, groups and smoke tests are read.
func TestCallsOfNote(t *testing.T) {
	for body, want := range map[string]string{
		"yum install httpd-2.4.58-1.el9 java-17-openjdk a-1:2": "install httpd@2.4.58-1.el9 java-17-openjdk@ a@1:2",
		"dnf module install nodejs:18":                         "install nodejs:18@",
		"dnf group install x":                                  "install x@",
		"yarn --version":                                       "",
		"apt-get install --snapshot 2026 curl":                 "install curl@",
	} {
		f := parser.Parse("Dockerfile", []byte("FROM scratch\nRUN "+body+"\n"))
		call := shell.Read(plan.New(f, plan.Options{}).Stages[0].Steps[0]).Calls()[0]
		got := call.Verb.Text
		for _, p := range call.Packages {
			got += " " + p.Name + "@" + p.Version
		}
		if call.Action == shell.Install != (want != "") || got != want {
			t.Errorf("%s: got %q, action %d", body, got, call.Action)
		}
	}
}
