// Package conf answers: what may the operator say?
//
// The YAML file holds only what belongs to this machine: listeners, the store, paths of keys, the
// broker, limits. Participants, staff lists and agreements live in the store, where they have
// versions. Secrets are never in the file; it names the files that hold them.
//
// Default has every default, the shipped gatewayd.yaml explains every field, Load reads a file
// strictly, Validate says everything that is wrong with it at once.
package conf
