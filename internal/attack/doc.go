// Package attack answers: what would somebody do to a signed document who wants another one believed?
//
// From one freshly signed document it makes all the attacks on XML signatures that are known from
// advisories and papers: Outsider those that need no key, Insider those of somebody whose key is
// trusted. Each says with which reason it is to be refused, so that a refusal for another reason,
// which may be luck, is found as well. Enclose signs in every form that the standard knows, also
// those that package signature does not write.
package attack
