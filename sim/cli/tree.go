package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// A group is a management command: `docker image`, with its commands.
type group struct {
	name, short string
	members     [][2]string // name, action
}

var groups = []group{
	{"builder", "Manage builds", [][2]string{{"build", "build"}, {"prune", "builder prune"}}},
	{"buildx", "Docker Buildx", [][2]string{{"build", "build"}, {"du", "buildx du"}, {"prune", "builder prune"}}},
	{"container", "Manage containers", [][2]string{
		{"attach", "attach"}, {"commit", "commit"}, {"cp", "cp"}, {"create", "create"}, {"diff", "diff"}, {"exec", "exec"},
		{"export", "export"}, {"inspect", "container inspect"}, {"kill", "kill"}, {"logs", "logs"}, {"ls", "ps"},
		{"pause", "pause"}, {"port", "port"}, {"prune", "container prune"}, {"rename", "rename"}, {"restart", "restart"},
		{"rm", "rm"}, {"run", "run"}, {"start", "start"}, {"stats", "stats"}, {"stop", "stop"}, {"top", "top"},
		{"unpause", "unpause"}, {"update", "update"}, {"wait", "wait"},
	}},
	{"image", "Manage images", [][2]string{
		{"build", "build"}, {"history", "history"}, {"import", "import"}, {"inspect", "image inspect"}, {"load", "load"},
		{"ls", "images"}, {"prune", "image prune"}, {"pull", "pull"}, {"push", "push"}, {"rm", "rmi"}, {"save", "save"}, {"tag", "tag"},
	}},
	{"network", "Manage networks", [][2]string{{"ls", "network ls"}}},
	{"system", "Manage Docker", [][2]string{{"df", "system df"}, {"info", "info"}, {"prune", "system prune"}}},
	{"volume", "Manage volumes", [][2]string{{"ls", "volume ls"}}},
}

var aliases = map[string][]string{"image ls": {"list"}, "image rm": {"remove"}, "container ls": {"list", "ps"}, "container rm": {"remove"},
	"volume ls": {"list"}, "network ls": {"list"}, "buildx build": {"b"}}

// lacking are commands of Docker that the simulator does not have, with what is
// to be said of them.
var lacking = map[string]string{
	"bake": "", "login": "", "logout": "", "search": "", "context": "", "manifest": "", "plugin": "", "swarm": "", "events": "",
	"compose": "", "service": "", "stack": "", "node": "", "secret": "", "config": "", "scout": "", "trust": "",
}

// tree is the whole command tree.
func (c *call) tree() *cobra.Command {
	root := &cobra.Command{
		Use: "docker [OPTIONS] COMMAND", Short: "A self-sufficient runtime for containers",
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true, TraverseChildren: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			if _, known := lacking[args[0]]; known {
				return &statusError{"docker " + args[0] + ": the simulator does not have this command", 1}
			}
			return &statusError{fmt.Sprintf("docker: unknown command: docker %s\n\nRun 'docker --help' for more information", args[0]), 1}
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if v, _ := cmd.Flags().GetBool("version"); v {
				fmt.Fprintln(c.out, "Docker version "+dockerVersion+", build layerlab")
				return nil
			}
			rootHelp(c.err)
			return nil
		},
	}
	root.Flags().BoolP("version", "v", false, "Print version information and quit")
	root.Flags().BoolP("help", "h", false, "Print usage")
	root.Flags().StringP("context", "c", "", "")
	root.Flags().StringP("host", "H", "", "")
	root.Flags().StringP("log-level", "l", "info", "")
	root.Flags().BoolP("debug", "D", false, "")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &statusError{err.Error() + "\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information", 125}
	})
	root.SetHelpFunc(func(*cobra.Command, []string) { rootHelp(c.out) })
	root.SetHelpCommand(c.helpCommand())
	for name, a := range actions {
		if strings.Contains(name, " ") {
			continue
		}
		cmd := c.command(name, a)
		if name == "build" {
			cmd = c.buildx("docker buildx build", a)
		}
		root.AddCommand(cmd)
	}
	for _, g := range groups {
		root.AddCommand(c.group(g))
	}
	return root
}

// buildx is a command that Docker hands over to its plugin buildx, whose path it
// shows whatever was typed.
func (c *call) buildx(path string, a action) *cobra.Command {
	words := strings.Fields(path)
	cmd := c.command(words[len(words)-1], a)
	cmd.Annotations["buildx"] = path
	return cmd
}

func (c *call) group(g group) *cobra.Command {
	cmd := &cobra.Command{
		Use: g.name, Short: g.short, SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return &statusError{usageError(cmd, "Run", "docker: unknown command: %s %s", cmd.CommandPath(), args[0]), 1}
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			groupHelp(c.err, cmd)
			return nil
		},
	}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) { groupHelp(c.out, cmd) })
	cmd.SetFlagErrorFunc(flagError)
	for _, m := range g.members {
		a := actions[m[1]]
		sub := c.command(m[0], a)
		if a.spec == "build" || a.spec == "builder prune" || a.spec == "buildx du" {
			sub = c.buildx("docker buildx "+m[0], a)
		}
		sub.Aliases = aliases[g.name+" "+m[0]]
		cmd.AddCommand(sub)
	}
	return cmd
}

func (c *call) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Hidden: true, SilenceErrors: true, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				return plain("unknown help topic: %s", strings.Join(args, " "))
			}
			return found.Help()
		},
	}
}
