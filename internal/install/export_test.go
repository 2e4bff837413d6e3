package install

import "github.com/dockvet/dockvet/lint"

// Watch has asked called with each question about the build of p whose answer is worked out from now on.
func Watch(p *lint.Pass, asked func(question any)) { Of(p).asked = asked }
