package frontend

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/parser"
)

// maxPort is the highest port number.
const maxPort = 65535

// expose checks a word of EXPOSE (dispatchExpose).
func (c *compiler) expose(w parser.Word) {
	if plainPort(w.Value) {
		return
	}
	words, known, err := c.expander().Split(c.env, w.Value)
	if err != nil {
		c.reject(w, w.Value, err, func(text string) error {
			_, _, err := c.expander().Split(c.env, text)
			return err
		})
		return
	}
	if !known {
		return
	}
	for _, text := range words {
		if reason := refusedPort(text); reason != "" {
			help := "write a number from 1 to 65535, or a range such as `8000-8010`"
			if strings.HasPrefix(reason, "protocol ") {
				help = "use tcp, udp or sctp"
			}
			c.refuse(Expose, w.Full(), reason, help)
			return
		}
	}
}

// plainPort reports whether text is a number below 10,000, as most ports are.
func plainPort(text string) bool {
	const digits = 4
	return text != "" && len(text) <= digits && strings.Trim(text, "0123456789") == ""
}

// refusedPort is why portSpecs.parsePort rejects text, "" if it does not.
func refusedPort(text string) string {
	parts := strings.Split(text, ":")
	port, proto, _ := strings.Cut(parts[len(parts)-1], "/")
	ip, hostPort := "", ""
	if n := len(parts); n > 1 {
		ip, hostPort = strings.Join(parts[:n-2], ":"), parts[n-2]
	}
	if port == "" {
		return fmt.Sprintf("`%s` has no container port", text)
	}
	switch strings.ToLower(proto) {
	case "", "tcp", "udp", "sctp":
	default:
		return fmt.Sprintf("protocol `%s` is not tcp, udp or sctp", proto)
	}
	if strings.HasPrefix(ip, "[") {
		inner := ip[1:]
		end := strings.IndexByte(inner, ']')
		if end != len(inner)-1 || strings.Contains(inner, "[") {
			return fmt.Sprintf("`%s` is not an IP address", ip)
		}
		if ip = inner[:end]; ip == "" {
			ip = ""
		}
	}
	if addr, err := netip.ParseAddr(ip); ip != "" && (err != nil || addr.Zone() != "") {
		return fmt.Sprintf("`%s` is not an IP address", ip)
	}
	first, last, ok := portRange(port)
	if !ok {
		return fmt.Sprintf("`%s` is not a port or a range of ports", port)
	}
	if hostPort == "" {
		return ""
	}
	from, to, ok := portRange(hostPort)
	if !ok {
		return fmt.Sprintf("`%s` is not a port or a range of ports", hostPort)
	}
	if last-first != to-from && last != first {
		return fmt.Sprintf("`%s` and `%s` are ranges of different length", hostPort, port)
	}
	return ""
}

// portRange repeats portSpecs.parsePortRange.
func portRange(text string) (first, last int, ok bool) {
	from, to, isRange := strings.Cut(text, "-")
	number := func(text string) (int, bool) {
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= 0 && n <= maxPort
	}
	if first, ok = number(from); !ok || !isRange || from == to {
		return first, first, ok
	}
	last, ok = number(to)
	return first, last, ok && first <= last
}
