package apt_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/pkg/apt"
	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// late is a day on which the repository has what it had when the answers in
// testdata were recorded.
var late = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// system is the model of debian:bookworm with lists of a day.
func system(t *testing.T, day time.Time) *apt.System {
	t.Helper()
	ctx := context.Background()
	_, layers, err := catalog.New(assets.Catalog{}, nil).Open(ctx, "debian:bookworm")
	if err != nil {
		t.Fatal(err)
	}
	status, err := content.ReadAll(layers[0].Layer.Tree.Get("var/lib/dpkg/status").Body, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	index, err := deb.Load(ctx, &pkg.World{Source: assets.Catalog{}})
	if err != nil {
		t.Fatal(err)
	}
	return &apt.System{Index: index, Day: day, Status: deb.ParseStatus(string(status)), Auto: map[string]bool{}}
}

// TestInstallAsRecorded holds what would be installed, suggested and recommended,
// and apt's words for it, against answers of apt 2.6.1 on Debian 12.
func TestInstallAsRecorded(t *testing.T) {
	text, err := os.ReadFile("testdata/install.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := system(t, late)
	n := 0
	for part := range strings.SplitSeq("\n"+string(text), "\n$ install ") {
		line, want, ok := strings.Cut(part, "\n")
		if !ok {
			continue
		}
		n++
		want = strings.TrimSuffix(want, "\n")
		words := strings.Fields(line)
		s.NoRecommends = words[0] == "--no-install-recommends"
		if s.NoRecommends {
			words = words[1:]
		}
		got := ""
		plan, err := s.Install(words)
		var e *apt.Error
		switch {
		case errors.As(err, &e):
			got = e.Before
			for _, l := range e.Lines {
				got += "E: " + l + "\n"
			}
		case err != nil:
			t.Fatal(err)
		default:
			got = plan.Text("install")
		}
		if got = strings.TrimSuffix(got, "\n"); got != want {
			t.Errorf("install %s:\n%s\nwant\n%s", line, got, want)
		}
	}
	if n < 100 {
		t.Errorf("only %d answers", n)
	}
}

// TestOrder holds the order of unpacking and of setting up against dpkg's.
func TestOrder(t *testing.T) {
	text, err := os.ReadFile("testdata/dpkg.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := system(t, late)
	s.NoRecommends = true
	plan, err := s.Install([]string{"curl"})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, m := range plan.Unpack {
		got.WriteString("Unpacking " + m.Full() + " (" + m.Version + ") ...\n")
	}
	for _, m := range plan.Configure {
		got.WriteString("Setting up " + m.Full() + " (" + m.Version + ") ...\n")
	}
	var want strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "Unpacking") || strings.HasPrefix(line, "Setting up") {
			want.WriteString(line)
		}
	}
	if got.String() != want.String() {
		t.Errorf("%s\nwant\n%s", got.String(), want.String())
	}
}

func TestRemoveTakesWhatDependsOnIt(t *testing.T) {
	s := system(t, late)
	plan, err := s.Install([]string{"curl", "git"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range plan.Unpack {
		s.Status.Add(m)
		s.Auto[m.Name] = m.Name != "curl" && m.Name != "git"
	}
	gone, err := s.Remove([]string{"libcurl4"}, false, false)
	if err != nil || strings.Join(gone.Remove, " ") != "curl libcurl4" {
		t.Errorf("%v, %v", gone, err)
	}
	if auto, err := s.Remove([]string{"git"}, true, true); err != nil || !strings.Contains(auto.Text("purge"), " git* git-man* ") || strings.Contains(auto.Text("purge"), "libssl3") {
		t.Errorf("%s, %v", auto.Text("purge"), err)
	}
	if _, err := s.Remove([]string{"nosuch"}, false, false); err == nil || err.Error() != "Unable to locate package nosuch" {
		t.Error(err)
	}
	if none, err := s.Remove([]string{"nginx"}, false, false); err != nil || none.Notes[0] != "Package 'nginx' is not installed, so not removed" || len(none.Remove) > 0 {
		t.Errorf("%v, %v", none, err)
	}
}

// TestTheRepositoryMovesOn: what is the newest on one day is old on another.
func TestTheRepositoryMovesOn(t *testing.T) {
	early := system(t, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	if up := early.Upgrade(); len(up.Unpack) != 0 {
		t.Errorf("on the first day there is something to upgrade: %v", up.Upgrade)
	}
	if up := system(t, late).Upgrade(); len(up.Upgrade) < 3 {
		t.Errorf("later there is nothing to upgrade: %v", up.Upgrade)
	}
	a, b := early.Candidate("libssl3"), system(t, late).Candidate("libssl3")
	if deb.Compare(a.Version, b.Version) >= 0 {
		t.Errorf("%s is not older than %s", a.Version, b.Version)
	}
}

// TestWhatCannotBeTogether: one package takes the place of another, and two that
// are asked for at once are refused.
func TestWhatCannotBeTogether(t *testing.T) {
	s := system(t, late)
	s.NoRecommends = true
	_, err := s.Install([]string{"fuse", "fuse3"})
	var e *apt.Error
	if !errors.As(err, &e) || !strings.Contains(e.Before, "unmet dependencies:\n fuse3 : ") || e.Error() != "Unable to correct problems, you have held broken packages." {
		t.Errorf("fuse and fuse3: %v", err)
	}
	plan, err := s.Install([]string{"fuse"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range plan.Unpack {
		s.Status.Add(m)
	}
	if plan, err = s.Install([]string{"fuse3"}); err != nil || strings.Join(plan.Remove, " ") != "fuse" {
		t.Errorf("fuse3 after fuse: %+v, %v", plan, err)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 8808: "8808 B", 33_200: "33.2 kB", 151_075: "151 kB", 6_132_000: "6132 kB", 15_800_000: "15.8 MB", 274_000_000: "274 MB"} {
		if got := apt.Size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
