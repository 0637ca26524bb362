package cli_test

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// What may differ between two runs of the real Docker itself is taken out of both
// sides before they are compared: times, ages, durations, generated ids (numbered
// by first appearance), the order of concurrent build steps and of docker diff.

type answer struct {
	command string
	lines   []string
}

// answers are a transcript's commands with what each printed.
func answers(text string) []answer {
	var out []answer
	on := false
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		n := len(out)
		switch {
		case memberLine.MatchString(line):
			on = line == "-- transcript --"
		case !on:
		case strings.HasPrefix(line, "$ "):
			out = append(out, answer{command: line})
		case n > 0 && strings.HasPrefix(line, "> ") && len(out[n-1].lines) == 0:
			out[n-1].command += "\n" + line
		case n > 0:
			out[n-1].lines = append(out[n-1].lines, line)
		}
	}
	return out
}

// ids numbers generated ids in the order in which they appear.
type ids map[string]string

const ages = `(?:Less than a second|About a minute|About an hour|\d+ (?:second|minute|hour|day|week|month|year)s?)`

var (
	memberLine = regexp.MustCompile(`^-- (.+) --$`)
	colour     = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	diffVerb   = regexp.MustCompile(`^\$ docker( container)? diff`)
	refPair    = regexp.MustCompile(`\b[a-z0-9]{25}::[a-z0-9]{25}\b`)
	timeStamp  = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4} UTC|Z|[+-]\d\d:\d\d)?`)
	cacheRow   = regexp.MustCompile(`^Build Cache .*`)
	agoWords   = regexp.MustCompile(ages + ` ago`)
	upWords    = regexp.MustCompile(`\bUp ` + ages)
	idWord     = regexp.MustCompile(`\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b`)
	blanks     = regexp.MustCompile(` {2,}`)
	vertexLine = regexp.MustCompile(`^#(\d+) (.*)`)
	logTime    = regexp.MustCompile(`^\d+\.\d+ `)
	duration   = regexp.MustCompile(` ?\b\d+\.\d+s\b`)
	transient  = regexp.MustCompile(`^(transferring|resolve|sha256:|extracting|rewriting layers)`)
)

func normal(a answer, seen ids, raw bool, mask *regexp.Regexp) []string {
	var lines []string
	for _, l := range a.lines {
		lines = append(lines, colour.ReplaceAllString(l, ""))
	}
	lines = steps(lines)
	if diffVerb.MatchString(a.command) {
		sort.Strings(lines)
	}
	var out []string
	for _, l := range lines {
		if mask != nil {
			l = mask.ReplaceAllString(l, "<depends on the base>")
		}
		l = refPair.ReplaceAllString(l, "<ref>")
		l = timeStamp.ReplaceAllString(l, "<time>")
		l = cacheRow.ReplaceAllString(l, "Build Cache <differs>")
		l = strings.TrimPrefix(l, "/bin/sh: ")
		l = agoWords.ReplaceAllString(l, "<ago>")
		l = upWords.ReplaceAllString(l, "Up <t>")
		if !raw {
			l = idWord.ReplaceAllStringFunc(l, seen.number)
		}
		if l = strings.TrimRight(blanks.ReplaceAllString(l, "  "), " \t"); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (s ids) number(id string) string {
	id = id[:12]
	if s[id] == "" {
		s[id] = fmt.Sprintf("<id%d>", len(s)+1)
	}
	return s[id]
}

// steps is plain build progress as one block for each step, in the order of
// their names; the rest of the lines after them.
func steps(lines []string) []string {
	names, bodies := map[string]string{}, map[string][]string{}
	var rest []string
	for _, l := range lines {
		m := vertexLine.FindStringSubmatch(l)
		if m == nil {
			rest = append(rest, l)
			continue
		}
		n, text := m[1], m[2]
		switch {
		case n == "0":
		case names[n] == "":
			names[n] = text
		case text == names[n] || text == "...":
		default:
			bodies[n] = append(bodies[n], text)
		}
	}
	if len(names) == 0 {
		return lines
	}
	var blocks []string
	for n, name := range names {
		blocks = append(blocks, strings.Join(append([]string{"# " + name}, cleanStep(name, bodies[n])...), "\n  "))
	}
	sort.Strings(blocks)
	out := strings.Split(strings.Join(blocks, "\n"), "\n")
	for _, l := range rest {
		if strings.TrimSpace(l) != "" {
			out = append(out, logTime.ReplaceAllString(l, ""))
		}
	}
	return out
}

// cleanStep is what a step printed without times and without what only says that
// work goes on.
func cleanStep(name string, lines []string) []string {
	var keep []string
	for _, t := range lines {
		t = strings.TrimSpace(duration.ReplaceAllString(logTime.ReplaceAllString(t, ""), ""))
		if transient.MatchString(t) || strings.HasPrefix(t, "unpacking ") && !strings.HasSuffix(t, "done") {
			continue
		}
		if strings.Contains(name, "FROM ") && (t == "DONE" || t == "CACHED" || t == "CANCELED") {
			t = "OK"
		}
		if t != "" && !slices.Contains(keep, t) {
			keep = append(keep, t)
		}
	}
	return slices.DeleteFunc(slices.Clone(keep), func(t string) bool { return slices.Contains(keep, t+" done") })
}
