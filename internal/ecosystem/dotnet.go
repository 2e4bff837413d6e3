package ecosystem

// dotnet is the command of the .NET SDK. Sources: https://learn.microsoft.com/dotnet/core/tools/,
// https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies.
var dotnet = Manager{
	Name: "dotnet", Title: ".NET", Family: "dotnet", Language: LanguageDotnet,
	Command: Command{
		Verbs: Verbs{Sync: "restore build publish test run pack", Install: "add"},
		Valued: []string{
			"-c", "--configuration", "-o", "--output", "-r", "--runtime", "-f", "--framework", "-a", "--arch", "-v",
			"--verbosity", "--os", "--version", "--tool-path", "--add-source", "--tool-manifest",
			"-s", "--source", "--configfile",
		},
	},
	Project: &Project{
		Name: "dotnet", Manifests: []string{"*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx"},
		Solution: []string{"*.sln", "*.slnx"},
		Beside: []string{
			"Directory.Packages.props", "Directory.Build.props", "Directory.Build.targets", "global.json", "nuget.config",
			"NuGet.config",
			"NuGet.Config",
		},
		Products:  []string{"obj", "bin"},
		Roots:     []Mark{{File: "*.sln"}, {File: "*.slnx"}},
		RootFiles: []string{"global.json", "Directory.Packages.props"},
		Read:      func(f *Files) { f.Below(dotnetProjects, "packages.lock.json") },
	},
	Lock: &Lock{Files: []string{"packages.lock.json"}, PerProject: true},
	Strict: &Strict{
		Verbs: "restore", Flags: []string{"--locked-mode", "--force-evaluate"}, Words: []string{"RestoreLockedMode"},
		Inside: "RestoreLockedMode", InsideOf: []string{"Directory.Build.props"},
		Why: "if the lock file does not match the project, `dotnet restore` rewrites it and carries on, " +
			"so the image may contain untested versions",
		Write: "dotnet restore --locked-mode", Flag: "--locked-mode",
	},
	Build: &Build{
		Compiles: true, Fetches: "restore",
		Needs: func(c Call, _ bool, _ int) string {
			if c.Verb == "restore" {
				return ""
			}
			return "the command compiles the application"
		},
		Prefetch: "dotnet restore", Starts: "run", StartsUnless: []string{"--no-build"}, Watches: "watch",
		Kit: "the .NET SDK", KitVerbs: "build publish",
	},
	Outputs: []Output{
		{Name: "bin", Beside: dotnetProjects, Ignored: true, Litter: true, Says: []string{"build", "publish"}},
		{Name: "obj", Beside: dotnetProjects, Ignored: true, Litter: true, Says: []string{"build", "publish"}},
		{Name: ".vs", Ignored: true, Junk: true},
	},
	Caches: []*Cache{{
		Title: "NuGet", Dirs: []string{"~/.nuget/packages", "~/.local/share/NuGet"}, Mistaken: []string{"~/.nuget"},
		Env: []string{"NUGET_PACKAGES"}, Flags: []string{"--packages"}, Store: true,
	}},
	Runner: &Runner{Ending: ".dll"},
	Origin: &Origin{Images: []string{"mcr.microsoft.com/dotnet/sdk"}},
}

var dotnetProjects = []string{"*.csproj", "*.fsproj", "*.vbproj"}
