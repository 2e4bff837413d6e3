package ecosystem

// gradle builds Java and Kotlin programs. Sources:
// https://docs.gradle.org/current/userguide/command_line_interface.html,
// https://docs.gradle.org/current/userguide/dependency_locking.html.
var gradle = Manager{
	Name: "gradle", Aliases: []string{"gradlew"}, Title: "Gradle", Family: "gradle", Language: LanguageJava,
	Command: Command{
		Verbs:    Verbs{Sync: "build assemble dependencies downloadRepos downloadDependencies resolveDependencies bootJar jar installDist shadowJar clean"},
		Valued:   []string{"-p", "--project-dir", "-b", "--build-file", "-c", "-g", "-x"},
		DirFlags: []string{"-p", "--project-dir"},
	},
	Project: &Project{
		Name: "gradle", Manifests: []string{"build.gradle", "build.gradle.kts"},
		Show: []string{"build.gradle*", "settings.gradle*"},
		Beside: []string{
			"settings.gradle", "settings.gradle.kts", "gradle.properties", "gradlew", "gradle/", "buildSrc/",
		},
		Products:  []string{"build"},
		Roots:     []Mark{{"settings.gradle", "include"}, {"settings.gradle.kts", "include"}},
		RootFiles: []string{"settings.gradle", "settings.gradle.kts"},
		Read:      func(f *Files) { f.Below([]string{"build.gradle", "build.gradle.kts"}) },
	},
	Lock: &Lock{Files: []string{"gradle.lockfile"}},
	Build: &Build{
		Compiles: true,
		Needs: func(c Call, _ bool, members int) string {
			if c.Verb == "dependencies" && members == 0 {
				return ""
			}
			return "the command compiles the application"
		},
		Prefetch: "{command} dependencies", Wrapper: []string{"gradlew", "gradle"}, Starts: "bootRun quarkusDev run", Kit: "Gradle and a JDK",
	},
	Outputs: []Output{
		{
			Name: "build", Beside: []string{"build.gradle", "build.gradle.kts"}, Ignored: true, Litter: true,
			Says: []string{"build", "ssemble", "Jar", "jar", "nstall"},
		},
		{Name: ".gradle", Ignored: true, Junk: true},
	},
	Caches: []*Cache{{
		Title: "Gradle", Dirs: []string{"~/.gradle", "~/.gradle/caches", "~/.gradle/wrapper"},
		Env:   []string{"GRADLE_USER_HOME"},
		Flags: []string{"-g", "--gradle-user-home"}, Linked: "gradle", Store: true,
	}},
	Origin: &Origin{Images: []string{"gradle"}, Packages: []string{"gradle"}},
}
