#!/bin/sh
# A signing program as docs/signer-process.md has it: it signs with a GOST key in a file, by openssl
# with its GOST engine. For trying out; a key worth its name is in a token or with a provider.
#
#     command: [/usr/bin/env, OPENSSL_CONF=/etc/gatewayd/openssl-gost.cnf, /bin/sh, /etc/gatewayd/signer.sh, /etc/gatewayd/gost.key]
key=$1

# The gateway writes its requests on one line, without blanks; what is asked for here needs no escapes.
field() { printf '%s\n' "$line" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

public() { openssl pkey -in "$key" -pubout -outform DER | base64 -w 0; }
sign() { field digest | base64 -d | openssl pkeyutl -sign -inkey "$key" | base64 -w 0; }

answer() { # what, value
	if [ -n "$2" ]; then
		echo "{\"id\":$id,\"$1\":\"$2\"}"
	else
		echo "{\"id\":$id,\"error\":\"openssl has failed\"}"
	fi
}

while read -r line; do
	id=$(field id)
	case $(field op) in
	hello) echo "{\"id\":$id,\"protocol\":1,\"program\":\"signer.sh\",\"sign\":[\"gost2012-256\",\"gost2012-512\"]}" ;;
	public) answer public "$(public)" ;;
	sign) answer value "$(sign)" ;;
	*) echo "{\"id\":$id,\"error\":\"unknown operation\"}" ;;
	esac
done
