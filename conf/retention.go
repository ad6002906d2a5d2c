package conf

// retention refuses what could only be a slip: the day that is missing in «30», and messages of which the
// lane still knows when the bytes that they carried are gone.
func (v *validation) retention() {
	r := v.config.Retention
	for _, f := range []struct {
		field string
		keep  Duration
	}{
		{"accepted", r.Accepted}, {"refused", r.Refused}, {"verdicts", r.Verdicts},
		{"messages", r.Messages}, {"notices", r.Notices}, {"acts", r.Acts},
	} {
		if f.keep != 0 && f.keep < Duration(day) {
			v.fail("retention."+f.field, f.keep.String()+" is less than a day", "0d keeps for ever")
		}
	}
	for _, f := range []struct {
		field string
		keep  Duration
	}{{"accepted", r.Accepted}, {"verdicts", r.Verdicts}, {"notices", r.Notices}} {
		if f.keep >= Duration(day) && (r.Messages == 0 || r.Messages > f.keep) {
			v.fail("retention.messages", "is longer than retention."+f.field+", which is what is in them",
				"make it "+f.keep.String()+" or less")
		}
	}
}
