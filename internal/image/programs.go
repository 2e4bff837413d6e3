package image

// Lacks reports whether the image is known not to have the program, one of those that health checks and commands call
// without having installed them. It is false for an image that may have it.
func (i Image) Lacks(program string) bool {
	if i.tag().windows() || i.bare() {
		return false
	}
	switch as := i.fact("as"); as {
	case "":
		return false
	case "scratch":
		return true
	default:
		return list(Image{facts: images().facts[as]}.fact("lacks"), program) && !list(i.fact("ships"), program)
	}
}

// Shellless reports whether the image is known to have no shell.
func (i Image) Shellless() bool { return i.fact("as") == "scratch" }

// LoadsDevelopmentNames reports whether programs in the image load libraries by the names that only packages of headers
// provide, such as libssl.so.
func (i Image) LoadsDevelopmentNames() bool { return i.fact("dlopen") != "" }
