package state

import (
	"context"
	"fmt"
)

// models has the catalogue's data files fetched when a command first needs them,
// and says so in the terminal. It implements catalog.Source.
type models struct{ r *Runner }

// File waits for the file; only the command that asked waits with it.
func (m models) File(ctx context.Context, name string) ([]byte, error) {
	m.r.dispatch(LinePrinted{m.r.line, fmt.Sprintf("Fetching %s of the catalogue of models, once\n", name)})
	return m.r.b.Data(ctx, name)
}
