package outside

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// gitTime bounds how long git may take.
const gitTime = 20 * time.Second

// TrackedAndIgnored are the files below dir, relative to it, that git tracks although a .gitignore names them. The
// settings of the repository start no program: hooks and monitors are off, nothing is fetched and nothing is written.
func TrackedAndIgnored(dir string) ([]string, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is not installed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), gitTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, git, "--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath="+os.DevNull,
		"-c", "core.untrackedCache=false", "-c", "protocol.allow=never", "ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(name, "GIT_")
	})
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		why, _, _ := strings.Cut(errs.String(), "\n")
		if why = strings.TrimPrefix(why, "fatal: "); why == "" {
			why = err.Error()
		}
		return nil, fmt.Errorf("git ls-files: %s", why)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }), nil
}
