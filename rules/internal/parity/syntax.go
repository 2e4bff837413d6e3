package parity

// SameEnv reports whether hadolint prints DL3044 for a variable that the same ENV sets. It does not if any ENV above, in
// whatever stage, sets the variable, too.
func SameEnv(setAbove bool) bool { return !setAbove }
