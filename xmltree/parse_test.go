package xmltree

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mustParse reads a document that has to be read.
func mustParse(t testing.TB, document string) *Tree {
	t.Helper()
	tree, err := Parse([]byte(document), Limits{})
	if err != nil {
		t.Fatalf("Parse(%.200q): %v", document, err)
	}
	return tree
}

// canonical is the whole document in a form that shows everything that was read.
func canonical(tree *Tree) string {
	return string(tree.AppendCanonicalDocument(nil, Form{Algorithm: Inclusive10, Comments: true}))
}

// cut takes the mark ¦ out of a document and says where it stood.
func cut(marked string) (document string, offset int) {
	before, after, _ := strings.Cut(marked, "¦")
	return before + after, len(before)
}

func refusal(t *testing.T, raw []byte, limits Limits) *SyntaxError {
	t.Helper()
	tree, err := Parse(raw, limits)
	if err == nil {
		t.Fatalf("Parse(%.200q) read it as %.200q", raw, canonical(tree))
	}
	var refused *SyntaxError
	if !errors.As(err, &refused) {
		t.Fatalf("Parse(%.200q) answered %T, want *SyntaxError", raw, err)
	}
	if !slices.Contains(Reasons(), refused.Reason) {
		t.Errorf("reason %q is not in the closed list", refused.Reason)
	}
	if refused.Detail == "" || len(refused.Error()) > 400 {
		t.Errorf("the detail of %q is empty or not bounded", refused.Error())
	}
	return refused
}

