// Package scripts has the rules on the shell code of RUN.
package scripts
