package engine

import (
	"fmt"
	"maps"
	"slices"
)

// Private is what an engine has and does not show.
func (e *Engine) Private() string {
	out := fmt.Sprintln(e.drawn, e.created, e.pids)
	for _, id := range slices.Sorted(maps.Keys(e.bases)) {
		out += fmt.Sprintln("base", id, e.bases[id])
	}
	for _, id := range slices.Sorted(maps.Keys(e.builds)) {
		out += fmt.Sprintln("build", id, e.builds[id])
	}
	return out
}
