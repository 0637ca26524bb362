// worker.js starts assets/worker.wasm in a worker. Its first message says where
// wasm_exec.js and the program are; all further ones are for the program.
"use strict";

globalThis.onmessage = async ({ data }) => {
  globalThis.onmessage = null;
  try {
    importScripts(data.exec);
    const go = new Go();
    const module = await WebAssembly.compileStreaming(fetch(data.app))
      .catch(async () => WebAssembly.compile(await (await fetch(data.app)).arrayBuffer()));
    await go.run(await WebAssembly.instantiate(module, go.importObject));
    postMessage({ kind: "ended", error: "the worker's program has ended" });
  } catch (e) {
    postMessage({ kind: "ended", error: String(e) });
  }
};
