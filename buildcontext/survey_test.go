package buildcontext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/buildcontext"
)

func TestSurvey(t *testing.T) {
	c := open(t, files("a=12345", "b/c=1", "b/d=22", "n/e=333", "n/f/g=4444", ".dockerignore=n\n!n/e\nb/c"))
	told := 0
	root, cut, err := c.Survey(func(n int) { told = n })
	if cut || err != nil || told != 6 {
		t.Errorf("%v %v, told of %d files", cut, err, told)
	}
	var got []string
	var walk func(p *buildcontext.Part)
	walk = func(p *buildcontext.Part) {
		line := fmt.Sprintf("%s %d/%d %d/%d", p.Name, p.Sent.Files, p.Sent.Bytes, p.Kept.Files, p.Kept.Bytes)
		if p.By != nil {
			line += " by " + p.By.Text
		}
		got = append(got, line)
		for _, b := range p.Below {
			walk(b)
		}
	}
	walk(root)
	want := `. 4/20 2/5
.dockerignore 1/10 0/0
a 1/5 0/0
n 1/3 1/4
n/e 1/3 0/0
n/f 0/0 1/4 by n
n/f/g 0/0 1/4
b 1/2 1/1
b/d 1/2 0/0
b/c 0/0 1/1 by b/c`
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Error(diff)
	}
}
