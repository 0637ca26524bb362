package cli

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/spf13/pflag"
)

//go:embed commands.txt
var commandsText string

// A spec is one command as Docker's help lists it.
type spec struct {
	usage, short, aliases string
	flags                 []flagSpec
}

type flagSpec struct{ short, name, kind, text string }

const (
	formatHelp = "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n" +
		"'table TEMPLATE':   Print output in table format using the given Go template\n" + inspectLines
	inspectHelp  = "Format output using a custom template:\n" + inspectLines
	inspectLines = "'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\n" +
		"Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"
)

// specs are the commands of commands.txt by name.
var specs = sync.OnceValue(func() map[string]*spec {
	out := map[string]*spec{}
	var at *spec
	for line := range strings.Lines(commandsText) {
		line = strings.TrimRight(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			at = &spec{}
			out[strings.Trim(line, "[]")] = at
		case word == "usage":
			at.usage = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(rest)
		case word == "short":
			at.short = strings.ReplaceAll(rest, `\n`, "\n")
		case word == "aliases":
			at.aliases = rest
		default:
			at.flags = append(at.flags, parseFlag(line))
		}
	}
	return out
})

// parseFlag reads "-a, --all bool | what it does".
func parseFlag(line string) flagSpec {
	head, text, _ := strings.Cut(line, " | ")
	var f flagSpec
	if strings.HasPrefix(head, "-") && len(head) > 2 && head[2] == ',' {
		f.short, head = head[1:2], head[4:]
	}
	f.name, f.kind, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(head), "--"), " ")
	switch text {
	case "FORMAT":
		text = formatHelp
	case "INSPECT":
		text = inspectHelp
	}
	f.text = strings.ReplaceAll(text, `\n`, "\n")
	return f
}

// define gives a flag set the flags of a spec.
func (s *spec) define(fs *pflag.FlagSet) {
	for _, f := range s.flags {
		fl := fs.VarPF(&flagValue{kind: f.kind}, f.name, f.short, f.text)
		fl.Deprecated, _ = strings.CutPrefix(f.text, "DEPRECATED ")
		if fl.Deprecated == f.text {
			fl.Deprecated = ""
		}
		if f.kind == "bool" {
			fl.NoOptDefVal = "true"
		}
	}
}
