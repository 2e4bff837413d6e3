package ecosystem

import "strings"

// pacman is the package manager of Arch Linux. Its operations are flags, which are not read. Source: pacman(8).
var pacman = Manager{Name: "pacman", Family: Pacman, System: true, Opaque: true, Command: Command{Version: "="}}

// Sysupgrade reports whether the command called name is pacman, and with args upgrades the whole system.
func Sysupgrade(name string, args []string) bool {
	sync, upgrade := false, false
	for _, a := range args {
		short := len(a) > 1 && a[0] == '-' && a[1] != '-'
		sync = sync || a == "--sync" || short && strings.Contains(a, "S")
		upgrade = upgrade || a == "--sysupgrade" || short && strings.Contains(a, "u")
	}
	return name == pacman.Name && sync && upgrade
}
