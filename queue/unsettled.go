package queue

import "asugate/store"

// Unsettled says whether any lane still has something to deliver about what m is about, or with its
// Order. It takes two steps a lane that is not empty.
func Unsettled(r store.Reader, m Message) (waits bool) {
	about := []string{document(m)}
	if m.Order != "" {
		m.Order = ""
		about = append(about, document(m))
	}
	r.Range(lanes, nil, nil, lanesMost, func(lane, _ []byte) bool {
		for _, doc := range about {
			if _, waits = first(r, string(lane), doc); waits {
				return false
			}
		}
		return true
	})
	return waits
}
