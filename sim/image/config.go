package image

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ParseConfig reads an image config. Unknown fields are passed over and null
// stands for absent (image-spec config.md); a time that is no time is left out
// and told in the notes, since it changes nothing about the image.
func ParseConfig(raw []byte) (c Config, notes []string, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return c, nil, fmt.Errorf("reading image config: %w", err)
	}
	if fields["rootfs"] == nil || bytes.Equal(bytes.TrimSpace(fields["rootfs"]), []byte("null")) {
		return c, nil, errors.New(`reading image config: it has no "rootfs": this is not the config of a container image`)
	}
	err = json.Unmarshal(raw, &c)
	var bad *time.ParseError
	if errors.As(err, &bad) {
		notes = append(notes, fmt.Sprintf("the config has %q where a time should be; it is left out", bad.Value))
		c = Config{}
		err = json.Unmarshal(withoutBadTimes(fields), &c)
	}
	if err != nil {
		return c, nil, fmt.Errorf("reading image config: %w", err)
	}
	if t := c.RootFS.Type; t != "layers" {
		return c, nil, fmt.Errorf(`reading image config: rootfs type %q, expected "layers"`, t)
	}
	return c, notes, nil
}

// withoutBadTimes is the config without those "created" that are no RFC 3339
// time.
func withoutBadTimes(fields map[string]json.RawMessage) []byte {
	dropBadTime(fields)
	var history []map[string]json.RawMessage
	if json.Unmarshal(fields["history"], &history) == nil {
		for _, h := range history {
			dropBadTime(h)
		}
		fields["history"], _ = json.Marshal(history)
	}
	out, _ := json.Marshal(fields)
	return out
}

func dropBadTime(fields map[string]json.RawMessage) {
	var t *time.Time
	if json.Unmarshal(fields["created"], &t) != nil {
		delete(fields, "created")
	}
}
