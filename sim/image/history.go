package image

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// A Row is one row of an image's history.
type Row struct {
	History ocispec.History
	Layer   int    // the layer it made, -1 for a row that only changed the config
	Note    string // what does not fit, or ""
}

// Rows is the history with the layer that each row made, oldest first. History
// is what the builder wrote down, and nothing holds it to the truth: a row that
// claims a layer that is not there has Layer -1 and a note, and a layer without
// a row gets one at the end, with a note. Whether a row made a layer is what it
// says of itself (empty_layer); a layer may well be empty.
func (im *Image) Rows() []Row {
	layers := len(im.DiffIDs())
	rows := make([]Row, 0, max(len(im.Config.History), layers))
	next := 0
	for _, h := range im.Config.History {
		row := Row{History: h, Layer: -1}
		switch {
		case h.EmptyLayer:
		case next < layers:
			row.Layer = next
			next++
		default:
			row.Note = fmt.Sprintf("the history says that this step made a layer, but the image has only %s", count(layers, "layer"))
		}
		rows = append(rows, row)
	}
	for ; next < layers; next++ {
		rows = append(rows, Row{Layer: next, Note: "no history recorded for this layer"})
	}
	return rows
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// argPrefix is the arguments before a command: "|2 A=1 B=2 ".
var argPrefix = regexp.MustCompile(`^\|(\d+) `)

// Instruction is a history row's created_by as the Dockerfile may have had it:
// "RUN apt-get update" for BuildKit's "RUN |1 V=1 /bin/sh -c apt-get update # buildkit"
// and for the classic builder's "|1 V=1 /bin/sh -c apt-get update". What is not
// recognised comes back as it is; "" stays "".
func Instruction(createdBy string) string {
	s := strings.TrimSpace(createdBy)
	s = strings.TrimSpace(strings.TrimSuffix(s, "# buildkit"))
	if rest, ok := strings.CutPrefix(s, "/bin/sh -c #(nop) "); ok {
		return strings.TrimSpace(rest)
	}
	run, isRun := strings.CutPrefix(s, "RUN ")
	if !isRun {
		run = s
	}
	run = withoutArgs(run)
	if command, ok := strings.CutPrefix(run, "/bin/sh -c "); ok {
		return "RUN " + strings.TrimSpace(command)
	}
	if isRun {
		return "RUN " + run
	}
	return s
}

// withoutArgs is s without a prefix of build arguments. A value may hold spaces,
// so the arguments end where the shell begins, if it is there.
func withoutArgs(s string) string {
	m := argPrefix.FindStringSubmatchIndex(s)
	if m == nil {
		return s
	}
	if i := strings.Index(s, " /bin/sh -c "); i >= 0 {
		return s[i+1:]
	}
	n, _ := strconv.Atoi(s[m[2]:m[3]])
	rest := s[m[1]:]
	for ; n > 0 && rest != ""; n-- {
		_, rest, _ = strings.Cut(rest, " ")
	}
	return rest
}
