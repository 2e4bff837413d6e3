package app

import (
	"path"
	"strings"
)

// aspnet is what C# sources and ASP.NET settings say about addresses.
type aspnet struct {
	web    bool // a program is a web application
	chosen bool // something may choose an address
}

// read adds what a source says.
func (a *aspnet) read(s *file) {
	switch path.Ext(s.name) {
	case ".cs":
		s.mask()
		for _, word := range []string{"WebApplication.Create", "ConfigureWebHostDefaults", "WebHost.CreateDefaultBuilder"} {
			a.web = a.web || strings.Contains(s.code, word)
		}
		for _, word := range []string{"Kestrel", "Urls", ".Listen", "IServerAddressesFeature", "WebHost.Start"} {
			a.chosen = a.chosen || strings.Contains(s.code, word)
		}
		a.chosen = a.chosen || patterns.Get().csRun.MatchString(s.code)
	case ".json":
		lower := strings.ToLower(s.raw)
		for _, word := range []string{`"kestrel"`, `"urls"`, `"http_ports"`, `"https_ports"`} {
			a.chosen = a.chosen || strings.Contains(lower, word)
		}
	}
}

// DefaultASPNET reports whether the build context certainly has ASP.NET web applications, and neither Program.cs,
// Startup.cs nor their settings choose an address, so that the environment does.
func (a *App) DefaultASPNET() bool {
	a.Listens()
	return a.aspnet.web && !a.aspnet.chosen && a.Complete()
}
