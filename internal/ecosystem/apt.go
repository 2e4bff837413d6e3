package ecosystem

// aptGet, apt and aptitude are the front ends of Debian's package manager. Sources: apt-get(8), apt(8), aptitude(8),
// apt.conf(5).
func aptGet() *Manager {
	m := debian("apt-get")
	m.Verbs = Verbs{
		Install: "install build-dep", Refresh: "update", Upgrade: "upgrade dist-upgrade", Remove: "remove purge autoremove",
		Clean: "clean autoclean",
	}
	return m
}

func apt() *Manager {
	m := debian("apt")
	m.Verbs = Verbs{
		Install: "install", Refresh: "update", Upgrade: "upgrade full-upgrade", Remove: "remove purge autoremove",
		Clean: "clean",
	}
	m.Interactive = true
	m.Hadolint = Hadolint{Unseen: []string{"apt"}}
	return m
}

func aptitude() *Manager {
	m := debian("aptitude")
	m.Verbs = Verbs{
		Install: "install", Refresh: "update", Upgrade: "upgrade safe-upgrade", Remove: "remove purge",
		Clean: "clean",
	}
	m.NoRecommends = "--without-recommends"
	m.Hadolint = Hadolint{Unseen: []string{"aptitude"}, TrivySkip: true}
	return m
}

func debian(name string) *Manager {
	return &Manager{
		Name: name, Family: Apt, System: true,
		Command: Command{
			Valued: []string{
				"-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a", "--host-architecture",
				"-S", "--snapshot",
			},
			Version: "=",
		},
		NoRecommends: "--no-install-recommends",
		Requires:     "apt-cache depends ",
		Caches: []*Cache{{
			Title: "apt", Dirs: []string{"/var/cache/apt/archives"}, AnyUser: true, Lists: "/var/lib/apt/lists",
			EmptiedBy: "/etc/apt/apt.conf.d/docker-clean",
			Settings:  []string{"docker-clean", "Keep-Downloaded", "apt.conf", "APT::", "DPkg::"},
		}},
	}
}
