package deb

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Status is dpkg's database /var/lib/dpkg/status: stanzas by the package's name.
type Status struct{ entries map[string]*Installed }

// Installed is what the database says of one package.
type Installed struct {
	Name    string
	Version string
	State   string // "install ok installed", "deinstall ok config-files"
	Same    bool
	Arch    string
	Text    string // the stanza, with its last newline
}

// Is reports whether the package is installed, not only its settings left.
func (i *Installed) Is() bool { return i != nil && strings.HasSuffix(i.State, " installed") }

// Full is the name as dpkg prints it.
func (i *Installed) Full() string {
	if i.Same {
		return i.Name + ":" + i.Arch
	}
	return i.Name
}

// Field is a field of the stanza, or "".
func (i *Installed) Field(name string) string {
	for line := range strings.Lines(i.Text) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// ParseStatus reads the database.
func ParseStatus(text string) *Status {
	s := &Status{map[string]*Installed{}}
	for stanza := range strings.SplitSeq(text, "\n\n") {
		stanza = strings.Trim(stanza, "\n")
		if stanza == "" {
			continue
		}
		i := &Installed{Text: stanza + "\n"}
		for line := range strings.Lines(i.Text) {
			key, value, _ := strings.Cut(line, ":")
			value = strings.TrimSpace(value)
			switch key {
			case "Package":
				i.Name = value
			case "Version":
				i.Version = value
			case "Status":
				i.State = value
			case "Architecture":
				i.Arch = value
			case "Multi-Arch":
				i.Same = value == "same"
			}
		}
		s.entries[i.Name] = i
	}
	return s
}

// Text is the database as a file.
func (s *Status) Text() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.entries)) {
		b.WriteString(s.entries[name].Text + "\n")
	}
	return b.String()
}

// Get is the entry of a package, nil when there is none.
func (s *Status) Get(name string) *Installed { return s.entries[name] }

// Names are the names of all packages with an entry, sorted.
func (s *Status) Names() []string { return slices.Sorted(maps.Keys(s.entries)) }

// Add makes p installed.
func (s *Status) Add(p *Package) {
	i := &Installed{Name: p.Name, Version: p.Version, State: "install ok installed", Same: p.Same, Arch: p.Arch()}
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, value)
		}
	}
	line("Package", p.Name)
	if p.Essential {
		line("Essential", "yes")
	}
	line("Status", i.State)
	line("Priority", p.Priority)
	line("Section", p.Section)
	line("Installed-Size", fmt.Sprint(p.Installed))
	line("Architecture", p.Arch())
	switch {
	case p.Same:
		line("Multi-Arch", "same")
	case p.Foreign:
		line("Multi-Arch", "foreign")
	}
	line("Source", p.Source)
	line("Version", p.Version)
	line("Depends", p.depends)
	line("Recommends", p.recommends)
	line("Suggests", p.Suggests)
	line("Description", p.Description)
	i.Text = b.String()
	s.entries[p.Name] = i
}

// Remove forgets a package.
func (s *Status) Remove(name string) { delete(s.entries, name) }

// Keep leaves of a package its settings only.
func (s *Status) Keep(name string) {
	if i := s.entries[name]; i != nil {
		c := *i
		c.State = "deinstall ok config-files"
		c.Text = strings.Replace(i.Text, "Status: "+i.State+"\n", "Status: "+c.State+"\n", 1)
		s.entries[name] = &c
	}
}
