package security

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// SetuidBit reports a chmod that makes a program run as its owner, whoever starts it. It is silent about the setgid bit,
// which directories have so that files keep their group, and about programs that distributions install that way. It has
// a doubt unless the program runs any command that it is given.
var SetuidBit = &lint.Rule{
	Name: "setuid-bit", Category: lint.Security,
	Summary: "a program gets the setuid bit, so every user runs it as its owner",
	Aliases: []string{"CIS-DI-0008"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		mode, files := modeOf(c)
		if !setsUID(mode.Text) || len(files) == 0 || !slices.ContainsFunc(files, func(w shell.Word) bool {
			return !slices.Contains(usualSetuid[:], path.Base(w.Text))
		}) {
			return
		}
		f := p.Report(mode.Span, "`chmod %s` sets the setuid bit of `%s`", mode.Text, path.Base(files[0].Text)).
			Because("whoever starts the program gets the rights of its owner, usually root, so a vulnerability in the program can make any user root").
			Advise("do not set the bit; if the program needs a privilege, grant that capability with `setcap`").
			Alias("CIS-DI-0008")
		i := slices.IndexFunc(files, func(w shell.Word) bool { return slices.Contains(launchers[:], path.Base(w.Text)) })
		if i >= 0 {
			f.Advise("do not set the bit; start the container as root and let the entrypoint script switch to another user")
		}
		switch {
		case i < 0:
			f.Doubting("the program may be designed to have the bit")
		case path.Base(files[i].Text) == "gosu":
			f.Because("`gosu` before 1.14 then lets every user in the container become root, and later versions refuse to run")
		default:
			f.Because("`%s` runs any command, so every user in the container can run commands as its owner, usually root",
				path.Base(files[i].Text))
		}
	}, "chmod"),
}

// setsUID reports whether a mode sets the setuid bit.
func setsUID(mode string) bool {
	if mode == "" {
		return false
	}
	if strings.Trim(mode, "01234567") == "" {
		mode = strings.TrimLeft(mode, "0")
		return len(mode) == 4 && (mode[0]-'0')&4 != 0
	}
	for _, clause := range strings.Split(mode, ",") {
		i := strings.IndexAny(clause, "+=")
		if i >= 0 && strings.Trim(clause[:i], "ugoa") == "" && strings.Trim(clause[i:], "+=rwxXst") == "" &&
			strings.Contains(clause[i:], "s") && (i == 0 || strings.ContainsAny(clause[:i], "ua")) {
			return true
		}
	}
	return false
}

// usualSetuid are programs that distributions install with the bit.
var usualSetuid = [...]string{
	"sudo", "su", "ping", "ping6", "mount", "umount", "passwd", "newuidmap", "newgidmap", "fusermount", "fusermount3",
	"bwrap", "chrome-sandbox", "pkexec", "chsh", "chfn", "gpasswd", "newgrp",
}

// launchers run any command that they are given.
var launchers = [...]string{
	"gosu", "su-exec", "setpriv", "chroot", "env", "nsenter", "unshare", "sh", "bash", "dash", "zsh", "busybox", "python3",
	"python", "perl", "node", "find", "vim", "vi", "nice", "timeout", "xargs",
}
