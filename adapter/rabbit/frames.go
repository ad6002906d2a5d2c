package rabbit

import (
	"bufio"
	"encoding/binary"
	"io"
	"sync"
)

// Frames of AMQP 0-9-1 (§2.3.5, §4.2.3): type, channel and size before the payload, one octet behind.
const (
	frameMethod    = 1
	frameHeader    = 2
	frameBody      = 3
	frameHeartbeat = 8
	frameEnd       = 0xCE
	frameHead      = 7

	classBasic    = 60
	methodDeliver = 60

	// mostDeliver is the part of a basic.deliver up to its delivery tag: class, method, a consumer
	// tag of at most 255 octets with its length, the tag.
	mostDeliver = 2 + 2 + 256 + 8
	// headerSize is the part of a content header up to the size of the body: class, weight, size.
	headerSize = 2 + 2 + 8
)

// heartbeat is the frame that stands in for each body frame left out, because the library takes
// silence for a dead connection and a large body may take a while to pass.
var heartbeat = []byte{frameHeartbeat, 0, 0, 0, 0, 0, 0, frameEnd}

// contents reads the broker's frames and leaves out the body of a delivery that is larger than limit,
// before the library would gather it in memory; its header then says that there is none. AMQP has
// no other way: a consumer cannot say how large a message may be. Everything else passes unchanged.
type contents struct {
	limit uint64

	// Used by the goroutine that reads.
	in      *bufio.Reader
	ready   []byte // to be handed out before anything else
	pass    uint64 // octets of the frame at hand to be handed out as they are
	blind   bool   // this is no AMQP; hand out everything as it is
	tag     uint64 // of the delivery whose content comes next; 0: the content is of something else
	leaving bool   // the body frames that come next are left out
	channel uint16 // of tag and leaving: deliveries come on one channel

	mu   sync.Mutex        // protects left
	left map[uint64]uint64 // delivery tag → size of the body that was left out
}

func newContents(in io.Reader, limit int64) *contents {
	return &contents{
		limit: uint64(limit),
		in:    bufio.NewReaderSize(in, 64<<10),
		left:  make(map[uint64]uint64),
	}
}

// leftOut is the size of the body that was left out of a delivery, told once; 0: it was not.
func (c *contents) leftOut(tag uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := c.left[tag]
	delete(c.left, tag)
	return size
}

func (c *contents) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(c.ready) == 0 && c.pass == 0 && !c.blind {
		if err := c.frame(); err != nil {
			return 0, err
		}
	}
	if len(c.ready) > 0 {
		n := copy(p, c.ready)
		c.ready = c.ready[n:]
		return n, nil
	}
	if c.blind {
		return c.in.Read(p)
	}
	n, err := c.in.Read(p[:min(uint64(len(p)), c.pass)])
	c.pass -= uint64(n)
	return n, err
}

// frame looks at the next frame and decides what is handed out of it.
func (c *contents) frame() error {
	head, err := c.in.Peek(frameHead)
	if err != nil {
		return err
	}
	channel := binary.BigEndian.Uint16(head[1:])
	size := uint64(binary.BigEndian.Uint32(head[3:]))
	c.pass = frameHead + size + 1
	switch head[0] {
	case frameMethod:
		return c.method(channel, size)
	case frameHeader:
		return c.header(channel, size)
	case frameBody:
		return c.body(channel, size)
	case frameHeartbeat:
		return nil
	}
	c.blind = true
	return nil
}

// method notes the tag of a basic.deliver.
func (c *contents) method(channel uint16, size uint64) error {
	if c.channel == channel {
		c.tag, c.leaving = 0, false
	}
	payload, err := c.peek(min(size, mostDeliver))
	if err != nil || len(payload) < 5 {
		return err
	}
	if binary.BigEndian.Uint16(payload) != classBasic || binary.BigEndian.Uint16(payload[2:]) != methodDeliver {
		return nil
	}
	rest := payload[5:]
	if n := int(payload[4]); len(rest) >= n+8 {
		c.channel, c.tag = channel, binary.BigEndian.Uint64(rest[n:])
	}
	return nil
}

// header says 0 where it announces a body of a delivery that is too large.
func (c *contents) header(channel uint16, size uint64) error {
	if c.tag == 0 || channel != c.channel || size < headerSize {
		return nil
	}
	payload, err := c.peek(headerSize)
	if err != nil {
		return err
	}
	body := binary.BigEndian.Uint64(payload[4:])
	if body <= c.limit {
		return nil
	}
	c.mu.Lock()
	c.left[c.tag] = body
	c.mu.Unlock()
	c.tag, c.leaving = 0, true

	changed := make([]byte, frameHead+headerSize)
	if _, err := io.ReadFull(c.in, changed); err != nil {
		return err
	}
	clear(changed[frameHead+4:])
	c.ready = changed
	c.pass -= uint64(len(changed))
	return nil
}

// body is left out, and a heartbeat put in its place, when it belongs to what is too large.
func (c *contents) body(channel uint16, size uint64) error {
	if !c.leaving || channel != c.channel {
		return nil
	}
	c.ready, c.pass = heartbeat, 0
	_, err := c.in.Discard(int(frameHead + size + 1))
	return err
}

// peek is the first n octets of the payload of the frame at hand.
func (c *contents) peek(n uint64) ([]byte, error) {
	both, err := c.in.Peek(int(frameHead + n))
	if err != nil {
		return nil, err
	}
	return both[frameHead:], nil
}
