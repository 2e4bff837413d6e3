package image

import "strings"

// User is the user that a container starts as where nothing sets another; known is false where that is not known.
func (i Image) User() (user string, known bool) {
	if i.tag().windows() {
		return "", false
	}
	user = i.fact("user")
	return user, user != ""
}

// DropsRoot reports whether the image is a server that starts as root by design and serves as another user: postgres
// changes the user in its entry point, nginx in its workers. `php` does so only in the flavours that include a server.
func (i Image) DropsRoot() bool { return i.fact("drops") != "" }

// SpareUser is the unprivileged user that the image has but does not start as, as USER takes it; "" if it has none that
// is meant for applications.
func (i Image) SpareUser() string { return i.fact("spare") }

// SpareIDs are the numbers of SpareUser and of its group, as in 1000:1000; "" where they are not known, and for a spare
// user that is a number in a variable.
func (i Image) SpareIDs() string {
	if i.bare() {
		return ""
	}
	return i.fact("ids")
}

// UserTool is the command that adds a user with a home directory, without its name, where the image certainly has it;
// "" for other images. The group of the user gets the number of the user.
func (i Image) UserTool() string {
	switch {
	case i.Shell() == "dash":
		return "useradd --create-home --uid "
	case i.Shell() == "ash" && (i.Official() == "alpine" || strings.Contains(i.Tag, "alpine") || i.fact("family") == "alpine"):
		return "adduser -D -u "
	case !i.bare() && !strings.Contains(i.Tag, "minimal") && !strings.Contains(i.Tag, "micro"):
		switch i.Official() {
		case "fedora", "rockylinux", "almalinux":
			return "useradd --create-home --uid "
		}
	}
	return ""
}

// Home is the home directory of a user in the image, "" where that is not known.
func (i Image) Home(user string) string {
	switch {
	case user == "root" || user == "0":
		return "/root"
	case user != "" && user == i.SpareUser():
		return i.fact("home")
	}
	return ""
}

// accounts are the users that some image with an operating system, or without one, has from the start.
const accounts = " root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats _apt nobody ubuntu adm " +
	"shutdown halt operator man postmaster cron ftp sshd at squid xfs cyrus vpopmail ntp smmsp guest messagebus dbus nonroot default " +
	"systemd-network systemd-resolve systemd-timesync systemd-coredump systemd-oom tss polkitd utmp nginx apache http git "

// Account reports whether the image has a user of that name; known is false where that is not known.
func (i Image) Account(name string) (has, known bool) {
	switch {
	case i.tag().windows(), strings.Contains(accounts, " "+name+" "):
		return false, false
	case name == i.SpareUser(), name == i.fact("user"):
		return true, true
	}
	foundation := i.System() || i.Foundation() || i.Official() != "" && i.fact("runtime") != ""
	return false, foundation && !strings.HasPrefix(i.SpareUser(), "$")
}
