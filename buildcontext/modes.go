package buildcontext

import "runtime"

// hasModes is whether files have an execute bit.
const hasModes = runtime.GOOS != "windows"
