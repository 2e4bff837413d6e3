package ecosystem

// aptGet, apt and aptitude are the front ends of Debian's package manager. Sources: apt-get(8), apt(8), aptitude(8),
// apt.conf(5).
var (
	aptGet = Manager{
		Name: "apt-get", Family: Apt, System: true,
		Command: Command{
			Verbs: Verbs{
				Install: "install build-dep", Refresh: "update", Upgrade: "upgrade dist-upgrade",
				Remove: "remove purge autoremove", Clean: "clean autoclean",
			},
			Valued: aptValued, Clusters: true, Version: "=",
		},
		NoRecommends: "--no-install-recommends", Requires: "apt-cache depends ", Caches: []*Cache{&aptCache},
	}
	apt = Manager{
		Name: "apt", Family: Apt, System: true,
		Command: Command{
			Verbs: Verbs{
				Install: "install", Refresh: "update", Upgrade: "upgrade full-upgrade", Remove: "remove purge autoremove",
				Clean: "clean",
			},
			Valued: aptValued, Clusters: true, Version: "=",
		},
		NoRecommends: "--no-install-recommends", Requires: "apt-cache depends ", Caches: []*Cache{&aptCache},
		Interactive: true,
		Hadolint:    Hadolint{Unseen: []string{"apt"}},
	}
	aptitude = Manager{
		Name: "aptitude", Family: Apt, System: true,
		Command: Command{
			Verbs: Verbs{
				Install: "install", Refresh: "update", Upgrade: "upgrade safe-upgrade", Remove: "remove purge", Clean: "clean",
			},
			Valued: aptitudeValued, Clusters: true, Version: "=",
		},
		NoRecommends: "--without-recommends", Requires: "apt-cache depends ", Caches: []*Cache{&aptCache},
		Hadolint: Hadolint{Unseen: []string{"aptitude"}, TrivySkip: true},
	}
)

var (
	aptValued = []string{
		"-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a", "--host-architecture",
		"-S", "--snapshot", "-P", "--build-profiles", "--with-source", "--solver", "--planner", "--format",
	}
	aptitudeValued = []string{
		"-t", "--target-release", "--default-release", "-o", "-F", "--display-format", "-O", "--sort", "-w", "--width",
		"-S", "--group-by", "--log-file", "--log-level", "--add-user-tag", "--add-user-tag-to", "--remove-user-tag",
		"--remove-user-tag-from",
	}
	aptCache = Cache{
		Title: "apt", Dirs: []string{"/var/cache/apt/archives"}, AnyUser: true, Lists: "/var/lib/apt/lists",
		EmptiedBy: "/etc/apt/apt.conf.d/docker-clean",
		Settings:  []string{"docker-clean", "Keep-Downloaded", "apt.conf", "APT::", "DPkg::"},
	}
)
