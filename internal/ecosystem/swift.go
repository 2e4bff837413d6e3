package ecosystem

// swift is Swift's package manager. Source: https://docs.swift.org/swiftpm/documentation/packagemanagerdocs/.
func swift() *Manager {
	project := &Project{Name: "swift", Manifests: []string{"Package.swift"}, Products: []string{".build"}}
	lock := &Lock{Files: []string{"Package.resolved"}}
	const flag = "--only-use-versions-from-resolved-file"
	strict := &Strict{
		Flags: []string{"--force-resolved-versions", flag, "--disable-automatic-resolution"},
		Why:   drift, Write: "{call} " + flag, Flag: flag, Doubt: "the file may be up to date",
	}
	return &Manager{
		Name: "swift", Title: "Swift", Family: Swift, Language: LanguageSwift,
		Command: Command{Verbs: Verbs{Sync: "build"}, DirFlags: []string{"--package-path"}},
		Parts: []*Manager{{
			Name: "swift package", Title: "Swift", Family: Swift, Language: LanguageSwift,
			Command: Command{Verbs: Verbs{Sync: "resolve"}},
			Project: project, Lock: lock, Strict: strict, Build: &Build{Needs: compilesApplication},
		}},
		Project: project, Lock: lock, Strict: strict,
		Build: &Build{
			Compiles: true, Needs: compilesApplication, Starts: "run", Verbs: "build", Kit: "the Swift toolchain",
			KitVerbs: "build",
		},
		Outputs: append([]Output{{Name: ".build", Beside: []string{"Package.swift"}, Ignored: true}}, junk(".swiftpm")...),
		Origin:  &Origin{Images: []string{"swift"}},
	}
}
