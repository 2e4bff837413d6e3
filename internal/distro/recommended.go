package distro

// Recommended is how many megabytes the packages take that pkg recommends, with all that they need in turn, when apt
// installs pkg into an image that has nothing else; 0 if that is little or not known. Measured on 2026-11-28 with
// Debian 12's package lists on amd64, as the difference between what apt says with and without
// `--no-install-recommends`.
func Recommended(pkg string) (megabytes int) {
	switch pkg {
	case "libreoffice":
		return 1570
	case "npm":
		return 680
	case "python3-pip":
		return 430
	case "firefox-esr":
		return 350
	case "x11vnc":
		return 220
	case "chromium", "chromium-driver":
		return 210
	case "wkhtmltopdf":
		return 205
	case "ffmpeg":
		return 160
	case "imagemagick":
		return 120
	case "graphicsmagick":
		return 80
	case "default-jdk", "openjdk-17-jdk":
		return 70
	case "default-jre", "openjdk-17-jre", "python3-dev", "gradle":
		return 60
	case "default-jre-headless", "default-jdk-headless", "openjdk-17-jre-headless", "openjdk-17-jdk-headless", "maven", "ant":
		return 57
	}
	return 0
}
