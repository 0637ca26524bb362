package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// helpWidth is the width that help is wrapped to where there is no terminal.
const helpWidth = 80

// help prints a command's help as Docker does (cli/cobra.go, usageTemplate).
func (c *call) help(cmd *cobra.Command, _ []string) {
	fmt.Fprintf(c.out, "Usage:  %s\n\n%s\n", useLine(cmd), cmd.Short)
	if a := cmd.Annotations["aliases"]; a != "" {
		fmt.Fprintf(c.out, "\nAliases:\n  %s\n", a)
	}
	if cmd.HasAvailableFlags() {
		text := strings.TrimRight(cmd.Flags().FlagUsagesWrapped(helpWidth-1), "\n")
		if cmd.Annotations["buildx"] != "" {
			// The plugin is built with an older pflag.
			text = strings.ReplaceAll(text, "[=true|false]", "             ")
		}
		fmt.Fprintf(c.out, "\nOptions:\n%s\n", text)
	}
}

func groupHelp(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, "Usage:  %s COMMAND\n\n%s\n\nCommands:\n", cmd.CommandPath(), cmd.Short)
	width := 11
	for _, sub := range cmd.Commands() {
		width = max(width, len(sub.Name()))
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" {
			fmt.Fprintf(w, "  %-*s %s\n", width, sub.Name(), firstLine(groupShort(sub)))
		}
	}
	fmt.Fprintf(w, "\nRun '%s COMMAND --help' for more information on a command.\n", cmd.CommandPath())
}

// groupShort is what a list says of a command; of builds Docker says it in words
// of its own.
func groupShort(cmd *cobra.Command) string {
	if cmd.Name() == "build" && cmd.Parent().Name() != "buildx" {
		return "Build an image from a Dockerfile"
	}
	return cmd.Short
}

// rootSections are the parts of `docker --help`, in their order. What the
// simulator does not have is left out.
var rootSections = []struct{ title, names string }{
	{"Common Commands", "run exec ps build pull push images version info"},
	{"Management Commands", "builder buildx container image network system volume"},
	{"Commands", "attach commit cp create diff export history import inspect kill load logs pause port rename restart rm rmi save start stats stop tag top unpause update wait"},
}

func rootHelp(w io.Writer) {
	fmt.Fprint(w, "Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n")
	short := map[string]string{"build": "Build an image from a Dockerfile"}
	for _, g := range groups {
		short[g.name] = g.short
	}
	for _, s := range rootSections {
		fmt.Fprintf(w, "\n%s:\n", s.title)
		for name := range strings.FieldsSeq(s.names) {
			text := short[name]
			if text == "" {
				text = firstLine(specs()[name].short)
			}
			fmt.Fprintf(w, "  %-11s %s\n", name, text)
		}
	}
	fmt.Fprint(w, "\nGlobal Options:\n  -v, --version[=true|false]   Print version information and quit\n"+
		"\nRun 'docker COMMAND --help' for more information on a command.\n"+
		"\nThis is a simulator. Its own commands begin with `lab`; type `lab` to see them.\n")
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}
