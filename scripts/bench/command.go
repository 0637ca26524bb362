package main

import (
	"fmt"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// commands runs in the page: it notes when a line is sent off in the terminal and
// when the timeline has it as done, and measures the frames between.
const commands = `
globalThis.slider = () => document.querySelector('input[aria-label="Timeline"]');
globalThis.line = {frames: []};
{
	const compile = WebAssembly.instantiate;
	WebAssembly.instantiate = (...args) => compile(...args).then(made => { line.memory = (made.instance ?? made).exports.mem; return made; });
	let last = performance.now();
	const frame = now => { if (line.runs) line.frames.push(now - last); last = now; requestAnimationFrame(frame); };
	requestAnimationFrame(frame);
	addEventListener("submit", () => { line.from = Number(slider().max); line.began = performance.now(); line.frames = []; line.runs = true; }, true);
	new MutationObserver(() => {
		if (!line.runs || Number(slider()?.max) <= line.from) return;
		line.took = performance.now() - line.began;
		requestAnimationFrame(() => setTimeout(() => { line.runs = false; }));
	}).observe(document, {subtree: true, childList: true, attributes: true});
}`

// A terminal is a page whose terminal is typed into, and watched.
type terminal struct {
	t *bench
	p *chrome.Page
}

// openTerminal opens the page, on a processor that is so many times slower than
// this one, and waits for its first commands.
func openTerminal(t *bench, url string, slower float64) terminal {
	p := chrome.OpenWith(t, url+"/", chrome.Options{Browser: launch(t), Script: commands, Reduced: true})
	p.Until("the first image is built", func() bool { return p.Has("button", "Layer…") })
	p.Until("the page waits for commands", func() bool { return chrome.Eval[bool](p, `Boolean(slider() && !slider().disabled)`) })
	p.Slow(slower)
	return terminal{t, p}
}

// A stretch is what a command cost the page.
type stretch struct {
	took   float64 // ms from Enter until the timeline has it as done
	frame  float64 // ms, the longest between two pictures
	task   float64 // ms of the processor, the longest stretch of work without a break
	memory float64 // bytes of the program's memory afterwards
}

// run types a line and waits until it has run.
func (t terminal) run(line string) stretch {
	in := t.p.Find("textbox", "Command")
	in.Fill(line)
	stop := t.p.Record()
	t.p.Press("Enter")
	t.p.Until(fmt.Sprintf("%q has run", line), func() bool { return chrome.Eval[bool](t.p, `line.began > 0 && !line.runs`) })
	var longest time.Duration
	for _, task := range stop() {
		longest = max(longest, task.CPU)
	}
	return stretch{
		took:   chrome.Eval[float64](t.p, `line.took`),
		frame:  chrome.Eval[float64](t.p, `Math.max(...line.frames)`),
		task:   float64(longest) / float64(time.Millisecond),
		memory: chrome.Eval[float64](t.p, `line.began = 0, line.memory.buffer.byteLength`),
	}
}

// must is run for a line that has to end well.
func (t terminal) must(line string) stretch {
	s := t.run(line)
	if said := chrome.Eval[string](t.p, `document.querySelector('[aria-label="Terminal output"] .entry:last-child .exit')?.innerText ?? ""`); said != "" {
		t.t.Fatalf("%q ended with %q", line, said)
	}
	return s
}

// blocked is the longest frame that may be noticed, in ms.
const blocked = 50

// tell prints what a command cost.
func (s stretch) tell(name string) {
	figure(name, s.took/1e3, "s", 0)
	figure("  longest blocked frame", s.frame, "ms", blocked)
	figure("  longest work without a break, by the processor's time", s.task, "ms", blocked)
}
