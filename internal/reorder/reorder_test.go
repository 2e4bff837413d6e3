package reorder_test

import (
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/reorder"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestCandidates(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      string // of the only candidate; "" for none
	}{
		{
			"an argument that is used late",
			"FROM b\n# about\nARG REV\nRUN go mod download\n# why\nRUN go build $REV\n",
			"FROM b\nRUN go mod download\n# about\nARG REV\n# why\nRUN go build $REV\n",
		},
		{"one that is used first", "FROM b\nARG REV\nENV R=$REV\nRUN go mod download\n", ""},
		{"one that is used at once", "FROM b\nARG REV\nRUN go build $REV\nRUN x\n", ""},
		{"one that does not change", "FROM b\nARG OTHER\nRUN go mod download\nRUN go build $OTHER\n", ""},
		{"one that a program may read", "FROM b\nARG REV\nRUN go build\n", ""},
		{
			"one that no program reads",
			"FROM b\nARG REV\nRUN apk add curl && mkdir /x\nUSER 1\nFROM c\nCOPY --from=0 /x /x\n",
			"FROM b\nRUN apk add curl && mkdir /x\nUSER 1\nARG REV\nFROM c\nCOPY --from=0 /x /x\n",
		},
		{
			"packages after a copy",
			"FROM b\nWORKDIR /app\nCOPY . .\n# tools\nRUN apt-get update && \\\n  apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nRUN x\n",
			"FROM b\nWORKDIR /app\n# tools\nRUN apt-get update && \\\n  apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nCOPY . .\nRUN x\n",
		},
		{"packages after a copy to a directory of the system", "FROM b\nCOPY apt.list /etc/apt/sources.list.d/\nRUN apt-get install -y curl\nRUN x\n", ""},
		{"packages and something else", "FROM b\nCOPY . /app\nRUN apt-get install -y curl && make -C /app\nRUN x\n", ""},
		{"a package of the copy", "FROM b\nCOPY . /app\nRUN apt-get install -y /app/x.deb\nRUN x\n", ""},
		{
			"tools of a language after a copy and the application's installation",
			"FROM b\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN npm install -g turbo && npm cache clean --force\nRUN x\n",
			"FROM b\nWORKDIR /app\nRUN npm install -g turbo && npm cache clean --force\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN x\n",
		},
		{"tools of the application", "FROM b\nCOPY . /app\nRUN npm install turbo\nRUN x\n", ""},
		{"an installation of the application", "FROM b\nCOPY . /app\nRUN npm install --production\nRUN x\n", ""},
		{"wheels of the application", "FROM b\nCOPY . /app\nRUN pip install --find-links=/app/wheels a\nRUN x\n", ""},
		{
			"tools after a variable",
			"FROM b\nCOPY a /project/\nCOPY --chown=1 b /project/\n# why\nENV A=1\nENV B=$A\nRUN npm install -g turbo\nRUN x\n",
			"FROM b\n# why\nENV A=1\nENV B=$A\nRUN npm install -g turbo\nCOPY a /project/\nCOPY --chown=1 b /project/\nRUN x\n",
		},
		{
			"tools after a variable and a copy that uses it",
			"FROM b\nCOPY $A /project/\nCOPY b /project/\nENV A=1\nRUN npm install -g turbo\nRUN x\n",
			"FROM b\nCOPY $A /project/\nENV A=1\nRUN npm install -g turbo\nCOPY b /project/\nRUN x\n",
		},
		{"tools after a variable and an installation", "FROM b\nCOPY . /app\nRUN npm ci\nENV A=1\nRUN npm install -g turbo\nRUN x\n", ""},
		{"packages after a variable that follows nothing", "FROM b\nRUN x\nENV A=1\nRUN apt-get install -y curl\n", ""},
		{
			"packages after a copy to /tmp", "FROM b\nCOPY a /tmp\nRUN apt-get install -y curl\nRUN x\n",
			"FROM b\nRUN apt-get install -y curl\nCOPY a /tmp\nRUN x\n",
		},
		{"tools of a manager that is copied", "FROM b\nENV PATH=/venv/bin:$PATH\nCOPY --from=c /venv /venv\nRUN pip install tox\nRUN x\n", ""},
		{"tools of a manager whose directory is set after it is copied", "FROM b\nCOPY --from=c /venv /venv\nENV V=/venv/bin\nRUN pip install tox\nRUN x\n", ""},
		{"tools after settings in a home", "FROM b\nCOPY . /home/node\nRUN npm install -g turbo\nRUN x\n", ""},
		{"packages that empty /tmp", "FROM b\nCOPY a /tmp\nRUN apt-get install -y curl && rm -rf /tmp/*\nRUN x\n", ""},
		{"packages after a copy to the root", "FROM b\nCOPY a /\nRUN apt-get install -y curl\nRUN x\n", ""},
		{"packages after a copy to the tools of Go", "FROM b\nCOPY a /go/bin/\nRUN apt-get install -y curl\nRUN x\n", ""},
		{"packages after an installation", "FROM b\nCOPY . /app\nRUN npm ci\nRUN apt-get install -y curl\nRUN x\n", ""},
		{
			"what works on its own copy",
			"FROM b\nCOPY --from=c /app /app\n# why\nCOPY start /start\nRUN sed -i 's/a/b/' /start\nRUN chmod +x /start\nRUN x\n",
			"FROM b\n# why\nCOPY start /start\nRUN sed -i 's/a/b/' /start\nCOPY --from=c /app /app\nRUN chmod +x /start\nRUN x\n\n" +
				"FROM b\n# why\nCOPY start /start\nRUN sed -i 's/a/b/' /start\nRUN chmod +x /start\nCOPY --from=c /app /app\nRUN x\n",
		},
		{
			"a directory for data and a user",
			"FROM b\nCOPY . /app\nRUN useradd -d /data u && mkdir -p /data && chown u /data\nRUN x\n",
			"FROM b\nRUN useradd -d /data u && mkdir -p /data && chown u /data\nCOPY . /app\nRUN x\n",
		},
		{"a directory in what is copied", "FROM b\nWORKDIR /app\nCOPY . .\nRUN mkdir -p data\nRUN x\n", ""},
		{"a directory after a command that may read it", "FROM b\nCOPY . /app\nRUN make -C /app\nRUN mkdir /data\nRUN x\n", ""},
		{"a directory as another user", "FROM b\nCOPY . /app\nUSER u\nRUN mkdir /data/x\nRUN x\n", ""},
		{"a directory whose name is not known", "FROM b\nCOPY . /app\nRUN mkdir $DIR\nRUN x\n", ""},
		{"a program that is copied", "FROM b\nENV PATH=/app/bin:$PATH\nCOPY . /app\nRUN mkdir /data\nRUN x\n", ""},
		{"what is written elsewhere", "FROM b\nCOPY . /app\nRUN mkdir /data > /app/log\nRUN x\n", ""},
		{"packages as another user", "FROM b\nCOPY . /app\nUSER root\nRUN apt-get install -y curl\nRUN x\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan.New(parser.Parse("Dockerfile", []byte(c.src)), plan.Options{})
			var got []string
			for _, x := range reorder.Candidates(p, nil, nil, []string{"REV"}) {
				got = append(got, string(x.Source))
			}
			if all := strings.Join(got, "\n"); all != c.want {
				t.Errorf("got\n%s", all)
			}
		})
	}
}
