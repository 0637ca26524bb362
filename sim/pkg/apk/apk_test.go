package apk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg/apk"
)

// TestTheBranchMovesOn: a revision that is pinned can be had today and not a year
// later, and what is installed can then be upgraded.
func TestTheBranchMovesOn(t *testing.T) {
	text, err := catalog.Load(context.Background(), assets.Catalog{}, apk.DataFile, "the index")
	if err != nil {
		t.Fatal(err)
	}
	x, err := apk.ParseIndex(text)
	if err != nil {
		t.Fatal(err)
	}
	today := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	if x.At(today) != x {
		t.Error("on the first day it has moved")
	}
	later := x.At(today.AddDate(1, 0, 0))
	curl := x.Find("curl")
	if now := later.Find("curl"); apk.Compare(now.Version, curl.Version) <= 0 {
		t.Errorf("a year later curl is %s, it was %s", now.Version, curl.Version)
	}
	pin := []string{"curl=" + curl.Version}
	changes, err := apk.Plan(x, &apk.State{}, pin, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	state := &apk.State{}
	for _, c := range changes {
		state.Add(c.New, nil)
	}
	if _, err := apk.Plan(later, &apk.State{}, pin, nil, false); err == nil || !strings.Contains(err.Error(), "breaks: world["+pin[0]+"]") {
		t.Errorf("the old revision is still there: %v", err)
	}
	up, err := apk.Plan(later, state, []string{"curl"}, nil, true)
	if err != nil || len(up) == 0 || up[len(up)-1].Old == nil {
		t.Errorf("nothing to upgrade: %v, %v", up, err)
	}
}
