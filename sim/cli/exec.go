package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/container"
)

// exec is `docker exec`.
func (c *call) exec(args []string) error {
	ct, err := c.e.Container(args[0])
	if err != nil {
		return daemon(err)
	}
	env, err := c.envFlags()
	if err != nil {
		return plain("%v", err)
	}
	spec := container.Spec{
		Args: args[1:], Env: env, User: c.str("user"), Dir: c.str("workdir"), TTY: c.on("tty"),
		Detach: c.on("detach"), OpenStdin: c.on("interactive"),
	}
	if c.on("tty") && c.on("interactive") && !spec.Detach && !c.tty {
		return plain("cannot attach stdin to a TTY-enabled container because stdin is not a terminal")
	}
	if ct.Status == container.Running && c.interactive(spec.Args) {
		return c.openShell(ct, spec, false)
	}
	streams := container.IO{Stdout: c.out, Stderr: c.err}
	if c.on("interactive") {
		streams.Stdin = c.in
	}
	if spec.Detach {
		streams = container.IO{}
	}
	out, err := c.e.Exec(c.ctx, ct, spec, streams)
	var refused *container.StartError
	switch {
	case errors.As(err, &refused):
		// runc writes it to the terminal of the process that did not start.
		c.printf("%s%s\n", container.ExecPrefix, refused.Msg)
		return silent(refused.Code)
	case err != nil:
		return daemon(err)
	case out.Exit != 0 && !spec.Detach:
		return silent(out.Exit)
	}
	return nil
}

// interactive reports whether a shell is to be opened in the terminal: -it with
// a shell that was given nothing to do, and a person in front of it.
func (c *call) interactive(argv []string) bool {
	if !c.tty || !c.on("interactive") || !c.on("tty") || len(argv) == 0 {
		return false
	}
	name := argv[0][strings.LastIndex(argv[0], "/")+1:]
	return slices.Contains([]string{"sh", "ash", "bash"}, name) && !slices.ContainsFunc(argv[1:], func(a string) bool { return !strings.HasPrefix(a, "-") || strings.Contains(a, "c") })
}
