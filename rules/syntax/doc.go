// Package syntax has the rules about what BuildKit rejects and about dockvet's own comments.
package syntax
