package ecosystem

// gem installs Ruby's packages. Source: https://guides.rubygems.org/command-reference/.
var gem = Manager{
	Name: "gem", Family: Gem, Language: LanguageRuby,
	Command: Command{
		Verbs: Verbs{Install: "install i", Upgrade: "update", Remove: "uninstall", Clean: "cleanup"},
		Valued: []string{
			"-v", "--version", "-n", "--bindir", "-i", "--install-dir", "-P", "--trust-policy", "-s", "--source", "--platform",
			"--build-root", "-B", "--bulk-threshold", "--without", "--config-file",
		},
		Version: ":",
	},
	Everywhere: &Everywhere{Unless: []string{"-g", "--file", "-l", "--local"}},
	Origin:     &Origin{Images: []string{"ruby"}},
}
