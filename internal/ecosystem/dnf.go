package ecosystem

// yum, dnf, microdnf and tdnf install RPM packages. Sources: yum(8), dnf(8),
// https://dnf.readthedocs.io/en/latest/command_ref.html, https://dnf5.readthedocs.io/en/stable/dnf5.8.html,
// https://github.com/rpm-software-management/microdnf and https://github.com/vmware/tdnf.
var (
	yum = Manager{
		Name: "yum", Family: Yum, System: true,
		Command: Command{
			Verbs: Verbs{
				Install: "install localinstall groupinstall reinstall", Refresh: "makecache", Upgrade: "update upgrade",
				Remove: "remove erase autoremove", Clean: "clean",
			},
			Prefixes: rpmPrefixes, Valued: rpmValued, Clusters: true, DashVersion: true,
		},
		Requires: "dnf repoquery --requires ",
		Layer: &Layer{
			Dirs:    []string{"/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"},
			Cleanup: "clean all", Cleaners: []string{"yum", "dnf", "microdnf"},
		},
		Prompt: &Prompt{
			Verbs:    "install groupinstall localinstall reinstall update upgrade remove erase autoremove",
			Switches: rpmYes, Flag: "-y",
		},
	}
	dnf = Manager{
		Name: "dnf", Aliases: []string{"dnf5", "dnf-3"}, Family: Dnf, System: true,
		Command: Command{
			Verbs: Verbs{
				Install: "install in localinstall groupinstall reinstall rei", Refresh: "makecache",
				Upgrade: "update upgrade up upgrade-minimal up-min", Remove: "remove autoremove", Clean: "clean",
			},
			Prefixes: rpmPrefixes, Valued: rpmValued, Clusters: true, DashVersion: true,
		},
		Requires: "dnf repoquery --requires ",
		Layer:    &dnfLayer,
		Prompt:   &Prompt{Verbs: dnfPrompts, Switches: rpmYes, Flag: "-y"},
		Hadolint: Hadolint{Unseen: []string{"dnf5", "dnf-3"}},
	}
	microdnf = Manager{
		Name: "microdnf", Family: Dnf, System: true,
		Command: Command{
			Verbs: Verbs{
				Install: "install reinstall", Refresh: "makecache", Upgrade: "update upgrade", Remove: "remove", Clean: "clean",
			},
			Prefixes: rpmPrefixes, Valued: rpmValued, Clusters: true, DashVersion: true,
		},
		Requires: "dnf repoquery --requires ",
		Layer:    &dnfLayer,
		Prompt: &Prompt{
			Verbs: dnfPrompts, Switches: rpmYes, Flag: "-y", Doubt: "most releases of microdnf do not prompt",
		},
	}
	tdnf = Manager{
		Name: "tdnf", Family: Dnf, System: true,
		Command: Command{
			Verbs: Verbs{
				Install: "install", Refresh: "makecache", Upgrade: "update upgrade", Remove: "remove erase", Clean: "clean",
			},
			Prefixes: rpmPrefixes, Valued: rpmValued, Clusters: true, DashVersion: true,
		},
		Requires: "dnf repoquery --requires ",
		Layer:    &dnfLayer,
		Prompt:   &Prompt{Verbs: dnfPrompts, Switches: rpmYes, Flag: "-y"},
		Hadolint: Hadolint{Unseen: []string{"tdnf"}},
	}
)

const dnfPrompts = "install groupinstall localinstall in reinstall rei update upgrade up remove erase autoremove"

var (
	rpmPrefixes = []string{"module", "group"}
	rpmValued   = []string{
		"-c", "--config", "-d", "--debuglevel", "-e", "--errorlevel", "--rpmverbosity", "-x", "--exclude", "--excludepkgs",
		"-R", "--randomwait", "--enablerepo", "--disablerepo", "--enable-repo", "--disable-repo", "--repo", "--repoid",
		"--from-repo", "--repofrompath", "--enableplugin", "--disableplugin", "--enable-plugin", "--disable-plugin",
		"--disableexcludes", "--disableexcludepkgs", "--installroot", "--releasever", "--setopt", "--setvar", "--forcearch",
		"--arch", "--archlist", "--downloaddir", "--destdir", "--color", "--comment", "--advisory", "--advisories",
		"--bz", "--bzs", "--cve", "--cves", "--sec-severity", "--secseverity", "--advisory-severities", "--rpmdefine",
	}
	rpmYes   = []string{"-y", "--assumeyes", "--assumeno"}
	dnfLayer = Layer{
		Dirs:    []string{"/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf"},
		Cleanup: "clean all", Cleaners: []string{"yum", "dnf", "microdnf", "tdnf"},
	}
)
