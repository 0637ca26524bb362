// Package docs holds the documentation; its tests play what it shows.
package docs

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestModel types what MODEL.md shows at a prompt and reads what it shows as answer.
func TestModel(t *testing.T) {
	text, err := os.ReadFile("MODEL.md")
	if err != nil {
		t.Fatal(err)
	}
	var file, session strings.Builder
	for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
		switch block[1] {
		case "dockerfile":
			file.WriteString(block[2])
		case "console":
			session.WriteString(block[2])
		default:
			t.Errorf("a block of %q: expected dockerfile or console", block[1])
		}
	}
	want := "-- Dockerfile --\n" + file.String() + "-- transcript --\n" + session.String()
	var typed strings.Builder
	for line := range strings.Lines(session.String()) {
		if strings.HasPrefix(line, "$ ") {
			typed.WriteString(line)
		}
	}
	if typed.Len() == 0 {
		t.Fatal("nothing is typed")
	}
	got, err := cli.Play(engine.New(engine.Options{}), "-- Dockerfile --\n"+file.String()+"-- transcript --\n"+typed.String())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("MODEL.md shows (-), the simulator says (+):\n%s", d)
	}
}
