package chrome

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
)

// names are the programs that will do, the best first.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"}

// places are where they are when no PATH leads to them.
var places = []string{
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	`C:\Program Files\Google\Chrome\Application\chrome.exe`,
	`C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
}

// Program is the path of a Chromium on this machine: what the environment
// variable CHROME says, or the first that is found.
func Program() (string, error) {
	if p := os.Getenv("CHROME"); p != "" {
		if _, err := exec.LookPath(p); err != nil {
			return "", fmt.Errorf("looking for Chromium where the environment variable CHROME says: %w", err)
		}
		return p, nil
	}
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p, nil
		}
	}
	for _, p := range places {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			return p, nil
		}
	}
	return "", errors.New("looking for Chromium: none found; install it (Debian: apt-get install chromium; macOS: brew install chromium; or any Chrome), " +
		"or name it in the environment variable CHROME")
}

// Ensure is Program, after installing Chromium with apt-get where there is none
// and this user may: root on Debian or what descends from it. What apt-get says
// goes to log.
func Ensure(ctx context.Context, log io.Writer) (string, error) {
	p, err := Program()
	if err == nil || runtime.GOOS != "linux" || os.Getuid() != 0 {
		return p, err
	}
	apt, none := exec.LookPath("apt-get")
	if none != nil {
		return "", err
	}
	fmt.Fprintln(log, "installing Chromium with apt-get")
	for _, args := range [][]string{
		{"update", "-q"},
		{"install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"},
	} {
		var said bytes.Buffer
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("installing Chromium: apt-get %s: %w\n%s", args[0], err, said.Bytes())
		}
	}
	return Program()
}
