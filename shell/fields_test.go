package shell_test

import (
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	for _, c := range []struct {
		run, want string
		open      bool
	}{
		{"x -a 'b c' d", "-a/b c/d", false},
		{"x $FLAGS ${FLAGS} a", "-y/-q/-y/-q/a", false},
		{`x "$FLAGS" a`, "-y -q/a", false},
		{"x $NONE a", "$NONE/a", true},
		{"x $UNSET a", "$UNSET/a", true},
		{"x a=$NONE b-$FLAGS", "a=$NONE/b-$FLAGS", false},
		{"opts='-a -b'; x $opts", "-a/-b", false},
		{"opts=-a; if y; then opts=-b; fi; x $opts", "$opts", true},
		{"opts=-a; if y; then opts=-a; fi; x $opts", "-a", false},
		{"export opts=-a && x $opts", "-a", false},
		{"opts=$(y); x $opts", "$opts", true},
		{"FLAGS=-z; x $FLAGS", "-z", false},
		{`x "$@"`, "$@", true},
		{"x $(cat list)", "$(cat list)", false},
		{"x ${FLAGS:-a}", "${FLAGS:-a}", false},
		{"x $DOUBLE", "-y/-q/-y/-q", false},
	} {
		_, ss := scripts("FROM debian:13\nARG UNSET\nENV FLAGS=\"-y -q\"\nENV DOUBLE=\"$FLAGS ${FLAGS}\"\nRUN " + c.run)
		for _, cmd := range ss[0].Commands {
			if cmd.Name != "x" {
				continue
			}
			fields, open := cmd.Fields()
			if got := strings.Join(fields, "/"); got != c.want || open != c.open {
				t.Errorf("%s: got %q, open %v", c.run, got, open)
			}
		}
	}
}

func TestDeletes(t *testing.T) {
	for _, c := range []struct {
		run  string
		want bool
	}{
		{"rm -rf /var/lib/apt/lists", true},
		{"rm -rf /var/lib/apt/lists/", true},
		{"rm -rf /tmp/x /var/lib/apt/lists/*", true},
		{`rm -rf "/var/lib/apt/lists/"*`, true},
		{"rm -rf /var/lib/apt/lists/*.example_*", true},
		{"rm -rf /var/lib/apt", true},
		{"rm -rf /var/lib/apt/*", true},
		{"rm -rf /var/lib/apt/l[i]sts", true},
		{"rm -rf /var/*/apt/lists", true},
		{"rm -rf -- /var/lib/apt/lists/*", true},
		{"sudo rm -rf /var/lib/apt/lists/*", true},
		{"find /var/lib/apt/lists -type f -delete", true},
		{"find /tmp /var/lib/apt/lists -mindepth 1 -exec rm -r {} +", true},
		{"rm -rf /var/lib/{apt,dpkg}/lists", false}, // dash does not expand braces
		{"bash -c true; rm -rf /var/lib/apt/lists/partial", false},
		{"rm -rf /var/lib/apt/lists.d/*", false},
		{"rm -rf /var/lib/a.txt /*", false},
		{"rm -rf var/lib/apt/lists", false},
		{"rm -rf $X /var/cache/apt/*", false},
		{"find /var/lib/apt/lists -type f", false},
		{"find / -name '*.pyc' -delete", false},
		{"ls /var/lib/apt/lists", false},
	} {
		_, ss := scripts("FROM debian:13\nRUN " + c.run)
		got := false
		for _, cmd := range ss[0].Commands {
			got = got || cmd.Deletes("/var/lib/apt/lists")
		}
		if got != c.want {
			t.Errorf("%s: got %v", c.run, got)
		}
	}
	_, ss := scripts("FROM debian:13\nSHELL [\"/bin/bash\", \"-c\"]\nRUN rm -rf /var/lib/{apt,dpkg}/lists")
	if !ss[0].Commands[0].Deletes("/var/lib/apt/lists") {
		t.Error("bash expands braces")
	}
}