// refusals are documents that Parse must not read; ¦ marks the offset that the error must name.
var refusals = []struct{ name, document, reason string }{
	// Nothing, or something else.
	{"no byte", "¦", ReasonEmptyDocument},
	{"byte order mark alone", "\uFEFF¦", ReasonEmptyDocument},
	{"white space", " \r\n\t¦", ReasonEmptyDocument},
	{"declaration alone", `<?xml version="1.0"?>¦`, ReasonEmptyDocument},
	{"comments alone", "<!-- a --> <!-- b -->¦", ReasonEmptyDocument},
	{"JSON", ` ¦{"a": "<b>"}`, ReasonNotXML},
	{"image", "¦\x89PNG\r\n\x1a\n", ReasonNotXML},
	{"plain text", "¦Акт общей формы", ReasonNotXML},

	// What no gateway document has.
	{"DOCTYPE", "¦<!DOCTYPE a><a/>", ReasonDTD},
	{"DOCTYPE of HTML in lower case", "¦<!doctype html><html></html>", ReasonDTD},
	{"DOCTYPE with a byte order mark", "\uFEFF¦<!DOCTYPE a><a/>", ReasonDTD},
	{"DOCTYPE after the root", "<a/>¦<!DOCTYPE a>", ReasonDTD},
	{"DOCTYPE inside", "<a>¦<!DOCTYPE a></a>", ReasonDTD},
	{"entity bomb", `<?xml version="1.0"?>¦<!DOCTYPE l [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><l>&c;</l>`, ReasonDTD},
	{"ENTITY", `<a>¦<!ENTITY b "c"></a>`, ReasonDTD},
	{"conditional section", "<a>¦<![INCLUDE[b]]></a>", ReasonDTD},
	{"lower-case cdata", "<a>¦<![cdata[b]]></a>", ReasonDTD},
	{"style sheet", `¦<?xml-stylesheet href="a"?><a/>`, ReasonPI},
	{"style sheet after the declaration", `<?xml version="1.0"?>¦<?xml-stylesheet href="a"?><a/>`, ReasonPI},
	{"processing instruction inside", "<a>¦<?php b?></a>", ReasonPI},
	{"processing instruction after the root", "<a/>¦<?b?>", ReasonPI},
	{"reserved target", "<a>¦<?XML version='1.0'?></a>", ReasonPI},

	// XML declaration.
	{"version 1.1", `<?xml version="¦1.1"?><a/>`, ReasonVersion},
	{"version 2", `<?xml version='¦2.0'?><a/>`, ReasonVersion},
	{"no version", `<?xml ¦encoding="UTF-8"?><a/>`, ReasonMalformed},
	{"nothing declared", `<?xml ¦?><a/>`, ReasonMalformed},
	{"order of the declaration", `<?xml version="1.0" standalone="yes" ¦encoding="UTF-8"?><a/>`, ReasonMalformed},
	{"standalone neither yes nor no", `<?xml version="1.0" ¦standalone="1"?><a/>`, ReasonMalformed},
	{"standalone twice", `<?xml version="1.0" standalone="no" ¦standalone="no"?><a/>`, ReasonMalformed},
	{"encoding twice", `<?xml version="1.0" encoding="UTF-8" ¦encoding="UTF-8"?><a/>`, ReasonMalformed},
	{"no white space in the declaration", `<?xml version="1.0"¦encoding="UTF-8"?><a/>`, ReasonMalformed},
	{"no encoding name", `<?xml version="1.0" ¦encoding="-8"?><a/>`, ReasonMalformed},
	{"declaration with a value without end", `<?xml version="1.0" ¦encoding="UTF-8?><a/>`, ReasonMalformed},
	{"declaration without end", `<?xml version="1.0" ¦><a/>`, ReasonMalformed},
	{"declaration after white space", "\n¦<?xml version='1.0'?><a/>", ReasonMalformed},
	{"declaration after a comment", "<!-- a -->¦<?xml version='1.0'?><a/>", ReasonMalformed},
	{"declaration inside", "<a>¦<?xml version='1.0'?></a>", ReasonMalformed},
	{"declaration twice", "<?xml version='1.0'?>¦<?xml version='1.0'?><a/>", ReasonMalformed},

	// The document as a whole.
	{"two roots", "<a/>¦<a/>", ReasonMalformed},
	{"text before the root", "¦x<a/>", ReasonMalformed},
	{"text after the root", "<a/>\n¦x", ReasonMalformed},
	{"reference after the root", "<a/>¦&#32;", ReasonMalformed},
	{"NUL after the root", "<a/>¦\x00", ReasonMalformed},
	{"CDATA section before the root", "¦<![CDATA[x]]><a/>", ReasonMalformed},
	{"CDATA section after the root", "<a/>¦<![CDATA[]]>", ReasonMalformed},
	{"second byte order mark", "\uFEFF¦\uFEFF<a/>", ReasonMalformed},
	{"end tag alone", "¦</a>", ReasonMalformed},
	{"one end tag too many", "<a/>¦</a>", ReasonMalformed},
	{"crossed tags", "<a><b>¦</a></b>", ReasonMalformed},
	{"end tag of a longer name", "<a>¦</ab>", ReasonMalformed},
	{"end tag of another prefix", "<p:a xmlns:p='urn:p' xmlns:q='urn:p'>¦</q:a>", ReasonMalformed},
	{"end tag in another case", "<a>¦</A>", ReasonMalformed},
	{"attribute in an end tag", "<a>¦</a b='c'>", ReasonMalformed},
	{"white space before the name of an end tag", "<a>¦</ a>", ReasonMalformed},

	// Cut off.
	{"cut off after <", "<a>¦<", ReasonMalformed},
	{"cut off in a name", "<a¦", ReasonMalformed},
	{"cut off after an attribute", "<a b='c' ¦", ReasonMalformed},
	{"cut off in a value", "<a ¦b='c", ReasonMalformed},
	{"cut off before a value", "<a ¦b=", ReasonMalformed},
	{"cut off in an element", "<a><b/>¦", ReasonMalformed},
	{"cut off in text", "<a>bcd¦", ReasonMalformed},
	{"cut off in an end tag", "<a>¦</a", ReasonMalformed},
	{"cut off in a comment", "<a>¦<!-- b -", ReasonMalformed},
	{"cut off in a CDATA section", "<a>¦<![CDATA[ b ]]", ReasonMalformed},

	// Tags.
	{"no name", "<¦ a/>", ReasonMalformed},
	{"digit first", "<¦1a/>", ReasonMalformed},
	{"hyphen first", "<¦-a/>", ReasonMalformed},
	{"slash inside", "<a ¦/ >", ReasonMalformed},
	{"attribute without value", "<a ¦b></a>", ReasonMalformed},
	{"attribute without quotes", "<a ¦b=c/>", ReasonMalformed},
	{"attributes without white space", "<a b='c'¦d='e'/>", ReasonMalformed},
	{"quote right after the name", "<a¦'b'/>", ReasonMalformed},
	{"less-than in a value", "<a b='c¦<d'/>", ReasonMalformed},
	{"character that is no name character", "<a¦×/>", ReasonMalformed},
	{"name that begins with a combining character", "<¦\u0301a/>", ReasonMalformed},

	// Names and namespaces.
	{"two colons", "<¦a:b:c/>", ReasonBadName},
	{"colon first", "<¦:a/>", ReasonBadName},
	{"colon last", "<¦a:/>", ReasonBadName},
	{"colon alone", "<¦:/>", ReasonBadName},
	{"digit after the colon", "<¦a:1/>", ReasonBadName},
	{"attribute with colon first", "<a ¦:b='c'/>", ReasonBadName},
	{"attribute with two colons", "<a ¦b:c:d='e'/>", ReasonBadName},
	{"xmlns with empty part", "<a ¦xmlns:='urn:b'/>", ReasonBadName},
	{"undeclared prefix of an element", "¦<p:a/>", ReasonUndeclaredPrefix},
	{"undeclared prefix of an attribute", "<a ¦p:b='c'/>", ReasonUndeclaredPrefix},
	{"prefix out of scope", "<a><b xmlns:p='urn:p'/>¦<p:c/></a>", ReasonUndeclaredPrefix},
	{"xmlns:xml as something else", "<a ¦xmlns:xml='urn:b'/>", ReasonBadNamespace},
	{"xmlns:xml as nothing", "<a ¦xmlns:xml=''/>", ReasonBadNamespace},
	{"another prefix for xml", "<a ¦xmlns:p='http://www.w3.org/XML/1998/namespace'/>", ReasonBadNamespace},
	{"xml as default", "<a ¦xmlns='http://www.w3.org/XML/1998/namespace'/>", ReasonBadNamespace},
	{"xmlns:xmlns", "<a ¦xmlns:xmlns='urn:b'/>", ReasonBadNamespace},
	{"xmlns:xmlns as itself", "<a ¦xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", ReasonBadNamespace},
	{"a prefix for xmlns", "<a ¦xmlns:p='http://www.w3.org/2000/xmlns/'/>", ReasonBadNamespace},
	{"xmlns as default", "<a ¦xmlns='http://www.w3.org/2000/xmlns/'/>", ReasonBadNamespace},
	{"prefix declared as nothing", "<a ¦xmlns:p=''/>", ReasonBadNamespace},
	{"prefix xmlns of an element", "¦<xmlns:a/>", ReasonBadNamespace},
	{"relative namespace", "<a ¦xmlns='b/c'/>", ReasonRelativeNamespace},
	{"relative namespace of a prefix", "<a ¦xmlns:p='../b'/>", ReasonRelativeNamespace},
	{"namespace that is a fragment", "<a ¦xmlns:p='#b'/>", ReasonRelativeNamespace},
	{"namespace without scheme", "<a ¦xmlns='//host/b:c'/>", ReasonRelativeNamespace},
	{"namespace with empty scheme", "<a ¦xmlns=':b'/>", ReasonRelativeNamespace},
	{"namespace whose scheme begins with a digit", "<a ¦xmlns='1a:b'/>", ReasonRelativeNamespace},

	// What stands twice.
	{"attribute twice", "<a b='c' ¦b='c'/>", ReasonDuplicateAttribute},
	{"attribute twice by expanded name",
		"<a xmlns:p='urn:p' xmlns:q='urn:p' p:b='c' ¦q:b='d'/>", ReasonDuplicateAttribute},
	{"attribute twice before its declarations",
		"<a p:b='c' ¦q:b='d' xmlns:p='urn:p' xmlns:q='urn:p'/>", ReasonDuplicateAttribute},
	{"attribute twice among many",
		"<a a='' b='' c='' d='' e='' f='' g='' h='' i='' ¦c='' j=''/>", ReasonDuplicateAttribute},
	{"xmlns twice", "<a xmlns='urn:a' ¦xmlns='urn:a'/>", ReasonDuplicateAttribute},
	{"prefix twice", "<a xmlns:p='urn:a' ¦xmlns:p='urn:b'/>", ReasonDuplicateAttribute},
	{"xmlns:xml twice", "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' " +
		"¦xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", ReasonDuplicateAttribute},
	{"the same identifier twice as one attribute", "<a ID='x' ¦ID='x'/>", ReasonDuplicateAttribute},
	{"identifier twice", "<a ID='x'><b/><c ¦ID='x'/></a>", ReasonDuplicateID},
	{"identifier in attributes of several names", "<a Id='x'><c ¦id='x'/></a>", ReasonDuplicateID},
	{"identifier as xml:id", "<a ID='x'><c ¦xml:id='x'/></a>", ReasonDuplicateID},
	{"identifier twice on one element", "<a ID='x' ¦Id='x'/>", ReasonDuplicateID},
	{"identifier between white space", "<a ID='x'><c ¦ID=' x&#10;'/></a>", ReasonDuplicateID},
	{"identifier written in another way", "<a ID='x'><c ¦ID='&#x78;'/></a>", ReasonDuplicateID},

	// Characters and references.
	{"end of a CDATA section in text", "<a>b¦]]>c</a>", ReasonMalformed},
	{"end of a CDATA section in text after a reference", "<a>&amp;¦]]></a>", ReasonMalformed},
	{"end of a CDATA section after the section", "<a><![CDATA[b]]>¦]]></a>", ReasonMalformed},
	{"two hyphens in a comment", "<a><!-- b ¦-- c --></a>", ReasonMalformed},
	{"three hyphens at the end of a comment", "<a><!-- b ¦---></a>", ReasonMalformed},
	{"comment that ends before it began", "<a>¦<!--></a>", ReasonMalformed},
	{"ampersand alone", "<a>b ¦& c</a>", ReasonMalformed},
	{"reference without semicolon", "<a>¦&amp</a>", ReasonMalformed},
	{"empty reference", "<a>¦&;</a>", ReasonMalformed},
	{"empty character reference", "<a>¦&#;</a>", ReasonMalformed},
	{"empty hexadecimal reference", "<a>¦&#x;</a>", ReasonMalformed},
	{"X in upper case", "<a>¦&#X41;</a>", ReasonMalformed},
	{"hexadecimal digit in a decimal reference", "<a>¦&#4A;</a>", ReasonMalformed},
	{"signed reference", "<a>¦&#+65;</a>", ReasonMalformed},
	{"reference with white space", "<a>¦&# 65;</a>", ReasonMalformed},
	{"entity of HTML", "<a>b¦&nbsp;c</a>", ReasonUndeclaredEntity},
	{"entity in another case", "<a>¦&LT;</a>", ReasonUndeclaredEntity},
	{"entity in a value", "<a b='¦&copy;'/>", ReasonUndeclaredEntity},
	{"NUL", "<a>b¦\x00</a>", ReasonBadCharacter},
	{"U+0008", "<a>b¦\x08</a>", ReasonBadCharacter},
	{"U+001F in a value", "<a b='¦\x1f'/>", ReasonBadCharacter},
	{"U+000B in a CDATA section", "<a><![CDATA[¦\x0b]]></a>", ReasonBadCharacter},
	{"U+000C in a comment", "<a><!--¦\x0c--></a>", ReasonBadCharacter},
	{"U+FFFE", "<a>¦\uFFFE</a>", ReasonBadCharacter},
	{"U+FFFF in a value after a reference", "<a b='&amp;¦\uFFFF'/>", ReasonBadCharacter},
	{"reference to NUL", "<a>¦&#0;</a>", ReasonBadCharacter},
	{"reference to a control character", "<a>¦&#x1;</a>", ReasonBadCharacter},
	{"reference to a surrogate", "<a>¦&#xD800;</a>", ReasonBadCharacter},
	{"reference to U+FFFE", "<a>¦&#xFFFE;</a>", ReasonBadCharacter},
	{"reference above Unicode", "<a>¦&#x110000;</a>", ReasonBadCharacter},
	{"reference beyond every integer", "<a>¦&#18446744073709551681;</a>", ReasonBadCharacter},

	// Bytes that are no UTF-8.
	{"byte of windows-1251", "<a>¦\xcf\xf0\xe8</a>", ReasonBadEncoding},
	{"overlong NUL", "<a>¦\xc0\x80</a>", ReasonBadEncoding},
	{"overlong slash", "<a>я¦\xe0\x80\xaf</a>", ReasonBadEncoding},
	{"surrogate in UTF-8", "<a>¦\xed\xa0\x80</a>", ReasonBadEncoding},
	{"above Unicode in UTF-8", "<a>¦\xf4\x90\x80\x80</a>", ReasonBadEncoding},
	{"cut-off character", "<a>¦\xd0</a>", ReasonBadEncoding},
	{"bad byte after the byte order mark", "\uFEFF<a>¦\xff</a>", ReasonBadEncoding},
	{"bad byte under a declaration", "<?xml version='1.0' encoding='UTF-8'?><a b='¦\xe9'/>", ReasonBadEncoding},
}

