// boot.js starts the page's program, assets/app.wasm, and is still there when that
// program ends: it says so and starts it again with what the person had typed.
//
// It and worker.js are the only JavaScript of the project that is written by
// hand; all else is Go. What it shares with the program is the object
// globalThis.layerlab (see web/browser).
"use strict";

(() => {
  const names = document.currentScript.dataset; // the assets' names, put in by scripts/build
  const root = document.documentElement;
  const url = (name) => new URL(name, document.baseURI).href;
  const embedded = new URLSearchParams(location.search).get("embed") === "1";
  const SESSION = "layerlab.session"; // what the program keeps to start again with

  // stored runs f with a web storage; browsers may refuse even to name one.
  const stored = (kind, f) => {
    try { return f(globalThis[kind]); } catch { return null; }
  };

  const lab = globalThis.layerlab = {
    kept: new Map(), // what the program stores, also where web storage is blocked
    restart: "",     // "", "resume" or "careful": how this run was started
    signal: null,    // aborted when the program ends: its listeners go with it
    ready: null,     // called by the program when its first picture is up
    catalog: names.catalog && url(names.catalog), // where the names of the catalogue's data files stand
    worker: { boot: url(names.worker), exec: url(names.exec), app: url(names.workerApp) },
    times: {},       // when what happened, in ms since the page was asked for
  };
  lab.ready = () => {
    lab.times.ready ??= performance.now();
    root.dataset.state = "ready";
  };

  // The look is set before anything is drawn.
  const theme = stored("localStorage", (s) => s.getItem("layerlab.theme"));
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (embedded) root.dataset.embed = "1";
  root.dataset.state = "loading";

  const element = (tag, text, attributes = {}) => {
    const e = document.createElement(tag);
    e.textContent = text;
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    return e;
  };
  const megabytes = (n) => (n / 1e6).toFixed(1) + " MB";

  // A Halt is a reason why the program can not start, in words for the person.
  class Halt extends Error {
    constructor(text, code) { super(text); this.code = code; }
  }

  const halted = (error) => {
    root.dataset.state = "halted";
    const main = document.querySelector(".boot") ?? document.body;
    main.querySelector("#boot-progress")?.remove();
    const text = document.getElementById("boot-text") ?? main.appendChild(element("p", ""));
    text.setAttribute("role", "alert");
    text.textContent = error instanceof Halt ? error.message : "Layer Lab could not be started: " + (error?.message ?? error);
    if (error?.code) main.append(element("pre", error.code));
    if (!(error instanceof Halt)) console.error(error);
  };

  const check = () => {
    if (location.protocol === "file:")
      throw new Halt("This page was opened straight from the disk, where browsers do not let it load its program. With Go installed, type this in the project's folder; the page then opens by itself:", "go run ./scripts/serve");
    if (typeof WebAssembly !== "object" || !WebAssembly.compileStreaming)
      throw new Halt("Layer Lab is a WebAssembly program, and this browser has no WebAssembly or has it switched off. Any Chrome, Edge, Firefox or Safari of the last years can show it.");
  };

  const progress = (done) => {
    const total = Number(names.size);
    const bar = document.getElementById("boot-progress");
    const text = document.getElementById("boot-text");
    if (!bar || !text) return;
    bar.hidden = false;
    if (total > 0) { bar.max = total; bar.value = done; }
    text.textContent = done < total ? `Loading… ${megabytes(done)} of ${megabytes(total)}` : "Starting…";
  };

  const count = async (response) => {
    const reader = response.body.getReader();
    let done = 0, shown = 0;
    for (;;) {
      const chunk = await reader.read();
      if (chunk.done) break;
      done += chunk.value.length;
      if (performance.now() - shown > 100) { shown = performance.now(); progress(done); }
    }
    progress(done);
    lab.times.downloaded = performance.now();
  };

  const get = async () => {
    const response = await fetch(url(names.app)).catch((e) => {
      throw new Halt("Layer Lab's program could not be loaded (" + e.message + "). Is the network or the server gone? In a sandboxed frame, the server must allow it to every origin (Access-Control-Allow-Origin: *).");
    });
    if (!response.ok)
      throw new Halt(`The server has no ${names.app} (${response.status}). The page has to be built before it is served:`, "go run ./scripts/build -o dist");
    return response;
  };

  // load is the compiled program. Where the server names the wrong media type,
  // streaming is refused and the bytes are taken as they are.
  const load = async () => {
    const response = await get();
    count(response.clone()).catch(() => {});
    try {
      return await WebAssembly.compileStreaming(response);
    } catch (refused) {
      const bytes = await (await get()).arrayBuffer();
      return await WebAssembly.compile(bytes).catch((e) => {
        throw new Halt("This browser can not run Layer Lab's program (" + e.message + "). A newer one can.");
      });
    }
  };

  // run starts the program and returns when it has ended, with the last that it
  // wrote. Whatever way it ends, nothing of it runs afterwards.
  const run = async (module) => {
    const ends = new AbortController();
    lab.signal = ends.signal;
    let said = "";
    const fs = globalThis.fs;
    const write = fs.writeSync;
    const decoder = new TextDecoder();
    fs.writeSync = function (fd, bytes) {
      said = (said + decoder.decode(bytes, { stream: true })).slice(-20000);
      return write.call(this, fd, bytes);
    };
    const go = new Go();
    go.env = { TZ: "UTC" };
    await new Promise((resolve) => {
      const resume = go._resume.bind(go);
      go._resume = () => {
        try { resume(); } catch (e) { said += e; resolve(); }
      };
      WebAssembly.instantiate(module, go.importObject)
        .then((instance) => { lab.times.started ??= performance.now(); return go.run(instance); })
        .catch((e) => { said += e; })
        .then(resolve);
    });
    go._resume = () => {}; // late timers and listeners of it do nothing
    fs.writeSync = write;
    ends.abort();
    return said;
  };

  // stopped says that the program has ended and is what the person chose then.
  const stopped = (said) => new Promise((resolve) => {
    root.dataset.state = "stopped";
    const kept = lab.kept.has(SESSION) || stored("sessionStorage", (s) => s.getItem(SESSION)) !== null;
    const box = element("div", "", { class: "stopped", role: "alertdialog", "aria-labelledby": "stopped-title", "aria-describedby": "stopped-text" });
    box.append(
      element("h2", "Layer Lab has stopped", { id: "stopped-title" }),
      element("p", "The program in this page ended unexpectedly. That is a mistake in Layer Lab, not in what you did. " +
        (kept ? "Your Dockerfile, its files and the commands typed so far are kept." : "Images that you opened are still on your machine as they were."), { id: "stopped-text" }));
    const buttons = box.appendChild(element("div", "", { class: "stopped-buttons" }));
    const offer = (label, how) => buttons.appendChild(element("button", label, { type: "button" })).addEventListener("click", () => {
      box.remove();
      resolve(how);
    });
    if (kept) {
      offer("Start again with my work", "resume");
      offer("Start again without the last command", "careful");
    }
    offer("Start afresh", "");
    const details = box.appendChild(element("details", ""));
    details.append(element("summary", "What it said last"), element("pre", said.trim() || "nothing"));
    document.body.append(box);
    if (!embedded) buttons.firstElementChild.focus();
  });

  const forget = () => {
    lab.kept.delete(SESSION);
    stored("sessionStorage", (s) => s.removeItem(SESSION));
  };

  const main = async () => {
    check();
    const skeleton = document.getElementById("app").cloneNode(true);
    const module = await load();
    lab.restart = stored("sessionStorage", (s) => s.getItem(SESSION)) === null ? "" : "resume";
    for (;;) {
      root.dataset.state = "running";
      lab.restart = await stopped(await run(module));
      if (lab.restart === "") forget();
      const app = document.getElementById("app");
      if (app) app.replaceWith(skeleton.cloneNode(true)); else document.body.append(skeleton.cloneNode(true));
    }
  };

  // An embedded page tells the page around it how high it is.
  const postHeight = () => {
    let last = 0;
    new ResizeObserver(() => {
      const height = root.offsetHeight;
      if (height === last) return;
      last = height;
      parent.postMessage({ type: "layerlab:height", height }, "*");
    }).observe(root);
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (embedded && parent !== globalThis) postHeight();
    main().catch(halted);
  });
})();
