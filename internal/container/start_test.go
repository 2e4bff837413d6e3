package container

import (
	"strings"
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

func TestStart(t *testing.T) {
	tests := []struct {
		name, src, want string
		unread          bool
	}{
		{"nothing", "FROM a\n", "", false},
		{"exec form", "FROM a\nCMD [\"python\", \"app.py\"]\n", "python app.py", false},
		{"shell form", "FROM a\nCMD cd /x && exec gunicorn app:app\n", "cd /x|exec gunicorn app:app|gunicorn app:app", false},
		{"shell in exec form", "FROM a\nCMD [\"sh\", \"-c\", \"A=b node x.js\"]\n", "node x.js", false},
		{"joined", "FROM a\nENTRYPOINT [\"python\"]\nCMD [\"app.py\"]\n", "python app.py", false},
		{
			"init", "FROM a\nENTRYPOINT [\"tini\", \"--\"]\nCMD [\"npm\", \"run\", \"dev\"]\n",
			"tini -- npm run dev|npm run dev", false,
		},
		{"init before a shell", "FROM a\nENTRYPOINT [\"tini\", \"--\"]\nCMD npm start\n", "npm start", false},
		{"script", "FROM a\nENTRYPOINT [\"/start.sh\"]\nCMD [\"node\", \"x\"]\n", "/start.sh|node x", true},
		{"shell-form entrypoint", "FROM a\nENTRYPOINT node x\nCMD [\"y\"]\n", "node x", false},
		{"empty array", "FROM a\nENTRYPOINT []\nCMD [\"y\"]\n", "y", false},
		{"does not parse", "FROM a\nCMD if x; then\n", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(plan.New(parser.Parse("Dockerfile", []byte(tt.src)), plan.Options{}).Target, shell.ReadCommand)
			var got []string
			for _, c := range s.Commands {
				var words []string
				for _, w := range c.Words {
					words = append(words, w.Text)
				}
				got = append(got, strings.Join(words, " "))
			}
			if strings.Join(got, "|") != tt.want || s.Unread != tt.unread {
				t.Errorf("got %q, unread %v; want %q, %v", got, s.Unread, tt.want, tt.unread)
			}
		})
	}
}
