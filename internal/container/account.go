package container

import (
	"strings"

	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Account is an unprivileged user that the container can run as.
type Account struct {
	Name string // "" if only the numbers are known
	ID   string // as USER takes it: numbers, or a variable that is one; "" if no step says the number
	// Step creates it; nil for a user of the base image, and for one that is still to be created.
	Step *plan.Step
	// Create is the command that creates it; "" if it exists.
	Create string
}

// Account is the user to run as: the only one that a step creates, one that the base image has for applications, or one
// to be created. ok is false if steps create several, or if it is not known how to create one.
func (c *Container) Account() (a Account, ok bool) {
	switch created := c.created(); {
	case len(created) > 1:
		return Account{}, false
	case len(created) == 1:
		return created[0], created[0].Name != ""
	case c.CreatesUser():
		return Account{}, false
	}
	if spare := c.Base.SpareUser(); strings.HasPrefix(spare, "$") {
		return Account{ID: spare}, true
	} else if ids := c.Base.SpareIDs(); ids != "" {
		return Account{Name: spare, ID: ids}, true
	}
	tool := c.Base.UserTool()
	if tool == "" || c.Target.End.Shell.Step != nil {
		return Account{}, false
	}
	return Account{Name: "app", ID: "10001:10001", Create: tool + "10001 app"}, true
}

// created are the users that steps create. One has no name if that is not known.
func (c *Container) created() (out []Account) {
	groups := map[string]string{}
	for _, s := range c.Target.Lineage() {
		for _, sc := range c.pass.Scripts(s) {
			for _, cmd := range sc.Commands {
				switch cmd.Name {
				case "groupadd", "addgroup":
					if names := cmd.Operands("-g", "--gid"); len(names) == 1 {
						gid, _ := cmd.FlagValue("-g", "--gid")
						groups[names[0].Text] = number(gid, c.Target.End.Env)
					}
				}
			}
		}
	}
	for _, s := range c.Target.Lineage() {
		for _, sc := range c.pass.Scripts(s) {
			for _, cmd := range sc.Commands {
				if cmd.Name == "useradd" || cmd.Name == "adduser" {
					if a, ok := account(cmd, groups, c.Target.End.Env); ok {
						a.Step = sc.Step
						out = append(out, a)
					}
				}
			}
		}
	}
	return out
}

// Creates is the name of the user that cmd creates; ok is false if it creates none, or the name is not known.
func Creates(cmd *shell.Command) (name string, ok bool) {
	if cmd.Name != "useradd" && cmd.Name != "adduser" {
		return "", false
	}
	a, _ := account(cmd, nil, nil)
	return a.Name, a.Name != ""
}

// account is the user that cmd creates; ok is false if it only changes one. groups are the numbers of groups by name, and env has the variables
// that USER can name.
func account(cmd *shell.Command, groups map[string]string, env *plan.Env) (a Account, ok bool) {
	valued := []string{
		"-u", "--uid", "-G", "--groups", "-h", "--home", "-s", "--shell", "-k", "--skel", "-g", "--gid", "--ingroup",
		"--gecos", "--comment",
	}
	groupFlags := []string{"-G", "--ingroup", "--gid"}
	if cmd.Name == "useradd" {
		valued = append(valued, "-d", "--home-dir", "-c", "-b", "--base-dir", "-e", "--expiredate", "-f", "--inactive", "-p", "--password",
			"-K", "--key")
		groupFlags = []string{"-g", "--gid"}
	}
	names := cmd.Operands(valued...)
	if cmd.Name == "adduser" && len(names) == 2 {
		return a, false // adds a user to a group
	}
	if len(names) != 1 || !names[0].Literal {
		return a, true
	}
	uid, _ := cmd.FlagValue("-u", "--uid")
	a.Name, a.ID = names[0].Text, number(uid, env)
	if a.ID == "" {
		return a, true
	}
	group, named := cmd.FlagValue(groupFlags...)
	switch gid := number(group, env); {
	case !named && cmd.Name == "useradd" && !cmd.Has("-N", "--no-user-group"):
		a.ID += ":" + a.ID
	case named && gid != "":
		a.ID += ":" + gid
	case named && groups[group.Text] != "":
		a.ID += ":" + groups[group.Text]
	} // else the runtime takes the group from /etc/passwd
	return a, true
}

// number is the text of w if that is a number, or a variable of env that is one; else "".
func number(w shell.Word, env *plan.Env) string {
	if w.Text == "" {
		return ""
	}
	if name, ok := strings.CutPrefix(w.Text, "$"); ok && env != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}")
		if v := env.Lookup(name); v != nil && v.Value().Known && digits(v.Value().Text) {
			return "$" + name
		}
	}
	if !digits(w.Text) {
		return ""
	}
	return w.Text
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
