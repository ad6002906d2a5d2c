package xmltree_test

import (
	"errors"
	"fmt"

	"asugate/xmltree"
)

func ExampleParse() {
	tree, err := xmltree.Parse([]byte(`<?xml version="1.0"?>
<Placement xmlns="urn:asugate:1" ID="d1">
  <Wagon number='63498000'/>
  <Wagon number='63498018'/>
</Placement>`), xmltree.DefaultLimits())
	if err != nil {
		fmt.Println(err)
		return
	}
	for wagon := range tree.Root().Children() {
		number, _ := wagon.Attr("", "number")
		fmt.Println(wagon.Path(), number, string(wagon.AppendCanonical(nil, xmltree.Form{})))
	}
	// Output:
	// /Placement/Wagon[1] 63498000 <Wagon xmlns="urn:asugate:1" number="63498000"></Wagon>
	// /Placement/Wagon[2] 63498018 <Wagon xmlns="urn:asugate:1" number="63498018"></Wagon>
}

func ExampleSyntaxError() {
	_, err := xmltree.Parse([]byte("<a><!DOCTYPE b></a>"), xmltree.DefaultLimits())
	var refused *xmltree.SyntaxError
	if errors.As(err, &refused) {
		fmt.Println(refused.Reason, refused.Offset)
	}
	fmt.Println(err)
	// Output:
	// dtd-not-allowed 3
	// dtd-not-allowed at byte 3: declaration "<!DOCTYPE b></a>"
}
