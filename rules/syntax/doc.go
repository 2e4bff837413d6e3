// Package syntax has the rules on what BuildKit refuses and on dockvet's own comments.
package syntax
