package ecosystem

// pacman is the package manager of Arch Linux. Its operations are flags, which are not read. Source: pacman(8).
var pacman = Manager{Name: "pacman", Family: "pacman", System: true, Opaque: true, Command: Command{Version: "="}}
