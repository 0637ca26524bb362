package main

import (
	"context"
	"os"

	"github.com/layerlab/layerlab/scripts/internal/mutate"
)

// mutations breaks rules of the union, one at a time, and fails if the tests do not
// notice one of them.
func mutations(ctx context.Context, root string) error {
	return mutate.Run(ctx, root, os.Stdout, mutate.Union)
}
