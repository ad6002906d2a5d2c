package xsd

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// schemaOf wraps declarations in a schema document of the name space urn:t, which is also the
// prefix t.
func schemaOf(declarations string) string {
	return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"
		elementFormDefault="qualified">` + declarations + `</xs:schema>`
}

func loadText(schema string) (*Set, error) {
	return Load(fstest.MapFS{"a.xsd": {Data: []byte(schema)}}, "a.xsd")
}

// TestLoadRefusesElements tries every element of XML Schema 1.0 that the grammar leaves out, and
// some that it has, in a wrong place.
func TestLoadRefusesElements(t *testing.T) {
	for _, c := range []struct{ element, declarations string }{
		{"group", `<xs:group name="g"><xs:sequence/></xs:group>`},
		{"group", `<xs:complexType name="c"><xs:group ref="t:g"/></xs:complexType>`},
		{"redefine", `<xs:redefine schemaLocation="a.xsd"/>`},
		{"notation", `<xs:notation name="n" public="p"/>`},
		{"appinfo", `<xs:annotation><xs:appinfo/></xs:annotation>`},
		{"anyAttribute", `<xs:complexType name="c"><xs:anyAttribute/></xs:complexType>`},
		{"anyAttribute", `<xs:attributeGroup name="c"><xs:anyAttribute/></xs:attributeGroup>`},
		{"unique", `<xs:element name="e" type="xs:string"><xs:unique name="u"><xs:selector xpath="a"/></xs:unique></xs:element>`},
		{"key", `<xs:element name="e" type="xs:string"><xs:key name="k"/></xs:element>`},
		{"keyref", `<xs:element name="e" type="xs:string"><xs:keyref name="k" refer="t:u"/></xs:element>`},
		{"assert", `<xs:complexType name="c"><xs:assert test="true()"/></xs:complexType>`},
		{"restriction", `<xs:complexType name="c"><xs:complexContent><xs:restriction base="t:c"/></xs:complexContent></xs:complexType>`},
		{"all", `<xs:complexType name="c"><xs:sequence><xs:all/></xs:sequence></xs:complexType>`},
		{"all", `<xs:complexType name="c"><xs:complexContent><xs:extension base="t:c"><xs:all/></xs:extension></xs:complexContent></xs:complexType>`},
		{"any", `<xs:complexType name="c"><xs:all><xs:any processContents="skip"/></xs:all></xs:complexType>`},
		{"simpleType", `<xs:complexType name="c"><xs:simpleContent><xs:restriction base="t:c"><xs:simpleType/></xs:restriction></xs:simpleContent></xs:complexType>`},
		{"attribute sequence", `<xs:complexType name="c"><xs:attribute name="a" type="xs:string"/><xs:sequence/></xs:complexType>`},
		{"sequence sequence", `<xs:complexType name="c"><xs:sequence/><xs:sequence/></xs:complexType>`},
		{"element include", `<xs:element name="e" type="xs:string"/><xs:include schemaLocation="b.xsd"/>`},
		{"children", `<xs:simpleType name="s"/>`},
		{"children", `<xs:element name="e" type="xs:string"><xs:annotation/><xs:annotation/></xs:element>`},
		{"foreign", `<foreign xmlns="urn:other"/>`},
	} {
		refused(t, schemaOf(c.declarations), ErrUnsupported, c.element)
	}
}

// TestLoadRefusesAttributes tries every attribute of XML Schema 1.0 that the grammar leaves out,
// and foreign ones.
func TestLoadRefusesAttributes(t *testing.T) {
	for _, c := range []struct{ attribute, declarations string }{
		{"nillable", `<xs:element name="e" type="xs:string" nillable="true"/>`},
		{"abstract", `<xs:element name="e" type="xs:string" abstract="true"/>`},
		{"substitutionGroup", `<xs:element name="e" type="xs:string" substitutionGroup="t:e"/>`},
		{"block", `<xs:element name="e" type="xs:string" block="#all"/>`},
		{"final", `<xs:element name="e" type="xs:string" final="#all"/>`},
		{"default", `<xs:element name="e" type="xs:string" default="d"/>`},
		{"fixed", `<xs:element name="e" type="xs:string" fixed="d"/>`},
		{"id", `<xs:element name="e" type="xs:string" id="i"/>`},
		{"minOccurs", `<xs:element name="e" type="xs:string" minOccurs="0"/>`},
		{"form", `<xs:complexType name="c"><xs:sequence><xs:element name="e" type="xs:string" form="qualified"/></xs:sequence></xs:complexType>`},
		{"form", `<xs:complexType name="c"><xs:attribute name="a" type="xs:string" form="qualified"/></xs:complexType>`},
		{"mixed", `<xs:complexType name="c" mixed="true"/>`},
		{"abstract", `<xs:complexType name="c" abstract="true"/>`},
		{"mixed", `<xs:complexType name="c"><xs:complexContent mixed="true"><xs:extension base="t:c"/></xs:complexContent></xs:complexType>`},
		{"name", `<xs:complexType name="c"><xs:attributeGroup name="g"/></xs:complexType>`},
		{"name", `<xs:element name="e"><xs:complexType name="c"/></xs:element>`},
		{"final", `<xs:simpleType name="s" final="list"><xs:list itemType="xs:string"/></xs:simpleType>`},
		{"fixed", `<xs:simpleType name="s"><xs:restriction base="xs:string"><xs:length value="1" fixed="true"/></xs:restriction></xs:simpleType>`},
		{"{urn:other}a", `<xs:element name="e" type="xs:string" xmlns:o="urn:other" o:a="1"/>`},
		{"xml:lang", `<xs:element name="e" type="xs:string" xml:lang="ru"/>`},
	} {
		refused(t, schemaOf(c.declarations), ErrUnsupported, "attribute "+c.attribute)
	}
	for _, attribute := range []string{"blockDefault", "finalDefault", "id"} {
		schema := strings.Replace(schemaOf(""), "elementFormDefault", attribute+`="x" elementFormDefault`, 1)
		refused(t, schema, ErrUnsupported, "attribute "+attribute)
	}
}

// TestLoadRefusesValues tries values that are known but not supported.
func TestLoadRefusesValues(t *testing.T) {
	for _, c := range []struct{ words, declarations string }{
		{"built-in type float", `<xs:element name="e" type="xs:float"/>`},
		{"built-in type anyType", `<xs:element name="e" type="xs:anyType"/>`},
		{"built-in type QName", `<xs:attribute name="a" type="xs:QName"/>`},
		{"built-in type IDREF", `<xs:simpleType name="s"><xs:list itemType="xs:IDREF"/></xs:simpleType>`},
		{"element without type", `<xs:element name="e"/>`},
		{"attribute without type", `<xs:attribute name="a"/>`},
		{"use prohibited", `<xs:complexType name="c"><xs:attribute name="a" type="xs:string" use="prohibited"/></xs:complexType>`},
		{`processContents ""`, content(`<xs:any/>`)},
		{`processContents "lax"`, content(`<xs:any processContents="lax"/>`)},
		{"choice of nothing", content(`<xs:choice/>`)},
		{"maxOccurs", content(`<xs:element name="a" type="xs:string" maxOccurs="99999999999"/>`)},
		{"places", content(`<xs:sequence maxOccurs="1001"><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/></xs:sequence>`)},
		{"group repeated", content(`<xs:sequence minOccurs="5000" maxOccurs="5000"><xs:element name="a" type="xs:string"/></xs:sequence>`)},
		{"count of a is ambiguous", content(`<xs:sequence maxOccurs="2"><xs:element name="a" type="xs:string" minOccurs="0" maxOccurs="20"/></xs:sequence>`)},
		{"repeated count", content(`<xs:sequence maxOccurs="unbounded"><xs:element name="a" type="xs:string" maxOccurs="20"/></xs:sequence>`)},
		{"extension of xs:all", `<xs:complexType name="b"><xs:all><xs:element name="a" type="xs:string"/></xs:all></xs:complexType>
			<xs:complexType name="c"><xs:complexContent><xs:extension base="t:b"/></xs:complexContent></xs:complexType>`},
		{"facet of a union", `<xs:simpleType name="u"><xs:union memberTypes="xs:int"/></xs:simpleType>` + restriction("t:u", `<xs:pattern value="1"/>`)},
		{"a list of xs:ID", `<xs:simpleType name="s"><xs:list itemType="xs:ID"/></xs:simpleType>`},
		{"a union with xs:ID", `<xs:simpleType name="s"><xs:union memberTypes="xs:int xs:ID"/></xs:simpleType>`},
		{"enumeration of values", restriction("xs:date", `<xs:enumeration value="2026-01-01"/>`)},
		{"fixed value of a type", `<xs:attribute name="a" type="xs:date" fixed="2026-01-01"/>`},
		{"minInclusive of a type", restriction("xs:dateTime", `<xs:minInclusive value="2026-01-01T00:00:00Z"/>`)},
		{"property", restriction("xs:string", `<xs:pattern value="\p{IsRunic}"/>`)},
		{"property", restriction("xs:string", `<xs:pattern value="\p{LC}"/>`)},
		{"invalid repeat count", restriction("xs:string", `<xs:pattern value="a{1001}"/>`)},
		{"unescaped -", restriction("xs:string", `<xs:pattern value="[a-z-_]"/>`)},
		{"import without schemaLocation", `<xs:import namespace="urn:other"/>`},
		{"import of no name space", `<xs:import schemaLocation="b.xsd"/>`},
		{"not beside this file", `<xs:include schemaLocation="http://example.com/a.xsd"/>`},
		{"not beside this file", `<xs:include schemaLocation="../a.xsd"/>`},
		{"not beside this file", `<xs:include schemaLocation="/a.xsd"/>`},
	} {
		refused(t, schemaOf(c.declarations), ErrUnsupported, c.words)
	}
	refused(t, strings.Replace(schemaOf(""), "elementFormDefault", `attributeFormDefault="qualified" elementFormDefault`, 1),
		ErrUnsupported, "attributeFormDefault")
}

// TestLoadRefusesMistakes tries schemas that XSD 1.0 forbids.
func TestLoadRefusesMistakes(t *testing.T) {
	a, b := `<xs:element name="a" type="xs:string"/>`, `<xs:element name="b" type="xs:string"/>`
	optional := `<xs:element name="a" type="xs:string" minOccurs="0"/>`
	attribute := `<xs:attribute name="a" type="xs:string"/>`
	for _, c := range []struct{ words, declarations string }{
		{"text", `words`},
		{`name ""`, `<xs:element type="xs:string"/>`},
		{`name "1"`, `<xs:element name="1" type="xs:string"/>`},
		{"declared in a.xsd already", a + a},
		{"declared in a.xsd already", restriction("xs:string", ``) + restriction("xs:string", ``)},
		{"there is no type", `<xs:element name="e" type="t:none"/>`},
		{"there is no element", content(`<xs:element ref="t:none"/>`)},
		{"there is no attribute ", `<xs:complexType name="c"><xs:attribute ref="t:none"/></xs:complexType>`},
		{"there is no attributeGroup", `<xs:complexType name="c"><xs:attributeGroup ref="t:none"/></xs:complexType>`},
		{"prefix of", `<xs:element name="e" type="u:none"/>`},
		{"is not imported", `<xs:element name="e" type="none"/>`},
		{"is not imported", `<xs:element name="e" xmlns:o="urn:other" type="o:none"/>`},
		{"not a simple type", `<xs:complexType name="c"/><xs:attribute name="a" type="t:c"/>`},
		{"both named and inside", `<xs:element name="e" type="xs:string"><xs:complexType/></xs:element>`},
		{"both named and inside", `<xs:attribute name="a" type="xs:string"><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType></xs:attribute>`},
		{"either name or ref", content(`<xs:element type="xs:string"/>`)},
		{"either name or ref", `<xs:complexType name="c"><xs:attribute type="xs:string"/></xs:complexType>`},
		{"a reference with a type", a + content(`<xs:element ref="t:a" type="xs:string"/>`)},
		{"a reference with a type", attribute + `<xs:complexType name="c"><xs:attribute ref="t:a" type="xs:string"/></xs:complexType>`},
		{"made of itself", restriction("t:s", ``)},
		{"made of itself", `<xs:simpleType name="s"><xs:union memberTypes="t:s"/></xs:simpleType>`},
		{"made of itself", `<xs:attributeGroup name="g"><xs:attributeGroup ref="t:g"/></xs:attributeGroup>`},
		{"made of itself", `<xs:complexType name="c"><xs:complexContent><xs:extension base="t:c"/></xs:complexContent></xs:complexType>`},
		{"maxOccurs below", content(`<xs:element name="a" type="xs:string" minOccurs="2"/>`)},
		{"minOccurs", content(`<xs:element name="a" type="xs:string" minOccurs="-1"/>`)},
		{"maxOccurs", content(`<xs:element name="a" type="xs:string" maxOccurs="many"/>`)},
		{"a and a compete", content(optional + a)},
		{"a and a compete", content(`<xs:choice><xs:sequence>` + a + b + `</xs:sequence>` + a + `</xs:choice>`)},
		{"a and a compete", content(`<xs:element name="a" type="xs:string" maxOccurs="20"/>` + a)},
		{"compete", content(optional + `<xs:any processContents="skip"/>`)},
		{"compete", content(`<xs:any processContents="skip" minOccurs="0" namespace="urn:x urn:y"/><xs:any processContents="skip" namespace="urn:y"/>`)},
		{"compete", content(`<xs:any processContents="skip" minOccurs="0" namespace="##other"/><xs:any processContents="skip" namespace="urn:y"/>`)},
		{"with two types", content(a + `<xs:element name="a" type="xs:int"/>`)},
		{"namespace", content(`<xs:any processContents="skip" namespace="##all"/>`)},
		{"an element of xs:all", `<xs:complexType name="c"><xs:all><xs:element name="a" type="xs:string" maxOccurs="2"/></xs:all></xs:complexType>`},
		{"twice in xs:all", `<xs:complexType name="c"><xs:all>` + a + a + `</xs:all></xs:complexType>`},
		{"stands once", `<xs:complexType name="c"><xs:all maxOccurs="2"/></xs:complexType>`},
		{"attribute a twice", `<xs:complexType name="c">` + attribute + attribute + `</xs:complexType>`},
		{"two attributes of type xs:ID", `<xs:complexType name="c"><xs:attribute name="a" type="xs:ID"/><xs:attribute name="b" type="xs:ID"/></xs:complexType>`},
		{"a value for every xs:ID", `<xs:attribute name="a" type="xs:ID" fixed="a"/>`},
		{"both default and fixed", `<xs:attribute name="a" type="xs:string" fixed="a" default="a"/>`},
		{"required attribute with a default", `<xs:complexType name="c"><xs:attribute name="a" type="xs:string" use="required" default="a"/></xs:complexType>`},
		{"another fixed value", `<xs:attribute name="a" type="xs:string" fixed="a"/><xs:complexType name="c"><xs:attribute ref="t:a" fixed="b"/></xs:complexType>`},
		{"a default for an attribute", `<xs:attribute name="a" type="xs:string" fixed="a"/><xs:complexType name="c"><xs:attribute ref="t:a" default="a"/></xs:complexType>`},
		{"value \"x\": type", `<xs:attribute name="a" type="xs:int" default="x"/>`},
		{"use \"always\"", `<xs:complexType name="c"><xs:attribute name="a" type="xs:string" use="always"/></xs:complexType>`},
		{"the base is a simple type", `<xs:complexType name="c"><xs:complexContent><xs:extension base="xs:string"/></xs:complexContent></xs:complexType>`},
		{"no simple content", `<xs:complexType name="b"/><xs:complexType name="c"><xs:simpleContent><xs:extension base="t:b"/></xs:simpleContent></xs:complexType>`},
		{"restricted by xs:simpleType", `<xs:complexType name="c"><xs:simpleContent><xs:restriction base="xs:string"/></xs:simpleContent></xs:complexType>`},
		{"no base", `<xs:complexType name="c"><xs:simpleContent><xs:extension/></xs:simpleContent></xs:complexType>`},
		{"exactly one type, by base", `<xs:simpleType name="s"><xs:restriction/></xs:simpleType>`},
		{"exactly one type, by itemType", `<xs:simpleType name="s"><xs:list/></xs:simpleType>`},
		{"a list of lists", `<xs:simpleType name="l"><xs:list itemType="xs:int"/></xs:simpleType><xs:simpleType name="s"><xs:list itemType="t:l"/></xs:simpleType>`},
		{"a union of nothing", `<xs:simpleType name="s"><xs:union/></xs:simpleType>`},
		{"import of the target", `<xs:import namespace="urn:t" schemaLocation="a.xsd"/>`},
		{"does not exist", `<xs:include schemaLocation="none.xsd"/>`},
		{"does not exist", `<xs:import namespace="urn:x" schemaLocation="none.xsd"/>`},
	} {
		refused(t, schemaOf(c.declarations), ErrIncorrect, c.words)
	}
}

// TestLoadRefusesFacets tries facets that do not apply, contradict one another or widen their base.
func TestLoadRefusesFacets(t *testing.T) {
	for _, c := range []struct{ words, declarations string }{
		{"a facet without value", restriction("xs:string", `<xs:length/>`)},
		{"length twice", restriction("xs:string", `<xs:length value="1"/><xs:length value="1"/>`)},
		{"length", restriction("xs:string", `<xs:length value="x"/>`)},
		{"length does not apply", restriction("xs:int", `<xs:length value="1"/>`)},
		{"totalDigits does not apply", restriction("xs:string", `<xs:totalDigits value="1"/>`)},
		{"totalDigits 0", restriction("xs:decimal", `<xs:totalDigits value="0"/>`)},
		{"fractionDigits above", restriction("xs:decimal", `<xs:totalDigits value="1"/><xs:fractionDigits value="2"/>`)},
		{"fractionDigits 1 does not restrict", restriction("xs:integer", `<xs:fractionDigits value="1"/>`)},
		{"length beside", restriction("xs:string", `<xs:length value="1"/><xs:minLength value="1"/>`)},
		{"minLength above", restriction("xs:string", `<xs:minLength value="2"/><xs:maxLength value="1"/>`)},
		{"the lower bound", restriction("xs:int", `<xs:minInclusive value="2"/><xs:maxInclusive value="1"/>`)},
		{"the lower bound", restriction("xs:int", `<xs:minInclusive value="2"/><xs:maxExclusive value="2"/>`)},
		{"an inclusive and an exclusive", restriction("xs:int", `<xs:minInclusive value="2"/><xs:minExclusive value="1"/>`)},
		{"is no value of the base", restriction("xs:byte", `<xs:maxInclusive value="128"/>`)},
		{"is no value of the base", restriction("xs:int", `<xs:maxInclusive value="1.5"/>`)},
		{"whiteSpace", restriction("xs:token", `<xs:whiteSpace value="preserve"/>`)},
		{"whiteSpace", restriction("xs:string", `<xs:whiteSpace value="strip"/>`)},
		{`value "d"`, restriction("xs:int", `<xs:enumeration value="d"/>`)},
		{"does not restrict", narrowed("xs:string", `<xs:maxLength value="2"/>`, `<xs:maxLength value="3"/>`)},
		{"does not restrict", narrowed("xs:string", `<xs:minLength value="2"/>`, `<xs:minLength value="1"/>`)},
		{"does not restrict", narrowed("xs:string", `<xs:length value="2"/>`, `<xs:length value="1"/>`)},
		{"is no value of the base", narrowed("xs:int", `<xs:maxInclusive value="5"/>`, `<xs:maxInclusive value="6"/>`)},
		{"does not restrict", narrowed("xs:decimal", `<xs:maxExclusive value="5"/>`, `<xs:maxInclusive value="5"/>`)},
		{"enumeration", narrowed("xs:string", `<xs:enumeration value="a"/>`, `<xs:enumeration value="b"/>`)},
	} {
		refused(t, schemaOf(c.declarations), ErrIncorrect, c.words)
	}
	// An exclusive bound may be repeated, a decimal restricted twice.
	for _, schema := range []string{
		narrowed("xs:decimal", `<xs:maxExclusive value="5"/>`, `<xs:maxExclusive value="5.0"/>`),
		narrowed("xs:decimal", `<xs:minExclusive value="-5"/>`, `<xs:minInclusive value="-4.9"/>`),
		narrowed("xs:string", `<xs:maxLength value="3"/>`, `<xs:maxLength value="3"/><xs:pattern value="a"/>`),
	} {
		if _, err := loadText(schemaOf(schema)); err != nil {
			t.Error(err)
		}
	}
}

func TestLoadRefusesFiles(t *testing.T) {
	const plain = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>`
	refused(t, `<schema/>`, ErrIncorrect, "root is not xs:schema")
	refused(t, `<xs:schema`, ErrIncorrect, "reading schema a.xsd")
	refused(t, strings.Replace(schemaOf(""), `"qualified"`, `"yes"`, 1), ErrIncorrect, "elementFormDefault")
	refused(t, strings.Replace(schemaOf(""), `targetNamespace="urn:t"`, `targetNamespace=""`, 1), ErrIncorrect, "targetNamespace")
	refused(t, strings.Replace(schemaOf(""), `targetNamespace="urn:t"`, `targetNamespace="`+instanceNamespace+`"`, 1),
		ErrIncorrect, "targetNamespace")
	for _, c := range []struct {
		words, a, b string
		want        error
	}{
		{"has no target name space", schemaOf(`<xs:include schemaLocation="b.xsd"/>`), plain, ErrUnsupported},
		{"target name space of b.xsd", schemaOf(`<xs:import namespace="urn:x" schemaLocation="b.xsd"/>`), schemaOf(""), ErrIncorrect},
		{"declared in a.xsd already", schemaOf(`<xs:include schemaLocation="b.xsd"/><xs:element name="e" type="xs:int"/>`),
			schemaOf(`<xs:element name="e" type="xs:int"/>`), ErrIncorrect},
	} {
		_, err := Load(fstest.MapFS{"a.xsd": {Data: []byte(c.a)}, "b.xsd": {Data: []byte(c.b)}}, "a.xsd")
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v, want %v with %q", err, c.want, c.words)
		}
	}
	if _, err := Load(fstest.MapFS{}, "none.xsd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestLoadFollowsCircles has two files that include each other, in folders.
func TestLoadFollowsCircles(t *testing.T) {
	set, err := Load(fstest.MapFS{
		"a.xsd":     {Data: []byte(schemaOf(`<xs:include schemaLocation="sub/b.xsd"/><xs:element name="e" type="t:s"/>`))},
		"sub/b.xsd": {Data: []byte(schemaOf(`<xs:include schemaLocation="../a.xsd"/>` + restriction("xs:int", ``)))},
	}, "a.xsd", "sub/b.xsd")
	if err != nil {
		t.Fatal(err)
	}
	if !set.Declares("urn:t", "e") {
		t.Error("e is not declared")
	}
}

// TestLoadErrorsNameThePlace: file and path.
func TestLoadErrorsNameThePlace(t *testing.T) {
	_, err := loadText(schemaOf(`<xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:float"/>`))
	const want = "a.xsd: /schema/element[2]: built-in type float: not supported"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// refused checks that Load refuses a schema with that sentinel and those words.
func refused(t *testing.T, schema string, sentinel error, words string) {
	t.Helper()
	_, err := loadText(schema)
	if err == nil {
		t.Errorf("accepted: %s", schema)
	} else if !errors.Is(err, sentinel) || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want %v with %q, for\n%s", err, sentinel, words, schema)
	}
}

func content(particles string) string {
	return `<xs:complexType name="c"><xs:sequence>` + particles + `</xs:sequence></xs:complexType>`
}

func restriction(base, facets string) string {
	return `<xs:simpleType name="s"><xs:restriction base="` + base + `">` + facets + `</xs:restriction></xs:simpleType>`
}

// narrowed is a type restricted twice.
func narrowed(base, first, second string) string {
	return strings.Replace(restriction(base, first), `"s"`, `"wide"`, 1) + restriction("t:wide", second)
}

// FuzzLoad: whatever a file says, Load returns a set or one of its two errors.
func FuzzLoad(f *testing.F) {
	for _, declarations := range []string{
		content(`<xs:choice maxOccurs="20"><xs:element name="a" type="t:c"/><xs:any processContents="skip"/></xs:choice>`),
		`<xs:element name="e"><xs:complexType><xs:all><xs:element ref="t:e"/></xs:all></xs:complexType></xs:element>`,
		restriction("xs:decimal", `<xs:minInclusive value="1"/><xs:totalDigits value="3"/>`),
		restriction("xs:string", `<xs:pattern value="[a-z-[b]]{2,3}"/><xs:enumeration value="ac"/>`),
		`<xs:attribute name="a" fixed="1"><xs:simpleType><xs:union memberTypes="xs:int xs:date"/></xs:simpleType></xs:attribute>`,
		`<xs:complexType name="c"><xs:simpleContent><xs:extension base="xs:token"><xs:attribute ref="t:a"/></xs:extension>` +
			`</xs:simpleContent></xs:complexType><xs:attribute name="a" type="xs:ID"/>`,
	} {
		f.Add(schemaOf(declarations))
	}
	f.Fuzz(func(t *testing.T, schema string) {
		set, err := loadText(schema)
		if (set == nil) != (err != nil) || err != nil && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrIncorrect) {
			t.Errorf("%v, %v", set, err)
		}
	})
}

// TestSchemasAreDocumented wants a text in Russian and English at every element, attribute and
// named type.
func TestSchemasAreDocumented(t *testing.T) {
	files, err := fs.Glob(os.DirFS(schemaDir), "*.xsd")
	if err != nil || len(files) == 0 {
		t.Fatal("no schemas", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(schemaDir + "/" + file)
		if err != nil {
			t.Fatal(err)
		}
		documented(t, node{parse(t, string(raw)), &source{file: file}})
	}
}

func documented(t *testing.T, n node) {
	switch _, named := n.attr("name"); {
	case named || n.Local() == "schema" || n.Local() == "element" || n.Local() == "attribute":
		languages := ""
		for child := range n.Children() {
			if child.Local() != "annotation" {
				continue
			}
			for text := range child.Children() {
				language, _ := text.Attr(xmlNamespace, "lang")
				if languages += language + " "; allBlank(text.Text()) {
					t.Errorf("%v", n.incorrect("empty documentation"))
				}
			}
		}
		if languages != "ru en " {
			t.Errorf("%v", n.incorrect("documented in %q, not in ru and en", languages))
		}
	}
	for _, part := range n.parts() {
		documented(t, part)
	}
}
