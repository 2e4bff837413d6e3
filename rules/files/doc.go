// Package files has the rules on COPY, ADD and the build context.
package files
