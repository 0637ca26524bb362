package layer

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
)

// BenchmarkIndex indexes 200,000 small files and prints what a path costs in time
// and in memory that stays.
func BenchmarkIndex(b *testing.B) {
	const files = 200_000
	body := content.Bytes(manyFiles(files))
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		l, err := Index(ctx, body, IndexOptions{})
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(l.Tree.Names()), "B/path")
		runtime.KeepAlive(l)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/files*1e9, "ns/path")
}

// BenchmarkDecode is what it costs to carry an index from a worker to the page.
func BenchmarkDecode(b *testing.B) {
	const files = 200_000
	body := content.Bytes(manyFiles(files))
	l, err := Index(ctx, body, IndexOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var size int
	for b.Loop() {
		var out bytes.Buffer
		if err := l.Encode(&out); err != nil {
			b.Fatal(err)
		}
		size = out.Len()
		if _, err := Decode(&out, body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/files, "B/path")
}
