package build

// A Cache remembers the results of steps by their keys.
type Cache struct{}

// NewCache is an empty cache.
func NewCache() *Cache { return &Cache{} }

// Snapshot is a cache with the same content that changes apart from c. It is cheap.
func (c *Cache) Snapshot() *Cache { panic("stub") }
