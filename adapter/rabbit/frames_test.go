package rabbit

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// delivery is the frames of a basic.deliver with a body in pieces.
func deliveryFrames(channel uint16, tag uint64, pieces ...string) []byte {
	var size int
	for _, piece := range pieces {
		size += len(piece)
	}
	frames := methodFrame(channel, 60, 60, "ctag", tag, false, "", "asugate.in")
	frames = append(frames, headerFrame(channel, size)...)
	for _, piece := range pieces {
		frames = append(frames, rawFrame(frameBody, channel, []byte(piece))...)
	}
	return frames
}

func headerFrame(channel uint16, size int) []byte {
	var b bytes.Buffer
	put(&b, uint16(60), uint16(0), uint64(size), uint16(0))
	return rawFrame(frameHeader, channel, b.Bytes())
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// What passes, and what is left out, of a stream of frames with a limit of 8.
func TestContents(t *testing.T) {
	blocked := methodFrame(0, 10, 60, "low on memory")
	returned := join(methodFrame(1, 60, 50, uint16(312), "NO_ROUTE", "", "k"), headerFrame(1, 9),
		rawFrame(frameBody, 1, []byte("123456789")))
	emptied := func(tag uint64) []byte {
		return join(methodFrame(1, 60, 60, "ctag", tag, false, "", "asugate.in"), headerFrame(1, 0))
	}
	for _, test := range []struct {
		name     string
		in, want []byte
		left     map[uint64]uint64
	}{
		{name: "at the limit", in: deliveryFrames(1, 7, "12345678"), want: deliveryFrames(1, 7, "12345678")},
		{name: "empty", in: deliveryFrames(1, 7), want: deliveryFrames(1, 7)},
		{name: "above the limit", in: deliveryFrames(1, 7, "123456789"),
			want: join(emptied(7), heartbeat), left: map[uint64]uint64{7: 9}},
		{name: "in pieces, with a method on channel 0 between",
			in: join(deliveryFrames(1, 7, "123456", "789012345")[:len(deliveryFrames(1, 7, "123456", "789012345"))-len(rawFrame(frameBody, 1, []byte("789012345")))],
				blocked, rawFrame(frameBody, 1, []byte("789012345"))),
			want: join(emptied(7), heartbeat, blocked, heartbeat), left: map[uint64]uint64{7: 15}},
		{name: "the next passes", in: join(deliveryFrames(1, 7, "123456789"), deliveryFrames(1, 8, "1234")),
			want: join(emptied(7), heartbeat, deliveryFrames(1, 8, "1234")), left: map[uint64]uint64{7: 9}},
		{name: "two", in: join(deliveryFrames(1, 7, "123456789"), deliveryFrames(1, 8, "1234567890")),
			want: join(emptied(7), heartbeat, emptied(8), heartbeat), left: map[uint64]uint64{7: 9, 8: 10}},
		// Only deliveries: a return is ours.
		{name: "a return", in: returned, want: returned},
		{name: "no AMQP", in: []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), want: []byte("HTTP/1.1 400 Bad Request\r\n\r\n")},
		{name: "another version of AMQP", in: []byte("AMQP\x00\x01\x00\x00"), want: []byte("AMQP\x00\x01\x00\x00")},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newContents(iotest.OneByteReader(bytes.NewReader(test.in)), 8)
			got, err := io.ReadAll(iotest.HalfReader(c))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("passed (-want +got):\n%s", diff)
			}
			for tag, size := range test.left {
				if got := c.leftOut(tag); got != size {
					t.Errorf("left out of %d: %d; want %d", tag, got, size)
				}
				if got := c.leftOut(tag); got != 0 {
					t.Errorf("told twice of %d", tag)
				}
			}
			if len(c.left) != 0 {
				t.Errorf("left out besides: %v", c.left)
			}
		})
	}
}

// Whatever the peer sends: nothing panics; where nothing is left out, everything whole passes as it is;
// and in what has passed there is nothing left to be left out.
func FuzzContents(f *testing.F) {
	f.Add(deliveryFrames(1, 7, "123456789"))
	f.Add(join(deliveryFrames(1, 7, "1234", "56789"), deliveryFrames(2, 8, "1"), heartbeat))
	f.Add(methodFrame(1, 60, 60, "c"))
	f.Add([]byte("AMQP0091"))
	f.Fuzz(func(t *testing.T, in []byte) {
		once := newContents(bytes.NewReader(in), 8)
		out, _ := io.ReadAll(once)
		if len(once.left) == 0 && !bytes.HasPrefix(in, out) {
			t.Errorf("%x became %x", in, out)
		}
		twice := newContents(bytes.NewReader(out), 8)
		again, _ := io.ReadAll(twice)
		if len(twice.left) != 0 || !bytes.HasPrefix(out, again) {
			t.Errorf("%x became %x, then %x", in, out, again)
		}
	})
}
