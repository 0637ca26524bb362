// Package fsops serves a union mount over a pair of streams: one request a line,
// as JSON, and one answer a line. It is the seam by which test suites for file
// systems, written in any language, are driven against package overlay, and is
// what "go run ./scripts/headless -fsops" runs. docs/FSOPS.md describes it for
// those who write such a client.
//
// The words, as they are used here:
//
//   - operation: a request's "op", named like the system call that it makes; the
//     table [Operations] holds them all, with their fields;
//   - system: what the operations are made on. [NewModel] is a mount of package
//     overlay, [Kernel] is the same tree on the overlayfs of the machine's own
//     kernel, so that the two can be compared answer by answer;
//   - errno: an answer's error as Linux on x86-64 numbers it, whatever the machine
//     that this runs on;
//   - bad request: a line that is no operation. It is answered with what is wrong
//     with it, and nothing has been done.
package fsops
