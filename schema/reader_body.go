package schema

import "asugate/xmltree"

func (r *reader) paperSwitch(root xmltree.Element) *PaperSwitch {
	p := &PaperSwitch{}
	for e := range children(root) {
		switch e.Local() {
		case "Waybill":
			p.Waybill = r.reference(e)
		case "Person":
			p.Person = person(e)
		case "At":
			p.At = r.moment(e)
		case "Reason":
			p.Reason = text(e)
		}
	}
	return p
}

func (r *reader) officeNotice(root xmltree.Element) *OfficeNotice {
	n := &OfficeNotice{}
	for e := range children(root) {
		switch e.Local() {
		case "InReplyTo":
			n.InReplyTo = r.reference(e)
		case "Participant":
			n.Participant = text(e)
		case "Registration":
			n.Registration = text(e)
		case "State":
			n.State = text(e)
		case "Reason":
			n.Reason = text(e)
		}
	}
	return n
}
