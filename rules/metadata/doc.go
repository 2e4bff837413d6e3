// Package metadata has the rules on labels and style.
package metadata
