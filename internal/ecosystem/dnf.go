package ecosystem

// yum, dnf, microdnf and tdnf install RPM packages. Sources: yum(8), dnf(8),
// https://github.com/rpm-software-management/microdnf and https://github.com/vmware/tdnf.
func yum() *Manager {
	m := rpm("yum", Yum)
	m.Verbs = Verbs{
		Install: "install localinstall groupinstall reinstall", Refresh: "makecache", Upgrade: "update upgrade",
		Remove: "remove erase autoremove", Clean: "clean",
	}
	m.Layer.Dirs = []string{"/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"}
	m.Layer.Cleaners = []string{"yum", "dnf", "microdnf"}
	m.Prompt.Verbs = "install groupinstall localinstall reinstall update upgrade remove erase autoremove"
	return m
}

func dnf() *Manager {
	m := rpm("dnf", Dnf)
	m.Aliases = []string{"dnf5", "dnf-3"}
	m.Verbs = Verbs{
		Install: "install in localinstall groupinstall reinstall rei", Refresh: "makecache",
		Upgrade: "update upgrade up upgrade-minimal up-min", Remove: "remove autoremove", Clean: "clean",
	}
	m.Hadolint.Unseen = m.Aliases
	return m
}

func microdnf() *Manager {
	m := rpm("microdnf", Dnf)
	m.Verbs = Verbs{
		Install: "install reinstall", Refresh: "makecache", Upgrade: "update upgrade", Remove: "remove",
		Clean: "clean",
	}
	m.Prompt.Doubt = "most releases of microdnf do not prompt"
	return m
}

func tdnf() *Manager {
	m := rpm("tdnf", Dnf)
	m.Verbs = Verbs{
		Install: "install", Refresh: "makecache", Upgrade: "update upgrade", Remove: "remove erase",
		Clean: "clean",
	}
	m.Hadolint.Unseen = []string{"tdnf"}
	return m
}

// rpm is what they share: `module` and `group` come before another verb.
func rpm(name string, family Family) *Manager {
	return &Manager{
		Name: name, Family: family, System: true,
		Command: Command{
			Prefixes: []string{"module", "group"},
			Valued: []string{
				"-c", "-d", "-e", "-x", "--exclude", "--enablerepo", "--disablerepo", "--installroot", "--releasever", "--setopt",
				"--repo",
				"--repoid",
			},
			DashVersion: true,
		},
		Requires: "dnf repoquery --requires ",
		Layer: &Layer{
			Dirs:    []string{"/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf"},
			Cleanup: "clean all", Cleaners: []string{"yum", "dnf", "microdnf", "tdnf"},
		},
		Prompt: &Prompt{
			Verbs:    "install groupinstall localinstall in reinstall rei update upgrade up remove erase autoremove",
			Switches: []string{"-y", "--assumeyes", "--assumeno"}, Flag: "-y",
		},
	}
}
