package container

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Root reports whether user, as USER takes it, is root, with whatever group.
func Root(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "root" || name == "0"
}

// Descent is what may make the process of a container go on as another user than it starts as. All fields are empty if
// nothing does.
type Descent struct {
	Image    string // a base image whose server does so by design
	Tool     string // a program that does so, or that needs root, such as gosu or sshd
	Script   bool   // a script that is started, where a step creates a user
	Platform string // a sentence on the platform that the image is for, which chooses the user itself
}

// Descent is what may make the process of the container go on as another user than it starts as.
func (c *Container) Descent() Descent { return descents.Of(c.pass) }

func findDescent(p *lint.Pass) (d Descent) {
	c := Of(p)
	if on := platform(p, c); on != "" {
		return Descent{Platform: on}
	}
	if c.Base.DropsRoot() {
		return Descent{Image: c.Base.Name()}
	}
	for _, s := range c.Target.Lineage() {
		for _, step := range s.Steps {
			if !anyRootText.In(step.Instruction.Text.String) {
				continue
			}
			for _, tool := range rootTexts {
				if strings.Contains(step.Instruction.Text.String, tool) {
					return Descent{Tool: tool}
				}
			}
		}
	}
	for _, use := range c.Uses() {
		for _, v := range use.Volumes {
			if strings.HasSuffix(v.Target, "/docker.sock") {
				return Descent{Tool: v.Target}
			}
		}
	}
	if i := slices.IndexFunc(c.Commands, rootTool); i >= 0 {
		return Descent{Tool: c.Commands[i].Name}
	}
	scripts := c.EntryScripts()
	for _, script := range scripts {
		code := script.Code()
		if i := slices.IndexFunc(code.Commands, rootTool); i >= 0 {
			return Descent{Tool: code.Commands[i].Name}
		}
		if code.File == nil || code.Err != nil {
			if tool := rootWord.Get().FindString(script.Text); tool != "" {
				return Descent{Tool: tool}
			}
		}
	}
	if tool := overlaid(p, c); tool != "" {
		return Descent{Tool: tool}
	}
	if file := uwsgiUser(p, c); file != "" {
		return Descent{Tool: file}
	}
	return Descent{Script: c.UnreadScript() && accounts.Of(p)}
}

// overlaid is a program that goes on as another user, in a start script which an Elixir release takes from its directory of overlays;
// "" for none. Source: https://hexdocs.pm/mix/Mix.Tasks.Release.html, "Overlays".
func overlaid(p *lint.Pass, c *Container) string {
	ctx := p.Context()
	if ctx == nil || !ctx.Has("mix.exs") {
		return ""
	}
	for _, cmd := range c.Commands {
		if len(cmd.Words) == 0 || path.Base(path.Dir(cmd.Words[0].Text)) != "bin" {
			continue
		}
		text, err := ctx.Read(path.Join("rel/overlays/bin", cmd.Name))
		if err != nil {
			continue
		}
		code := shell.ReadFile(string(text), "")
		if i := slices.IndexFunc(code.Commands, rootTool); i >= 0 {
			return code.Commands[i].Name
		}
	}
	return ""
}

// rootTexts are texts of an instruction that suggest a program which goes on as another user or needs root.
var rootTexts = [...]string{
	"gosu", "su-exec", "setpriv", "runuser", "chpst", "s6-setuidgid", "s6-overlay", "supervisor", "sshd", "crond", "systemd",
	"/sbin/init", "/etc/rc.local", "arch-install-scripts", "iptables", "nftables",
}

var anyRootText = lazy.Words{List: func() []string { return rootTexts[:] }}

// uwsgiUser is the settings of a uWSGI that c starts, if they name the user it goes on as; "" if none do.
// Source: https://uwsgi-docs.readthedocs.io/en/latest/Options.html#uid.
func uwsgiUser(p *lint.Pass, c *Container) string {
	for _, t := range c.Tasks() {
		if t.Name() != "uwsgi" || p.Context() == nil {
			continue
		}
		for _, w := range t.Words[1:] {
			name := w.Text[strings.LastIndexByte(w.Text, '=')+1:]
			if !strings.HasSuffix(name, ".ini") {
				continue
			}
			if file, ok := p.Origin(p.Plan.Target, absolute(t.Dir, name)); ok {
				if text, err := p.Context().Read(file); err == nil && uwsgiSetting.Get().Match(text) {
					return file
				}
			}
		}
	}
	return ""
}

var uwsgiSetting = lazy.Regexp{Expr: `(?m)^\s*(?:uid|gid|immediate-uid)\s*=`}

// rootTool reports whether c, which the container runs, goes on as another user or needs root.
func rootTool(c *shell.Command) bool {
	switch c.Name {
	case "gosu", "su-exec", "setpriv", "runuser", "chpst", "s6-setuidgid", "setuidgid", "su", "sudo", "iptables", "ip6tables", "nft", "ip",
		"chown", "usermod", "groupmod", "useradd", "adduser", "mount", "sysctl", "modprobe", "cron", "crond",
		"containerd", "dockerd", "buildkitd", "cadvisor", "woodpecker-agent", "drone-runner-docker", "gitlab-runner",
		"openvpn", "tailscaled", "keepalived", "smbd", "rpc.nfsd", "falco",
		"nginx", "angie", "openresty", "httpd", "httpd-foreground", "apache2", "apache2ctl", "apachectl", "apache2-foreground", "php-fpm",
		"exim", "exim4", "postfix", "dovecot", "named", "dnsmasq", "radiusd", "freeradius", "runsvdir", "my_init":
		return true
	}
	return false
}

var rootWord = lazy.Regexp{Expr: `\b(gosu|su-exec|setpriv|runuser|chpst|s6-setuidgid|sudo|iptables|setuid|chown)\b`}

// UnreadScript reports whether what the container starts is, by its name, a shell script, and not one of the build context.
func (c *Container) UnreadScript() bool { return len(c.EntryScripts()) == 0 && c.startsScript() }

// startsScript reports whether what the container starts is, by its name, a shell script of the image's own.
func (c *Container) startsScript() bool {
	for _, step := range []*plan.Step{c.Entrypoint, c.Cmd} {
		if step == nil {
			continue
		}
		for _, word := range step.Instruction.Args {
			for _, field := range strings.Fields(word.Value) {
				if strings.HasSuffix(field, ".sh") || strings.Contains(field, "entrypoint") || strings.HasSuffix(field, "-init") {
					return true
				}
			}
		}
	}
	return false
}

// CreatesUser reports whether a step of the target, or of a stage that it is built from, creates a user.
func (c *Container) CreatesUser() bool { return accounts.Of(c.pass) }

func createsUser(p *lint.Pass) bool {
	for _, s := range p.Plan.Target.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				if c.Name == "useradd" || c.Name == "adduser" {
					return true
				}
			}
		}
	}
	return false
}