func TestParseRefuses(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			document, offset := cut(test.document)
			got := refusal(t, []byte(document), Limits{})
			if got.Reason != test.reason || got.Offset != offset {
				t.Errorf("Parse(%q)\n got %v\nwant %s at byte %d", document, got, test.reason, offset)
			}
		})
	}
}

// accepted are documents and what they say, as canonical XML of the whole document.
var accepted = []struct{ name, document, want string }{
	{"smallest", "<a/>", "<a></a>"},
	{"byte order mark, declaration, white space, comments around",
		"\uFEFF<?xml version = '1.0'\tencoding=\"utf-8\" standalone='no' ?>\r\n<!--b-->\n<a/>\n<!--c-->\r\n",
		"<!--b-->\n<a></a>\n<!--c-->"},
	{"white space in tags", "<a\n\tb = 'c'\r\nd\n=\n\"e\"\t></a\n>", `<a b="c" d="e"></a>`},
	{"references", "<a b='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>",
		`<a b="&lt;>&amp;'&quot;">&lt;&gt;&amp;'"</a>`},
	{"character references", "<a b='&#9;&#10;&#13;'>&#9;&#10;&#13;&#x0000041;&#1103;&#x10FFFF;</a>",
		"<a b=\"&#x9;&#xA;&#xD;\">\t\n&#xD;Aя\U0010FFFF</a>"},
	{"a reference is not read twice", "<a>&#38;lt;&amp;amp;</a>", "<a>&amp;lt;&amp;amp;</a>"},
	{"line ends in text", "<a>b\r\nc\rd\ne\r\r\nf</a>", "<a>b\nc\nd\ne\n\nf</a>"},
	{"line ends and tabs in values", "<a b='c\r\nd\re\nf\tg'/>", `<a b="c d e f g"></a>`},
	{"line ends in comments and CDATA sections", "<a><!--b\r\nc\r--><![CDATA[d\r\ne\r]]></a>",
		"<a><!--b\nc\n-->d\ne\n</a>"},
	{"values keep their spaces", "<a b='  c  d '/>", `<a b="  c  d "></a>`},
	{"CDATA sections", "<a>b<![CDATA[<&>\"']]>c<![CDATA[]]><![CDATA[]]]]><![CDATA[>]]></a>",
		`<a>b&lt;&amp;&gt;"'c]]&gt;</a>`},
	{"greater-than and brackets in text", "<a>b>c]] >]>]</a>", "<a>b&gt;c]] &gt;]&gt;]</a>"},
	{"]]> of references", "<a>]&#93;>]]&gt;</a>", "<a>]]&gt;]]&gt;</a>"},
	{"quotes in values", `<a b='"' c="'" d=">"/>`, `<a b="&quot;" c="'" d=">"></a>`},
	{"comment with hyphens apart", "<a><!-- - - > <b> & --></a>", "<a><!-- - - > <b> & --></a>"},
	{"empty comment", "<a><!----></a>", "<a><!----></a>"},
	{"names", "<а-б.в_1 ё='1' _='2' b\u00B7\u0301='3' ㄱ='4' \U00010000='5'/>",
		"<а-б.в_1 _=\"2\" b\u00B7\u0301=\"3\" ё=\"1\" ㄱ=\"4\" \U00010000=\"5\"></а-б.в_1>"},
	{"edges of the characters", "<a>\u0020\u007F\u0085\uD7FF\uE000\uFFFD\U00010000\U0010FFFF\u2028</a>",
		"<a>\u0020\u007F\u0085\uD7FF\uE000\uFFFD\U00010000\U0010FFFF\u2028</a>"},
	{"the character that an unreadable one is shown as", "<a b='\uFFFD'>\uFFFD</a>", "<a b=\"\uFFFD\">\uFFFD</a>"},
	{"xmlns:xml as it must be", "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='ru'/>",
		`<a xml:lang="ru"></a>`},
	{"attributes of one local name in two namespaces", "<a xmlns:p='urn:p' xmlns:q='urn:q' b='1' q:b='2' p:b='3'/>",
		`<a xmlns:p="urn:p" xmlns:q="urn:q" b="1" p:b="3" q:b="2"></a>`},
	{"default namespace is not for attributes", "<a xmlns='urn:p' xmlns:p='urn:p' b='1' p:b='2'/>",
		`<a xmlns="urn:p" xmlns:p="urn:p" b="1" p:b="2"></a>`},
	{"prefix declared after its use in the tag", "<p:a p:b='c' xmlns:p='urn:p'/>",
		`<p:a xmlns:p="urn:p" p:b="c"></p:a>`},
	{"prefix rebound and back", "<p:a xmlns:p='urn:1'><p:b xmlns:p='urn:2'/><p:c/></p:a>",
		`<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"></p:b><p:c></p:c></p:a>`},
	{"names that begin with xml", "<xmlns><xmlfoo/></xmlns>", "<xmlns><xmlfoo></xmlfoo></xmlns>"},
	{"empty identifiers", "<a ID=''><b ID=''/><c id=''/></a>", `<a ID=""><b ID=""></b><c id=""></c></a>`},
	{"identifiers of other names", "<a wagon-id='1' iD='1' ID='1'><b xmlns:w='urn:w' w:Id='1' xml:ID='1'/></a>",
		`<a ID="1" iD="1" wagon-id="1"><b xmlns:w="urn:w" xml:ID="1" w:Id="1"></b></a>`},
}

func TestParseAccepts(t *testing.T) {
	for _, test := range accepted {
		t.Run(test.name, func(t *testing.T) {
			tree := mustParse(t, test.document)
			if diff := cmp.Diff(test.want, canonical(tree)); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", test.document, diff)
			}
			if string(tree.Raw()) != test.document {
				t.Errorf("Raw() = %q, want the input", tree.Raw())
			}
		})
	}
}

// TestReasons shows that the closed list names every reason once.
func TestReasons(t *testing.T) {
	seen := map[string]bool{}
	for _, reason := range Reasons() {
		if reason == "" || seen[reason] {
			t.Errorf("reason %q is empty or stands twice", reason)
		}
		seen[reason] = true
	}
}
