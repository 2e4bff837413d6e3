package download_test

import (
	"testing"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

func TestOf(t *testing.T) {
	for line, want := range map[string]struct {
		url, output, insecure, login string
	}{
		"curl -fsSLk -o a https://host.example/a":             {"https://host.example/a", "a", "-fsSLk", ""},
		"curl -oa --insecure $BASE/a":                         {"https://host.example/a", "a", "--insecure", ""},
		"curl -Hk --url https://host.example/a -u bot:$TOKEN": {"https://host.example/a", "", "", "bot:$TOKEN"},
		"curl --proto =https --retry 3 --user=a:b $URL":       {"$URL", "", "", "a:b"},
		"wget -qO- --no-check-certificate https://[::1]/a":    {"https://[::1]/a", "-", "--no-check-certificate", ""},
		"wget -k -P /opt --password b https://host.example/a": {"https://host.example/a", "", "", "b"},
	} {
		file := parser.Parse("Dockerfile", []byte("FROM debian:13\nENV BASE=https://host.example\nRUN "+line+"\n"))
		steps := plan.New(file, plan.Options{}).Stages[0].Steps
		d := download.Of(shell.Read(steps[len(steps)-1]).Commands[0])
		text := func(w *shell.Word) string {
			if w == nil {
				return ""
			}
			return w.Text
		}
		if len(d.URLs) != 1 || d.URLs[0] != want.url || d.Output != want.output || text(d.Insecure) != want.insecure ||
			text(d.Login) != want.login {
			t.Errorf("%s: %q %q %q %q", line, d.URLs, d.Output, text(d.Insecure), text(d.Login))
		}
	}
}

func TestHost(t *testing.T) {
	for url, want := range map[string]struct {
		host         string
		own, private bool
	}{
		"https://localhost:8443/a":        {"localhost", true, true},
		"https://[::1]:80/":               {"::1", true, true},
		"http://user:pw@10.0.0.5:80/a?b":  {"10.0.0.5", false, true},
		"mirror.corp":                     {"mirror.corp", false, true},
		"https://Host.example/localhost?": {"host.example", false, false},
	} {
		host := download.Host(url)
		if host != want.host || download.Own(url) != want.own || download.Private(host) != want.private {
			t.Errorf("%s: %q %v %v", url, host, download.Own(url), download.Private(host))
		}
	}
}
