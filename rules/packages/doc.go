// Package packages has the rules on package managers.
package packages
