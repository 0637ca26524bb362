package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/shell"
)

// A call is one run of `docker` or `lab`: where it was typed, and its streams.
type call struct {
	s        *Session
	e        *engine.Engine
	in       io.Reader
	out, err io.Writer
	dir      string // working directory on the learner's machine
	env      []string
	fs       *overlay.View
	tty      bool // a person sits at the terminal and the streams are that terminal's

	ctx context.Context
	opts

	unpackConflict bool // of --output: times are rewritten and the image is to be unpacked
}

// A verb does what one command does, with the positional arguments.
type verb func(c *call, args []string) error

// arity is how many positional arguments a command takes; max -1 is any number.
type arity struct{ min, max int }

// An action is a command of the tree: its section in commands.txt, how many
// arguments, what it does.
type action struct {
	spec string
	n    arity
	do   verb
	// stops says that flags end at the first argument (run, create, exec).
	stops bool
}

var actions = map[string]action{
	"attach":            {"attach", arity{1, 1}, (*call).attach, false},
	"build":             {"build", arity{1, 1}, (*call).build, false},
	"commit":            {"commit", arity{1, 2}, (*call).commit, false},
	"cp":                {"cp", arity{2, 2}, (*call).cp, false},
	"create":            {"create", arity{1, -1}, (*call).create, true},
	"diff":              {"diff", arity{1, 1}, (*call).diff, false},
	"exec":              {"exec", arity{2, -1}, (*call).exec, true},
	"export":            {"export", arity{1, 1}, (*call).export, false},
	"history":           {"history", arity{1, 1}, (*call).history, false},
	"images":            {"images", arity{0, 1}, (*call).images, false},
	"import":            {"import", arity{1, -1}, (*call).importTar, false},
	"inspect":           {"inspect", arity{1, -1}, (*call).inspect, false},
	"kill":              {"kill", arity{1, -1}, (*call).kill, false},
	"load":              {"load", arity{0, 0}, (*call).load, false},
	"logs":              {"logs", arity{1, 1}, (*call).logs, false},
	"pause":             {"pause", arity{1, -1}, (*call).pause, false},
	"port":              {"port", arity{1, 2}, (*call).port, false},
	"ps":                {"ps", arity{0, 0}, (*call).ps, false},
	"pull":              {"pull", arity{1, 1}, (*call).pull, false},
	"push":              {"push", arity{1, 1}, (*call).push, false},
	"rename":            {"rename", arity{2, 2}, (*call).rename, false},
	"restart":           {"restart", arity{1, -1}, (*call).restart, false},
	"rm":                {"rm", arity{1, -1}, (*call).rm, false},
	"rmi":               {"rmi", arity{1, -1}, (*call).rmi, false},
	"run":               {"run", arity{1, -1}, (*call).run, true},
	"save":              {"save", arity{1, -1}, (*call).save, false},
	"start":             {"start", arity{1, -1}, (*call).start, false},
	"stats":             {"stats", arity{0, -1}, (*call).stats, false},
	"stop":              {"stop", arity{1, -1}, (*call).stop, false},
	"tag":               {"tag", arity{2, 2}, (*call).tag, false},
	"top":               {"top", arity{1, -1}, (*call).top, false},
	"unpause":           {"unpause", arity{1, -1}, (*call).unpause, false},
	"update":            {"update", arity{1, -1}, (*call).update, false},
	"wait":              {"wait", arity{1, -1}, (*call).wait, false},
	"version":           {"version", arity{0, 0}, (*call).version, false},
	"info":              {"info", arity{0, 0}, (*call).info, false},
	"image inspect":     {"image inspect", arity{1, -1}, (*call).imageInspect, false},
	"image prune":       {"image prune", arity{0, 0}, (*call).imagePrune, false},
	"container inspect": {"container inspect", arity{1, -1}, (*call).containerInspect, false},
	"container prune":   {"container prune", arity{0, 0}, (*call).containerPrune, false},
	"system df":         {"system df", arity{0, 0}, (*call).systemDF, false},
	"system prune":      {"system prune", arity{0, 0}, (*call).systemPrune, false},
	"builder prune":     {"builder prune", arity{0, 0}, (*call).builderPrune, false},
	"buildx du":         {"buildx du", arity{0, 0}, (*call).builderDU, false},
	"volume ls":         {"volume ls", arity{0, 0}, (*call).volumes, false},
	"network ls":        {"network ls", arity{0, 0}, (*call).networks, false},
}

