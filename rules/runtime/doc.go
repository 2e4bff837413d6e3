// Package runtime has the rules on how the container runs.
package runtime
