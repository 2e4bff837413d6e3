package ecosystem

// swift is Swift's package manager. Source: https://docs.swift.org/swiftpm/documentation/packagemanagerdocs/.
var swift = Manager{
	Name: "swift", Title: "Swift", Family: Swift, Language: LanguageSwift,
	Command: Command{Verbs: Verbs{Sync: "build"}, DirFlags: []string{"--package-path"}},
	Parts: []*Manager{{
		Name: "swift package", Title: "Swift", Family: Swift, Language: LanguageSwift,
		Command: Command{Verbs: Verbs{Sync: "resolve"}},
		Project: &swiftProject, Lock: &swiftLock, Strict: &swiftStrict, Build: &Build{Needs: compilesApplication},
	}},
	Project: &swiftProject, Lock: &swiftLock, Strict: &swiftStrict,
	Build: &Build{
		Compiles: true, Needs: compilesApplication, Starts: "run", Verbs: "build", Kit: "the Swift toolchain",
		KitVerbs: "build",
	},
	Outputs: []Output{
		{Name: ".build", Beside: []string{"Package.swift"}, Ignored: true},
		{Name: ".swiftpm", Ignored: true, Junk: true},
	},
	Origin: &Origin{Images: []string{"swift"}},
}

// swiftProject, swiftLock and swiftStrict are the same for `swift` and `swift package`.
var (
	swiftProject = Project{Name: "swift", Manifests: []string{"Package.swift"}, Products: []string{".build"}}
	swiftLock    = Lock{Files: []string{"Package.resolved"}}
	swiftStrict  = Strict{
		Flags: []string{"--force-resolved-versions", swiftResolved, "--disable-automatic-resolution"},
		Why:   drift, Write: "{call} " + swiftResolved, Flag: swiftResolved, Doubt: "the lock file may be up to date",
	}
)

const swiftResolved = "--only-use-versions-from-resolved-file"
