package cli

import (
	"errors"
	"strconv"
	"strings"
	"time"

	units "github.com/docker/go-units"
	"github.com/spf13/cobra"
)

// A flagValue holds what was given for one flag, in any of Docker's kinds.
type flagValue struct {
	kind string // as the help shows it: bool, string, list, filter, int, …
	vals []string
}

func (v *flagValue) String() string { return strings.Join(v.vals, ",") }

// Type is the kind; pflag prints it in help.
func (v *flagValue) Type() string { return v.kind }

// IsBoolFlag makes pflag take the flag without a value.
func (v *flagValue) IsBoolFlag() bool { return v.kind == "bool" }

// Set takes one value, refused in strconv's and Docker's words.
func (v *flagValue) Set(s string) error {
	switch v.kind {
	case "bool":
		b, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("must be true or false")
		}
		s = strconv.FormatBool(b)
	case "int":
		if _, err := strconv.ParseInt(s, 0, 64); err != nil {
			return errors.New("must be an integer")
		}
	case "duration":
		if _, err := time.ParseDuration(s); err != nil {
			return errors.New("must be a duration like \"30s\" or \"5m\"")
		}
	case "bytes":
		if _, err := units.RAMInBytes(s); err != nil {
			return err
		}
	case "ulimit":
		if _, limits, ok := strings.Cut(s, "="); !ok || limits == "" {
			return errors.New("invalid ulimit argument: " + s)
		}
	case "filter":
		if !strings.Contains(s, "=") {
			return errors.New("bad format of filter (expected name=value)")
		}
	}
	switch v.kind {
	case "list", "filter", "stringArray", "map":
		v.vals = append(v.vals, s)
	case "strings":
		v.vals = append(v.vals, strings.Split(s, ",")...)
	default:
		v.vals = []string{s}
	}
	return nil
}

// opts are the flags that a command was given.
type opts struct{ cmd *cobra.Command }

func (o opts) value(name string) *flagValue {
	if f := o.cmd.Flags().Lookup(name); f != nil {
		return f.Value.(*flagValue)
	}
	return &flagValue{}
}

// on is a bool flag.
func (o opts) on(name string) bool { v := o.value(name).vals; return len(v) > 0 && v[0] == "true" }

// str is the last value of a flag, or "".
func (o opts) str(name string) string {
	if v := o.value(name).vals; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// list is all the values of a flag.
func (o opts) list(name string) []string { return o.value(name).vals }

// given reports whether the flag was on the command line.
func (o opts) given(name string) bool {
	f := o.cmd.Flags().Lookup(name)
	return f != nil && f.Changed
}

// num is an int flag, or def.
func (o opts) num(name string, def int) int {
	if n, err := strconv.Atoi(o.str(name)); err == nil {
		return n
	}
	return def
}

// filters are the values of -f name=value by name, both trimmed and the name in
// lower case, as Docker keeps them.
func (o opts) filters() map[string][]string {
	out := map[string][]string{}
	for _, f := range o.list("filter") {
		k, v, _ := strings.Cut(f, "=")
		k = strings.ToLower(strings.TrimSpace(k))
		out[k] = append(out[k], strings.TrimSpace(v))
	}
	return out
}
