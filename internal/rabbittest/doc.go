// Package rabbittest answers: where do tests get a real RabbitMQ from?
//
// It starts a node of its own from the scripts of an installed rabbitmq-server: on free ports of the
// loopback interface, with its own port mapper (epmd), cookie, data and log in a temporary folder,
// beside any broker that the machine runs. Nothing of it is left when the test binary ends, also
// when it is killed: the kernel ends the processes with their parent.
package rabbittest
