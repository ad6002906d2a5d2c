package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"asugate/xmltree/xsd"
)

//go:embed xsd/*.xsd
var schemaFiles embed.FS

// Schemas are the published schemas, one file a kind and what they include: Waybill.xsd, types.xsd
// …
func Schemas() fs.FS {
	files, err := fs.Sub(schemaFiles, "xsd")
	if err != nil {
		panic(err) // only an invalid path would do that
	}
	return files
}

// schemas compiles the published schemas once. They are part of the program, and the first test
// loads them: a schema that does not load is a mistake of ours, hence the panic.
var schemas = sync.OnceValue(func() *xsd.Set {
	var names []string
	for _, kind := range append(Kinds(), KindCheckpoint, KindProof) {
		names = append(names, string(kind)+".xsd")
	}
	set, err := xsd.Load(Schemas(), names...)
	if err != nil {
		panic(fmt.Sprintf("schema: %v", err))
	}
	return set
})
