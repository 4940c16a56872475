package rules

import (
	"embed"
	"io/fs"
	"sync"
)

//go:embed catalog/*.yaml catalog/cases/*.yaml
var embedded embed.FS

// EmbeddedFS is the directory of the catalog that the program carries, with its cases.
func EmbeddedFS() fs.FS {
	dir, err := fs.Sub(embedded, "catalog")
	if err != nil {
		panic(err) // the name is a valid path
	}
	return dir
}

var embeddedCatalog = sync.OnceValue(func() *Catalog {
	c, err := load(EmbeddedFS(), nil)
	if err != nil {
		panic("the embedded catalog is broken:\n" + err.Error())
	}
	return c
})

// Embedded is the catalog that the program carries, loaded once. It panics if that is broken, which a test excludes.
func Embedded() *Catalog { return embeddedCatalog() }
