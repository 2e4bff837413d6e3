// Package v1 takes the place of the package github.com/moby/docker-image-spec/specs-go/v1 in a release. BuildKit's instructions only use
// HealthcheckConfig, but the types beside it bring go-digest into the program, whose regular expressions take a twentieth of the time of a
// short run to compile.
package v1

import "time"

// HealthcheckConfig is what HEALTHCHECK says.
type HealthcheckConfig struct {
	Test          []string      `json:",omitempty"`
	Interval      time.Duration `json:",omitempty"`
	Timeout       time.Duration `json:",omitempty"`
	StartPeriod   time.Duration `json:",omitempty"`
	StartInterval time.Duration `json:",omitempty"`
	Retries       int           `json:",omitempty"`
}