// docker is the command `docker` of the terminal's shell.
func (s *Session) docker(ctx context.Context, p *shell.Process) int {
	c := s.newCall(ctx, p)
	root := c.tree()
	root.SetArgs(p.Args[1:])
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	return c.exit(err)
}

func (s *Session) newCall(ctx context.Context, p *shell.Process) *call {
	return &call{
		s: s, e: s.e, in: p.Stdin, out: p.Stdout, err: p.Stderr, dir: p.Dir, env: p.Env, fs: p.FS,
		ctx: ctx, tty: s.TTY && shell.Outside(p.Stdout) == io.Writer(s.out),
	}
}

// exit says an error and gives the exit status.
func (c *call) exit(err error) int {
	var st *statusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &st):
		if st.msg != "" {
			fmt.Fprintln(c.err, st.msg)
		}
		return st.code
	case errors.Is(err, context.Canceled):
		return 130
	}
	fmt.Fprintln(c.err, err)
	return 1
}

// usageError is a mistake on the command line, with the usage and where to read more.
func usageError(cmd *cobra.Command, see, format string, args ...any) string {
	return fmt.Sprintf(format, args...) + "\n\nUsage:  " + useLine(cmd) + "\n\n" + see + " '" + commandPath(cmd) + " --help' for more information"
}

// commandPath is the command as messages name it: what was typed, but for what
// Docker hands over to buildx.
func commandPath(cmd *cobra.Command) string {
	if p := cmd.Annotations["buildx"]; p != "" {
		return p
	}
	return cmd.CommandPath()
}

func useLine(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return commandPath(cmd)
	}
	_, rest, _ := strings.Cut(cmd.Use, " ")
	return strings.TrimSpace(commandPath(cmd) + " " + rest)
}

// check is cobra's Args function for an arity, in Docker's words (cli/required.go).
func (n arity) check(cmd *cobra.Command, args []string) error {
	plural := func(n int) string {
		if n == 1 {
			return "argument"
		}
		return "arguments"
	}
	prefix, see := "docker: '"+commandPath(cmd)+"' ", "Run"
	if cmd.Annotations["buildx"] != "" {
		prefix = "ERROR: " + prefix
	}
	var what string
	switch {
	case len(args) >= n.min && (n.max < 0 || len(args) <= n.max):
		return nil
	case n.max == 0:
		what = "accepts no arguments"
	case n.min == n.max:
		what = fmt.Sprintf("requires %d %s", n.min, plural(n.min))
	case n.max < 0:
		what, see = fmt.Sprintf("requires at least %d %s", n.min, plural(n.min)), "See"
	case n.min == 0:
		what = fmt.Sprintf("requires at most %d %s", n.max, plural(n.max))
	default:
		what = fmt.Sprintf("requires at least %d and at most %d %s", n.min, n.max, plural(n.max))
	}
	return &statusError{usageError(cmd, see, "%s%s", prefix, what), 1}
}

// command makes the cobra command called name from an action.
func (c *call) command(name string, a action) *cobra.Command {
	sp := specs()[a.spec]
	_, rest, _ := strings.Cut(strings.TrimPrefix(sp.usage, a.spec), " ")
	if a.spec == "build" {
		rest = strings.TrimPrefix(sp.usage, "buildx build ")
	}
	cmd := &cobra.Command{
		Use: strings.TrimSpace(name + " " + rest), Short: sp.short, Args: a.n.check,
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		Annotations: map[string]string{"aliases": sp.aliases},
		RunE: func(cmd *cobra.Command, args []string) error {
			c.opts = opts{cmd}
			return a.do(c, args)
		},
	}
	cmd.Flags().SortFlags = true
	cmd.Flags().SetInterspersed(!a.stops)
	sp.define(cmd.Flags())
	cmd.Flags().Bool("help", false, "Print usage")
	// Only the commands that pass their flags on to something else list --help.
	cmd.Flags().Lookup("help").Hidden = a.spec != "run" && a.spec != "create"
	cmd.Flags().Lookup("help").NoOptDefVal = "true"
	cmd.SetFlagErrorFunc(flagError)
	cmd.SetHelpFunc(c.help)
	return cmd
}

func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	text := err.Error()
	if cmd.Annotations["buildx"] != "" {
		text = olderBool.ReplaceAllString(text, `$1 strconv.ParseBool: parsing $2: invalid syntax`)
	}
	return &statusError{usageError(cmd, "Run", "%s", text), 125}
}

// olderBool is a refused value of a bool flag, which the plugin's older pflag says
// in other words.
var olderBool = regexp.MustCompile(`(^invalid argument (".*") for .* flag:) must be true or false$`)
