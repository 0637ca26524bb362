package cli

import (
	"strconv"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/store"
)

// historyRow is a row of `docker history` for templates.
type historyRow struct{ ID, CreatedSince, CreatedAt, CreatedBy, Size, Comment string }

// MarshalJSON writes the row as Docker does.
func (r historyRow) MarshalJSON() ([]byte, error) { return rowJSON(r) }

var historyListing = listing{
	typ: "historyContext",
	headers: headers{
		"ID": "IMAGE", "CreatedSince": "CREATED", "CreatedAt": "CREATED AT", "CreatedBy": "CREATED BY", "Size": "SIZE", "Comment": "COMMENT",
	},
	table: "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
	quiet: "{{.ID}}",
}

// history is `docker history`.
func (c *call) history(args []string) error {
	im, err := c.resolve(args[0])
	if err != nil {
		return err
	}
	human := !c.given("human") || c.on("human")
	full := c.on("no-trunc")
	rows, sizes := im.Rows(), c.e.Store().HistorySizes(im)
	ids := c.historyIDs(im, len(rows))
	var out []any
	for i := len(rows) - 1; i >= 0; i-- {
		h := rows[i].History
		row := historyRow{ID: ids[i], CreatedBy: strings.ReplaceAll(h.CreatedBy, "\t", " "), Comment: h.Comment, Size: size(sizes[i])}
		at := time.Unix(0, 0) // the daemon answers with seconds since then
		if h.Created != nil {
			at = *h.Created
		}
		row.CreatedSince, row.CreatedAt = c.ago(at), at.UTC().Format(time.RFC3339)
		if !human {
			row.CreatedSince, row.Size = row.CreatedAt, strconv.FormatInt(sizes[i], 10)
		}
		if !full {
			row.ID, row.CreatedBy = shortID(row.ID), ellipsis(row.CreatedBy, 45)
		}
		out = append(out, row)
	}
	l := historyListing
	if !human {
		l.table = "{{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
	}
	if err := l.write(c.out, c.str("format"), c.on("quiet"), out); err != nil {
		return plain("%s", strings.ReplaceAll(err.Error(), "*formatter.historyContext", "*image.historyContext"))
	}
	return nil
}

// historyIDs are the image IDs of the rows, the oldest first: the image's own at
// its newest row, and its parent's (of a committed image) where that begins.
func (c *call) historyIDs(im *store.Image, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "<missing>"
	}
	for at := im; at != nil && n > 0; {
		ids[n-1] = at.ID.String()
		if at.Parent == "" {
			break
		}
		if at = c.e.Store().Get(at.Parent); at != nil {
			n = min(n-1, len(at.Rows()))
		}
	}
	return ids
}
