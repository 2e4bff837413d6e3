package frontend

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// gitSource is what a source of ADD says about a git repository.
type gitSource struct {
	local    bool // github.com/…, which ADD takes for a file
	ref      string
	subdir   string
	checksum string
	keep     *bool
}

var (
	urlScheme = lazy.Regexp{Expr: `^[a-zA-Z0-9]+://`}
	scpStyle  = lazy.Regexp{Expr: `^([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):(.*?)(?:\?(.*?))?(?:#(.*))?$`}
)

// parseGit repeats dfgitutil.ParseGitRef, whose package links an SSH client. The error is only set for a git repository.
func parseGit(src string) (git gitSource, isGit bool, err error) {
	if !strings.ContainsAny(src, ":@") && !strings.HasPrefix(src, "github.com/") || strings.HasPrefix(src, "./") || strings.HasPrefix(src, "../") {
		return git, false, nil
	}
	var query url.Values
	var fragment string
	scheme := urlScheme.Get().FindString(src)
	switch {
	case strings.HasPrefix(src, "github.com/") || scheme != "":
		switch strings.ToLower(scheme) {
		case "", "http://", "https://", "ssh://", "git://":
		default:
			return git, false, nil
		}
		u, err := url.Parse(src)
		if err != nil || (u.Scheme == "http" || u.Scheme == "https") && !strings.HasSuffix(u.Path, ".git") {
			return git, false, nil //nolint:nilerr // BuildKit then takes it for a file or a download
		}
		git.local = scheme == ""
		query, fragment = u.Query(), u.Fragment
	default:
		m := scpStyle.Get().FindStringSubmatch(src)
		if m == nil {
			return git, false, nil
		}
		if query, err = url.ParseQuery(m[4]); err != nil {
			return git, false, nil //nolint:nilerr // BuildKit then takes it for a file
		}
		fragment = m[5]
	}
	var subdir string
	git.ref, subdir, _ = strings.Cut(fragment, ":")
	git.subdir = strings.TrimPrefix(path.Join("/", subdir), "/")
	return git, true, git.query(query)
}

// query repeats GitRef.loadQuery. Keys are taken in order, where BuildKit takes any.
func (g *gitSource) query(query url.Values) error {
	var tag, branch string
	keys := make([]string, 0, len(query))
	for key := range query {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		values := query[key]
		if len(values) > 1 {
			return fmt.Errorf("`%s` is given %d times", key, len(values))
		}
		value := values[0]
		flag := key == "submodules" || key == "keep-git-dir" || key == "fetch-by-commit"
		if value == "" && !flag {
			return fmt.Errorf("`%s` has no value", key)
		}
		if flag && value == "" {
			value = "true"
		}
		on, boolErr := strconv.ParseBool(value)
		switch {
		case flag && boolErr != nil:
			return fmt.Errorf("`%s=%s` is neither true nor false", key, value)
		case key == "keep-git-dir":
			g.keep = &on
		case flag:
		case key == "ref" && g.ref != "" && g.ref != value:
			return fmt.Errorf("`ref=%s` contradicts `#%s`", value, g.ref)
		case key == "ref":
			g.ref = value
		case key == "subdir" && g.subdir != "" && g.subdir != value:
			return fmt.Errorf("`subdir=%s` contradicts `:%s`", value, g.subdir)
		case key == "subdir":
			g.subdir = value
		case key == "tag":
			tag = "refs/tags/" + strings.TrimPrefix(value, "refs/tags/")
		case key == "branch":
			branch = "refs/heads/" + strings.TrimPrefix(value, "refs/heads/")
		case key == "checksum", key == "commit":
			g.checksum = value
		case key == "mtime" && value != "checkout" && value != "commit":
			return fmt.Errorf("`mtime=%s` is neither `checkout` nor `commit`", value)
		case key == "mtime":
		default:
			return fmt.Errorf("git sources have no parameter `%s`", key)
		}
	}
	switch {
	case tag != "" && branch != "":
		return errors.New("`tag` and `branch` cannot be combined")
	case g.ref != "" && tag != "" && g.ref != tag, g.ref != "" && branch != "" && g.ref != branch:
		return fmt.Errorf("`%s` contradicts `%s`", tag+branch, g.ref)
	}
	return nil
}
