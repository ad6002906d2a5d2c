package queue
import ("testing";"os";"time";"context";"asugate/store";"asugate/store/bolt";"fmt")
func TestBig(t *testing.T) {
	if os.Getenv("BIG")=="" {t.Skip()}
	path := newPath(t)
	s, _ := bolt.Open(path, bolt.Options{})
	q, ids := New(s, time.Now), newIDs(t, s, time.Now)
	const n = 100_000
	b := time.Now()
	body := make([]byte, 8000)
	for i := range body { body[i] = byte(i*i*7>>3) ^ byte(i*31) }
	for at := 0; at < n; at += 1000 {
		s.Update(func(tx store.Tx) error {
			for i := range 1000 {
				id := ids.Next()
				tx.Put(store.Blobs, []byte(id), append([]byte{'p'}, body...))
				if err := q.Add(tx, Message{ID: id, Lane: "office", DocumentID: fmt.Sprint(at+i), Participant: "SHIP-01", Created: time.Now(), Body: id}); err != nil { return err }
			}
			return nil
		})
	}
	fmt.Println("filled", time.Since(b), s.Stats())
	b = time.Now(); s.Close(); fmt.Println("close", time.Since(b))
	b = time.Now(); s, err := bolt.Open(path, bolt.Options{}); fmt.Println("open", time.Since(b), err)
	b = time.Now(); fmt.Println(s.Check(context.Background()), "cold check", time.Since(b))
	b = time.Now(); fmt.Println(s.Check(context.Background()), "warm check", time.Since(b))
	q = New(s, time.Now)
	b = time.Now(); s.View(Check); fmt.Println("queue check", time.Since(b))
	b = time.Now(); l, _ := q.List("", "", 100); fmt.Println("list", len(l), time.Since(b))
	b = time.Now(); ls, _ := q.Lanes(100); fmt.Println("lanes", ls, time.Since(b))
	ctx, cancel := context.WithCancel(context.Background())
	k := 0
	b = time.Now()
	ch := make(chan int, 1000)
	go func() { for range ch { if k++; k == n { cancel() } } }()
	q.Run(ctx, "office", Options{Window: 256}, func(context.Context, Message, []byte, []byte) error { ch <- 1; return nil })
	fmt.Println("drained", time.Since(b))
	b = time.Now(); m, _ := q.Trim(time.Now().Add(time.Hour), 1000); fmt.Println("trim", m, time.Since(b))
	b = time.Now(); f, _ := os.Create(path+".bak"); nn, err := s.Backup(f); fmt.Println("backup", nn, err, time.Since(b)); f.Close()
	s.Close()
	b = time.Now(); x, y, err := bolt.Compact(path); fmt.Println("compact", x, y, err, time.Since(b))
}
