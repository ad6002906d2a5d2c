// Signs and verifies documents with npm xml-crypto, a whole table in one start: a line of
// tab-separated words is one task, one line is answered for each, "ok" or why not.
//
//   sign   key certificate in out method digest canonical transform uri
//   verify certificate in
"use strict";
const fs = require("fs");
const { SignedXml } = require("xml-crypto");
const { DOMParser } = require("@xmldom/xmldom");
const DSIG = "http://www.w3.org/2000/09/xmldsig#";

function sign([key, certificate, input, output, method, digest, canonical, transform, uri]) {
  const signature = new SignedXml({
    privateKey: fs.readFileSync(key),
    publicCert: fs.readFileSync(certificate),
    signatureAlgorithm: method,
    canonicalizationAlgorithm: canonical,
  });
  signature.addReference({
    xpath: "/*",
    transforms: [DSIG + "enveloped-signature", transform],
    digestAlgorithm: digest,
    isEmptyUri: uri === "-",
  });
  signature.computeSignature(fs.readFileSync(input, "utf8"), { prefix: "ds" });
  fs.writeFileSync(output, signature.getSignedXml());
  return "ok";
}

function verify([certificate, input]) {
  const text = fs.readFileSync(input, "utf8");
  const document = new DOMParser().parseFromString(text, "text/xml");
  const signature = new SignedXml({ publicCert: fs.readFileSync(certificate) });
  signature.loadSignature(document.getElementsByTagNameNS(DSIG, "Signature")[0]);
  return signature.checkSignature(text) ? "ok" : "invalid";
}

for (const line of fs.readFileSync(process.argv[2], "utf8").trim().split("\n")) {
  const [what, ...task] = line.split("\t");
  let answer;
  try {
    answer = what === "sign" ? sign(task) : verify(task);
  } catch (e) {
    answer = String(e.message).replace(/\s+/g, " ");
  }
  console.log(answer);
}
