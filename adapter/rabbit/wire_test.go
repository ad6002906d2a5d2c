package rabbit

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The little of AMQP's encoding (§4.2) that the fake broker needs.

type (
	table      map[string]any
	longString string
)

func rawFrame(kind uint8, channel uint16, payload []byte) []byte {
	var b bytes.Buffer
	put(&b, kind, channel, uint32(len(payload)))
	b.Write(payload)
	b.WriteByte(frameEnd)
	return b.Bytes()
}

func methodFrame(channel uint16, class, method uint16, arguments ...any) []byte {
	var b bytes.Buffer
	put(&b, class, method)
	put(&b, arguments...)
	return rawFrame(frameMethod, channel, b.Bytes())
}

// put writes values: string is a short string, table a table, a bool an octet of its own.
func put(b *bytes.Buffer, values ...any) {
	for _, value := range values {
		switch v := value.(type) {
		case string:
			b.WriteByte(uint8(len(v)))
			b.WriteString(v)
		case longString:
			put(b, uint32(len(v)))
			b.WriteString(string(v))
		case table:
			var fields bytes.Buffer
			for name, field := range v {
				put(&fields, name)
				switch f := field.(type) {
				case string:
					fields.WriteByte('S')
					put(&fields, longString(f))
				case int64:
					fields.WriteByte('l')
					put(&fields, f)
				default:
					panic(fmt.Sprintf("field of type %T", field))
				}
			}
			put(b, uint32(fields.Len()))
			b.Write(fields.Bytes())
		default:
			if err := binary.Write(b, binary.BigEndian, v); err != nil {
				panic(err)
			}
		}
	}
}

// octets reads what put writes.
type octets struct{ b []byte }

func (o *octets) next(n int) []byte {
	taken := o.b[:n]
	o.b = o.b[n:]
	return taken
}

func (o *octets) uint8() uint8   { return o.next(1)[0] }
func (o *octets) uint16() uint16 { return binary.BigEndian.Uint16(o.next(2)) }
func (o *octets) uint32() uint32 { return binary.BigEndian.Uint32(o.next(4)) }
func (o *octets) uint64() uint64 { return binary.BigEndian.Uint64(o.next(8)) }
func (o *octets) short() string  { return string(o.next(int(o.uint8()))) }
func (o *octets) long() string   { return string(o.next(int(o.uint32()))) }

func (o *octets) table() table {
	t := table{}
	fields := &octets{b: []byte(o.long())}
	for len(fields.b) > 0 {
		name := fields.short()
		switch kind := fields.uint8(); kind {
		case 'S':
			t[name] = fields.long()
		case 'I':
			t[name] = int32(fields.uint32())
		case 'l':
			t[name] = int64(fields.uint64())
		case 't':
			t[name] = fields.uint8() == 1
		case 'F':
			t[name] = fields.table()
		default:
			panic(fmt.Sprintf("field of kind %q", kind))
		}
	}
	return t
}

// properties of a content header in the order of their flags, from bit 15 down.
var properties = []string{
	"content-type", "content-encoding", "headers", "delivery-mode", "priority", "correlation-id", "reply-to",
	"expiration", "message-id", "timestamp", "type", "user-id", "app-id",
}

func decodeProperties(o *octets) (map[string]string, map[string]any) {
	flags, values, headers := o.uint16(), map[string]string{}, map[string]any{}
	for i, name := range properties {
		if flags&(1<<(15-i)) == 0 {
			continue
		}
		switch name {
		case "headers":
			headers = o.table()
		case "delivery-mode", "priority":
			values[name] = fmt.Sprint(o.uint8())
		case "timestamp":
			values[name] = fmt.Sprint(o.uint64())
		default:
			values[name] = o.short()
		}
	}
	return values, headers
}

// encodeProperties writes headers and the properties that are short strings.
func encodeProperties(p published) []byte {
	var flags uint16
	var b bytes.Buffer
	for i, name := range properties {
		value, present := p.properties[name]
		switch {
		case name == "headers" && p.headers != nil:
			put(&b, table(p.headers))
		case present:
			put(&b, value)
		default:
			continue
		}
		flags |= 1 << (15 - i)
	}
	return append(binary.BigEndian.AppendUint16(nil, flags), b.Bytes()...)
}
