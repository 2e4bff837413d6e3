package reorder_test

import (
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/reorder"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		name, before, after string
		moved, mounted      int
		want                string
	}{
		{
			"a tool moves up and gets a mount",
			"FROM b\nCOPY a ./\nRUN npm i -g x\nRUN npm ci\n",
			"FROM b\nRUN --mount=type=cache,target=/c npm i -g x\nCOPY a ./\nRUN npm ci\n",
			1, 1,
			"`RUN npm i -g x` runs before `COPY a ./`\n`RUN npm i -g x` gets a cache mount\n" +
				"cache mounts need BuildKit, and start empty on a runner that is thrown away after the build",
		},
		{
			"manifests first",
			"FROM b\nCOPY . .\nRUN npm ci\nRUN make\n",
			"FROM b\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN make\n",
			1, 0,
			"`COPY package.json ./` is new\n`RUN npm ci` runs before `COPY . .`",
		},
		{
			"below three others",
			"FROM b\nCOPY a .\nCOPY b .\nCOPY c .\nRUN x\n",
			"FROM b\nRUN x\nCOPY a .\nCOPY b .\nCOPY c .\n",
			1, 0,
			"`RUN x` runs before `COPY a .`, `COPY b .` and 1 more",
		},
		{"the same", "FROM b\nCOPY a .\nRUN x\n", "FROM b\nCOPY a .\nRUN x\n", 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			of := func(src string) *plan.Plan { return plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{}) }
			d := reorder.Differences(of(c.before), of(c.after))
			if got := strings.Join(d.Clauses, "\n"); got != c.want || d.Moved != c.moved || d.Mounted != c.mounted {
				t.Errorf("%d moved, %d mounted\n%s", d.Moved, d.Mounted, got)
			}
		})
	}
}
