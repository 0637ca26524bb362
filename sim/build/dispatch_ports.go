package build

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
)

// dispatchExpose is EXPOSE: ports and ranges of ports, "/tcp" unless they say
// otherwise.
func (r *run) dispatchExpose(st *stage, c *instructions.ExposeCommand) (string, error) {
	var words []string
	for _, p := range c.Ports {
		ws, err := r.lex().ProcessWords(p, st.env)
		if err != nil {
			return "", err
		}
		words = append(words, ws...)
	}
	ports := []string{}
	for _, w := range words {
		ps, err := r.parsePort(c, w)
		if err != nil {
			return "", err
		}
		ports = append(ports, ps...)
	}
	if st.img.Config.ExposedPorts == nil {
		st.img.Config.ExposedPorts = map[string]struct{}{}
	}
	for _, p := range ports {
		st.img.Config.ExposedPorts[p] = struct{}{}
	}
	return fmt.Sprintf("EXPOSE %v", ports), nil
}

// parsePort is ParsePorts with what the linter says of the port.
func (r *run) parsePort(c *instructions.ExposeCommand, raw string) ([]string, error) {
	ports, err := ParsePorts(raw)
	if err != nil && strings.HasPrefix(err.Error(), "invalid port: ") {
		return nil, err
	}
	if _, proto, _ := strings.Cut(raw[strings.LastIndex(raw, ":")+1:], "/"); proto != strings.ToLower(proto) {
		r.warn(&linter.RuleExposeProtoCasing, c.Location(), linter.RuleExposeProtoCasing.Format(raw))
	}
	if strings.Trim(raw[:strings.LastIndex(raw, ":")+1], ":") != "" {
		r.warn(&linter.RuleExposeInvalidFormat, c.Location(), linter.RuleExposeInvalidFormat.Format(raw))
	}
	return ports, err
}

// ParsePorts reads a word of EXPOSE, "80", "80-82/udp" or "127.0.0.1:8080:80", as
// the ports of the container that it means: "80/tcp".
func ParsePorts(raw string) ([]string, error) {
	parts := strings.Split(raw, ":")
	container := parts[len(parts)-1]
	var host, ip string
	if len(parts) > 1 {
		host = parts[len(parts)-2]
	}
	if len(parts) > 2 {
		ip = strings.Join(parts[:len(parts)-2], ":")
	}
	container, proto, _ := strings.Cut(container, "/")
	if container == "" {
		return nil, fmt.Errorf("invalid port: %q: no port specified", raw)
	}
	switch strings.ToLower(proto) {
	case "":
		proto = "tcp"
	case "tcp", "udp", "sctp":
	default:
		return nil, fmt.Errorf("invalid port: %q: invalid proto: %s", raw, proto)
	}
	if bare := strings.Trim(ip, "[]"); bare != "" {
		if _, err := netip.ParseAddr(bare); err != nil {
			return nil, errors.New("invalid IP address: " + ip)
		}
	}
	first, last, err := portRange(container)
	if err != nil {
		return nil, errors.New("invalid containerPort: " + container)
	}
	if host != "" {
		hostFirst, hostLast, err := portRange(host)
		if err != nil {
			return nil, errors.New("invalid hostPort: " + host)
		}
		if last-first != hostLast-hostFirst && last != first {
			return nil, fmt.Errorf("invalid ranges specified for container and host Ports: %s and %s", container, host)
		}
	}
	var out []string
	for p := first; p <= last; p++ {
		out = append(out, strconv.Itoa(p)+"/"+strings.ToLower(proto))
	}
	return out, nil
}

// portRange is the first and last port of "80" or "80-82".
func portRange(s string) (first, last int, err error) {
	a, b, isRange := strings.Cut(s, "-")
	if first, err = portNumber(a); err != nil {
		return 0, 0, err
	}
	if !isRange {
		return first, first, nil
	}
	if last, err = portNumber(b); err != nil {
		return 0, 0, err
	}
	if last < first {
		return 0, 0, errors.New("invalid port range: " + s)
	}
	return first, last, nil
}

func portNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err == nil && (n < 0 || n > 65535) {
		err = errors.New("value out of range (0–65535)")
	}
	return n, err
}

// signals is the names of Linux signals, without SIG.
var signals = " ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX "

// ValidSignal reports whether STOPSIGNAL takes s: any number but 0, or a name.
func ValidSignal(s string) bool {
	if n, err := strconv.Atoi(s); err == nil {
		return n != 0
	}
	name := strings.TrimPrefix(strings.ToUpper(s), "SIG")
	if strings.Contains(signals, " "+name+" ") {
		return true
	}
	for base, limit := range map[string]int{"RTMIN+": 15, "RTMAX-": 14} {
		if off, ok := strings.CutPrefix(name, base); ok {
			n, err := strconv.Atoi(off)
			return err == nil && n > 0 && n <= limit
		}
	}
	return false
}
