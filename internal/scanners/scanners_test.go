package scanners_test

import (
	"testing"

	"github.com/dockvet/dockvet/internal/scanners"
)

func TestCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"DS002": "DS-0002", "DS-0002": "DS-0002", "AVD-DS-0002": "DS-0002", "avd-ds-0002": "DS-0002", "ds002": "DS-0002",
		"ckv_docker_3": "CKV_DOCKER_3", "fd54f200-402c-4333-a5a4-36ef6709af2f": "fd54f200", "docker:S6471": "S6471",
		"dockerfile.security.missing-user.missing-user": "missing-user", "dkl-di-0001": "DKL-DI-0001",
		"DL3002": "DL3002", "DSL": "DSL", "DS12345": "DS12345", "root-user": "root-user",
	} {
		if got := scanners.Canonical(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	if id := scanners.Find("DS002"); id == nil || id.Name != "DS-0002" || len(id.Rules) == 0 {
		t.Errorf("DS002: %v", id)
	}
	if id := scanners.Find("DS-0030"); id == nil || len(id.Rules) > 0 || id.Reason == "" {
		t.Errorf("DS-0030: %v", id)
	}
	if id := scanners.Find("DS-9999"); id != nil {
		t.Errorf("DS-9999: %v", id)
	}
}
