package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// timeline measures going back and forth over 100 commands in the page: from the
// move of the timeline's slider until the page shows the other moment.
func timeline(url string) error {
	section("undo in the page")
	return attempt(func(t *bench) {
		b := launch(t)
		was := chrome.Patience
		chrome.Patience = 5 * time.Minute
		defer func() { chrome.Patience = was }()
		p := chrome.OpenWith(t, url+"/", chrome.Options{Browser: b, Script: travelled, Reduced: true})
		p.Until("the first screen is there", func() bool { return p.Has("button", "Container web…deleted /app/deps.txt…") })
		p.Until("the page waits for commands", func() bool { return chrome.Eval[bool](p, `slider() && !slider().disabled`) })
		from := chrome.Eval[int](p, `Number(slider().max)`)
		chrome.Eval[any](p, fmt.Sprintf(`type(%d)`, moments))
		p.Until("the commands have run", func() bool {
			return chrome.Eval[bool](p, fmt.Sprintf(`where().startsWith("%d of %d ")`, from+moments, from+moments))
		})
		var back, forth []float64
		for range 5 {
			back = append(back, chrome.Eval[float64](p, fmt.Sprintf(`travel(%d)`, from)))
			forth = append(forth, chrome.Eval[float64](p, fmt.Sprintf(`travel(%d)`, from+moments)))
		}
		if slices.Min(append(back, forth...)) < 0 {
			t.Fatalf("the page did not go back and forth: %v, %v", back, forth)
		}
		figure(fmt.Sprintf("going back %d commands, until it is on the screen", moments), median(back), "ms", 50)
		figure("going forward again", median(forth), "ms", 50)
	})
}

// travelled runs in the page: it moves the timeline and waits until the page says
// that it is there.
const travelled = `
globalThis.type = n => {
	for (let i = 0; i < n; i++) {
		const line = document.querySelector('[aria-label="Command"]');
		line.value = i % 2 ? "docker tag busybox:1.36 b:" + i : "docker exec web sh -c 'echo " + i + " >> /note'";
		line.dispatchEvent(new Event("input", {bubbles: true}));
		line.form.requestSubmit();
	}
};
globalThis.slider = () => document.querySelector('input[aria-label="Timeline"]');
globalThis.where = () => document.querySelector(".time .where")?.textContent ?? "";
globalThis.travel = n => new Promise(done => {
	const start = performance.now(), want = n + " of " + slider().max + " ";
	const see = new MutationObserver(() => {
		if (!where().startsWith(want)) return;
		see.disconnect();
		requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
	});
	setTimeout(() => { see.disconnect(); done(-1); }, 10000);
	see.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
	slider().value = n;
	slider().dispatchEvent(new Event("input", {bubbles: true}));
});`
