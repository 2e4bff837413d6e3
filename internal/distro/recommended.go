package distro

import (
	"strconv"
	"strings"
)

// recommended has a package and the megabytes of what it recommends on each line, measured on 2026-11-28 with Debian
// 12's package lists on amd64: the difference between what apt says with and without `--no-install-recommends`.
const recommended = `
libreoffice 1570
npm 680
python3-pip 430
firefox-esr 350
x11vnc 220
chromium 210
chromium-driver 210
wkhtmltopdf 205
ffmpeg 160
imagemagick 120
graphicsmagick 80
default-jdk 70
openjdk-17-jdk 70
default-jre 60
openjdk-17-jre 60
python3-dev 60
gradle 60
default-jre-headless 57
default-jdk-headless 57
openjdk-17-jre-headless 57
openjdk-17-jdk-headless 57
maven 57
ant 57
`

// Recommended is how many megabytes the packages take that pkg recommends, with all that they need in turn, when apt
// installs pkg into an image that has nothing else; 0 if that is little or not known.
func Recommended(pkg string) (megabytes int) {
	if _, rest, ok := strings.Cut(recommended, "\n"+pkg+" "); ok && pkg != "" {
		number, _, _ := strings.Cut(rest, "\n")
		megabytes, _ = strconv.Atoi(number)
	}
	return megabytes
}
