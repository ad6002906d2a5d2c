package register

import (
	"slices"

	"asugate/schema"
)

// The numbers that an addressee is looked up by.
const (
	byBranch = "inn+kpp" // with the КПП of a branch, or with none of all branches
	byINN    = "inn"
	byOKPO   = "okpo"
	byEDRPOU = "edrpou"
)

// identifier is a number under which an organisation is known at the edge of a railway.
type identifier struct {
	railway string
	of      string // byINN …
	number  string
	kpp     string
}

// addressee is an organisation and the channel that acts for it.
type addressee struct {
	participant  *Participant
	organisation *Organisation
}

// indexAddressees makes the index of Addressee: a railway has thousands of organisations, and asks for
// one of them with every memo and act.
func (d *Directory) indexAddressees() {
	d.addressees = map[identifier][]addressee{}
	for _, p := range d.Participants {
		for _, o := range p.Organisations {
			for _, id := range []identifier{
				{p.Railway, byBranch, o.INN, o.KPP}, {p.Railway, byINN, o.INN, ""},
				{p.Railway, byOKPO, o.OKPO, ""}, {p.Railway, byEDRPOU, o.EDRPOU, ""},
			} {
				if id.number != "" {
					d.addressees[id] = append(d.addressees[id], addressee{p, o})
				}
			}
		}
	}
}

// Addressee is to whom a memo or an act of the railway goes: the owner or user of the siding that it
// names, and the channel that acts for him. Where there is none, reason says why.
//
// The order is that of routing in АС ЭТД: ИНН and КПП, else ОКПО; ЄДРПОУ at the edge of a uz railway.
// The first number that finds somebody decides, and a later one only where the earlier ones find
// nobody or are not given:
//
//   - ИНН with КПП finds the organisation that is registered with both of them, else one that is
//     registered with this ИНН and without a КПП, which stands for all its branches.
//   - An organisation with this ИНН and another КПП is not meant, not even if it is the only one. The КПП
//     names a branch; the document begins a term at whose end silence is consent, and of the two
//     mistakes, to park it and to let another branch consent, the first can be mended.
//   - ОКПО finds whoever has it, unless his ИНН is another one: then the document contradicts the
//     register, and nobody is named by it.
//   - ИНН without КПП, which entrepreneurs do not have, finds after that whoever has it.
//
// Where several are found, one whose agreement covers memos or acts goes before those whose does not:
// an organisation may have another channel for its consignment notes. Two that are left are ambiguous.
func (d *Directory) Addressee(railway string, owner schema.OrgID) (p *Participant, o *Organisation, reason string) {
	found := answering(d.known(railway, owner))
	switch len(found) {
	case 0:
		return nil, nil, schema.ReasonAddresseeUnknown
	case 1:
		return found[0].participant, found[0].organisation, ""
	}
	return nil, nil, schema.ReasonAddresseeAmbiguous
}

// known are those whom the first number finds that finds anybody.
func (d *Directory) known(railway string, owner schema.OrgID) []addressee {
	if r := d.Railways[railway]; r != nil && r.Profile == "uz" {
		return d.addressees[identifier{railway, byEDRPOU, owner.EDRPOU, ""}]
	}
	if owner.INN != "" && owner.KPP != "" {
		if branch := d.addressees[identifier{railway, byBranch, owner.INN, owner.KPP}]; len(branch) > 0 {
			return branch
		}
		if all := d.addressees[identifier{railway, byBranch, owner.INN, ""}]; len(all) > 0 {
			return all
		}
	}
	if holders := d.holders(railway, owner); len(holders) > 0 || owner.KPP != "" {
		return holders
	}
	return d.addressees[identifier{railway, byINN, owner.INN, ""}]
}

// holders are those with the ОКПО whose ИНН is not another one.
func (d *Directory) holders(railway string, owner schema.OrgID) (found []addressee) {
	for _, a := range d.addressees[identifier{railway, byOKPO, owner.OKPO, ""}] {
		if owner.INN == "" || a.organisation.INN == "" || owner.INN == a.organisation.INN {
			found = append(found, a)
		}
	}
	return found
}

// answering are those among several whose agreement covers memos or acts; all, where none's does.
func answering(found []addressee) []addressee {
	if len(found) < 2 {
		return found
	}
	var covered []addressee
	for _, a := range found {
		if slices.ContainsFunc(a.organisation.Agreement.Covers, isPrimary) {
			covered = append(covered, a)
		}
	}
	if len(covered) == 0 {
		return found
	}
	return covered
}

// isPrimary says that documents of the kind start at the railway and are answered by the client.
func isPrimary(k schema.Kind) bool { return k == schema.KindMemo || k == schema.KindAct }
