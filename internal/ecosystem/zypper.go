package ecosystem

// zypper is openSUSE's package manager. Source: zypper(8).
var zypper = Manager{
	Name: "zypper", Family: Zypper, System: true,
	Command: Command{
		Verbs: Verbs{
			Install: "install in source-install si", Refresh: "refresh ref", Upgrade: "update up patch dist-upgrade dup",
			Remove: "remove rm", Clean: "clean cc",
		},
		Valued: []string{
			"-r", "--repo", "--from", "-t", "--type", "--download", "--solver-focus", "--root", "--installroot", "--config",
			"--reposd-dir", "--cache-dir", "--raw-cache-dir", "--solv-cache-dir", "--pkg-cache-dir", "--userdata",
			"--plus-repo", "--plus-content", "--releasever", "--table-style",
		},
		Global:   []string{"-R", "-c", "-D", "-C", "-p", "-s"},
		Clusters: true, Version: "=><",
	},
	Requires: "dnf repoquery --requires ",
	Layer:    &Layer{Dirs: []string{"/var/cache/zypp"}, Cleanup: "clean --all", Cleaners: []string{"zypper"}},
	Prompt: &Prompt{
		Verbs:    "install in remove rm source-install si patch update up dist-upgrade dup",
		Switches: []string{"-n", "--non-interactive", "-y", "--no-confirm", "--dry-run", "-D"},
		Flag:     "--non-interactive", First: true, // not every command has an option for it
	},
}
