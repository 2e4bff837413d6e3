package ecosystem

// apk is Alpine's package manager. Source: apk(8).
var apk = Manager{
	Name: "apk", Family: Apk, System: true,
	Command: Command{
		Verbs: Verbs{Install: "add fetch", Refresh: "update", Upgrade: "upgrade", Remove: "del", Clean: "cache"},
		Valued: []string{
			"-t", "--virtual", "-X", "--repository", "-p", "--root", "--repositories-file", "--keys-dir", "--arch",
			"--cache-dir", "--cache-max-age", "--progress-fd", "--timeout", "--wait", "-o", "--output",
		},
		Clusters: true, Version: "=~<>",
	},
	Requires: "apk info --depends ",
	Caches: []*Cache{{
		Title: "apk", Dirs: []string{"/var/cache/apk", "/etc/apk/cache"}, Off: []string{"--no-cache"},
		Flags: []string{"--cache-dir"},
	}},
}
