package container

import "testing"

// TestLeftInHome checks that no branch of inHome is behind a word that it does not have.
func TestLeftInHome(t *testing.T) {
	for _, text := range []string{
		"ls /root", "ls ~/x", "ls $HOME", "ls ${HOME}", "x/.local/bin", "pip install --user x", "pip3 install x --user", "nvm use", "pipx x",
		"playwright install", "puppeteer browsers", "nltk.download", "snapshot_download", "corepack enable", "rustup default",
		"dotnet tool install",
	} {
		want := inHome.Get().FindString(text)
		if got := leftInHome(text); want == "" || got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := leftInHome("apt-get install -y curl"); got != "" {
		t.Errorf("found %q", got)
	}
}
