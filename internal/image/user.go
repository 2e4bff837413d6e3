package image

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
