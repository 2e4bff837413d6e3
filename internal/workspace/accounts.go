package workspace

import (
	"path/filepath"
	"slices"
	"strings"
)

// maxGitConfig bounds how much of the configuration of a repository is read, in bytes.
const maxGitConfig = 64 << 10

// accountsOf are the accounts that the remotes of the repository around the file called name belong to, in lower case. They
// are read from its `.git/config`, so a submodule and a linked work tree have none. The name "" has none.
func (r reader) accountsOf(name string) []string {
	if name == "" {
		return nil
	}
	root := r.root(filepath.Dir(r.abs(name)))
	return r.accounts.get(root, r, func(r reader) (out []string) {
		data, err := r.readFile(filepath.Join(root, ".git", "config"), maxGitConfig)
		if err != nil {
			return nil
		}
		remote := false
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			key, value, ok := strings.Cut(line, "=")
			switch {
			case strings.HasPrefix(line, "["):
				remote = strings.HasPrefix(line, "[remote ")
			case remote && ok && strings.TrimSpace(key) == "url":
				if a := account(strings.TrimSpace(value)); a != "" && !slices.Contains(out, a) {
					out = append(out, a)
				}
			}
		}
		return out
	})
}

// account is the account in the address of a git repository, in lower case: `example` in https://host/example/app and in
// git@host:example/app. It is "" for another address.
func account(url string) string {
	host, path, ok := strings.Cut(url, ":")
	if _, rest, has := strings.Cut(url, "://"); has {
		host, path, ok = strings.Cut(rest, "/")
	}
	name, _, below := strings.Cut(path, "/")
	if !ok || !below || name == "" || strings.ContainsAny(host, `/\`) || !strings.Contains(host, ".") {
		return ""
	}
	return strings.ToLower(name)
}
