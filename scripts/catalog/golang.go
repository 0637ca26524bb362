package main

import (
	"os/exec"
	"strings"
)

// goRoot is the Go toolchain of this machine.
func goRoot() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "/usr/local/go"
	}
	return strings.TrimSpace(string(out))
}
