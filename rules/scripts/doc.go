// Package scripts contains the rules on the shell code of RUN.
package scripts
