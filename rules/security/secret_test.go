package security

import (
	"strings"
	"testing"
)

// TestKeyed builds values in documented formats from parts, so that no scanner of this repository takes them for keys.
func TestKeyed(t *testing.T) {
	mixed := func(n int) string { return strings.Repeat("Q7w8E9r0T1y2", 8)[:n] }
	hex := func(n int) string { return strings.Repeat("0a1b2c3d4e5f", 8)[:n] }
	for _, value := range []string{
		"SG" + "." + mixed(22) + "." + mixed(43), "sq0" + "atp-" + mixed(22), "sq0" + "csp-" + mixed(43),
		"https://hooks.slack" + ".com/services/T0" + mixed(8) + "/B0" + mixed(8) + "/" + mixed(24), "GOC" + "SPX-" + mixed(28),
		"ya29" + "." + mixed(40), hex(32) + "-us" + "12", "key" + "-" + hex(32), "EAACEdEose0" + "cBA" + mixed(20),
		"AccountName=shop;Account" + "Key=" + mixed(86) + "==", "AK" + "Cp" + mixed(69), "dckr" + "_pat_" + mixed(27),
		"dop" + "_v1_" + hex(64), "hvs" + "." + mixed(24), "shp" + "at_" + hex(32), "ruby" + "gems_" + hex(48),
		"pypi-AgEIc" + "HlwaS5vcmc" + mixed(60), "hf" + "_" + strings.Repeat("qWeRtYuIoPaS", 3)[:34], "rk_" + "live_" + mixed(24),
		"glrt" + "-" + mixed(20), "access_" + "token$production$" + strings.ToLower(mixed(16)) + "$" + hex(32),
		"https://shop.webhook" + ".office.com/webhookb2/" + hex(36) + "@" + hex(36) + "/IncomingWebhook/" + hex(32),
		"PuTTY-User-Key" + "-File-3: ssh-ed25519",
	} {
		if !keyed(value) {
			t.Errorf("not found: %s", value)
		}
		if harmless := strings.NewReplacer("Q7w8E9r0", "xxxxxxxx", "0a1b2c3d", "xxxxxxxx", "qWeRtYuI", "xxxxxxxx").Replace(value); harmless != value &&
			keyed(harmless) {
			t.Errorf("a placeholder is found: %s", harmless)
		}
	}
}
