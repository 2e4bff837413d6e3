package workspace

import (
	"slices"
	"testing"
)

func TestAccounts(t *testing.T) {
	w := tree(t, map[string]string{
		"web/Dockerfile": "FROM a\n",
		".git/config": "[core]\n\turl = https://host.example/no/remote\n[remote \"origin\"]\n\turl = git@host.example:Team/app.git\n" +
			"\tfetch = +refs/heads/*:refs/remotes/origin/*\n[remote \"upstream\"]\n\turl = https://host.example/example/app\n",
	})
	if got := load(t, w, "web/Dockerfile").Builds[0].Lint().Accounts; !slices.Equal(got, []string{"team", "example"}) {
		t.Errorf("%q", got)
	}
	if got := load(t, tree(t, map[string]string{"Dockerfile": "FROM a\n"}), "Dockerfile").Builds[0].Accounts; got != nil {
		t.Errorf("%q without a remote", got)
	}
}

func TestAccount(t *testing.T) {
	for url, want := range map[string]string{
		"https://github.com/Example-Org/app.git":           "example-org",
		"https://user:secret@git.example.com/team/sub/app": "team",
		"git@github.com:example/app.git":                   "example",
		"ssh://git@git.example.com:22/example/app":         "example",
		"https://git.example.com/app":                      "",
		"../app":                                           "",
		"/srv/git/example/app":                             "",
		`C:\\git\\app`:                                     "",
		"file:///srv/git/app":                              "",
	} {
		if got := account(url); got != want {
			t.Errorf("%s: %q", url, got)
		}
	}
}
