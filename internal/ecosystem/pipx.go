package ecosystem

// pipx installs Python programs, each in an environment of its own. Source: https://pipx.pypa.io/stable/docs/.
var pipx = Manager{
	Name: "pipx", Family: Pip, Language: LanguagePython,
	Command: Command{Verbs: Verbs{Install: "install", Remove: "uninstall"}, Valued: pipValued, Version: "=<>!~@"},
}
