import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.*;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.*;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Signs and verifies documents with the XMLDSig of the JDK, a whole table in one start: a line of
 * tab-separated words is one task, one line is answered for each, "ok" or why not.
 *
 *   sign   key certificate in out method digest canonical transform uri properties
 *   verify certificate in
 *
 * Forms are a URI and, behind a space, a PrefixList; "-" stands for none. Properties are the
 * transform of XAdES signed properties, or "-" for none of them.
 */
public class Interop {
    static final XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
    static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";

    public static void main(String[] args) throws Exception {
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] task = line.split("\t");
            String answer;
            try {
                answer = task[0].equals("sign") ? sign(task) : verify(task);
            } catch (Exception e) {
                answer = e.toString().replaceAll("\\s+", " ");
            }
            System.out.println(answer);
        }
    }

    static String sign(String[] task) throws Exception {
        X509Certificate certificate = certificate(task[2]);
        byte[] key = Files.readAllBytes(Path.of(task[1]));
        PrivateKey secret = KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(key));
        Document document = parse(Files.readAllBytes(Path.of(task[3])));

        List<Transform> transforms = new ArrayList<>();
        transforms.add(factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null));
        transforms.addAll(transform(task[8]));
        DigestMethod digest = factory.newDigestMethod(task[6], null);
        List<Reference> references = new ArrayList<>();
        references.add(factory.newReference(task[9].equals("-") ? "" : task[9], digest, transforms, null, null));
        List<XMLObject> objects = null;
        if (!task[10].equals("-")) {
            references.add(factory.newReference("#properties", digest,
                    task[10].equals("none") ? null : transform(task[10]), "http://uri.etsi.org/01903#SignedProperties", null));
            Element properties = (Element) document.importNode(parse(properties(certificate)).getDocumentElement(), true);
            ((Element) properties.getFirstChild()).setIdAttribute("Id", true);
            objects = List.of(factory.newXMLObject(List.of(new DOMStructure(properties)), null, null, null));
        }
        CanonicalizationMethod canonical = factory.newCanonicalizationMethod(uri(task[7]), (C14NMethodParameterSpec) prefixes(task[7]));
        SignedInfo info = factory.newSignedInfo(canonical, factory.newSignatureMethod(task[5], null), references);
        KeyInfoFactory keys = factory.getKeyInfoFactory();
        KeyInfo keyInfo = keys.newKeyInfo(List.of(keys.newX509Data(List.of(certificate))));
        DOMSignContext context = new DOMSignContext(secret, document.getDocumentElement());
        factory.newXMLSignature(info, keyInfo, objects, "signature", null).sign(context);

        Transformer writer = TransformerFactory.newInstance().newTransformer();
        writer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        writer.transform(new DOMSource(document), new StreamResult(Files.newOutputStream(Path.of(task[4]))));
        return "ok";
    }

    static String verify(String[] task) throws Exception {
        Document document = parse(Files.readAllBytes(Path.of(task[2])));
        Element signature = (Element) document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature").item(0);
        DOMValidateContext context = new DOMValidateContext(certificate(task[1]).getPublicKey(), signature);
        return factory.unmarshalXMLSignature(context).validate(context) ? "ok" : "invalid";
    }

    static byte[] properties(X509Certificate certificate) throws Exception {
        Base64.Encoder base64 = Base64.getEncoder();
        String digest = base64.encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        String text = "<xades:QualifyingProperties xmlns:xades='" + XADES + "' Target='#signature'>"
                + "<xades:SignedProperties Id='properties'><xades:SignedSignatureProperties>"
                + "<xades:SigningTime>2026-11-22T12:50:00+03:00</xades:SigningTime><xades:SigningCertificate><xades:Cert>"
                + "<xades:CertDigest><ds:DigestMethod xmlns:ds='" + XMLSignature.XMLNS + "' Algorithm='" + DigestMethod.SHA256 + "'/>"
                + "<ds:DigestValue xmlns:ds='" + XMLSignature.XMLNS + "'>" + digest + "</ds:DigestValue></xades:CertDigest>"
                + "<xades:IssuerSerial xmlns:ds='" + XMLSignature.XMLNS + "'><ds:X509IssuerName>"
                + certificate.getIssuerX500Principal().getName() + "</ds:X509IssuerName><ds:X509SerialNumber>"
                + certificate.getSerialNumber() + "</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>"
                + "</xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties>";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String uri(String form) {
        return form.split(" ")[0];
    }

    static List<Transform> transform(String form) throws Exception {
        return form.equals("-") ? List.of() : List.of(factory.newTransform(uri(form), (TransformParameterSpec) prefixes(form)));
    }

    static ExcC14NParameterSpec prefixes(String form) {
        String[] words = form.split(" ");
        return words.length == 1 ? null : new ExcC14NParameterSpec(Arrays.asList(words).subList(1, words.length));
    }

    static X509Certificate certificate(String file) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))));
    }

    /** Identifiers are attributes ID and Id, as the gateway has it. */
    static Document parse(byte[] text) throws Exception {
        DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
        builders.setNamespaceAware(true);
        Document document = builders.newDocumentBuilder().parse(new ByteArrayInputStream(text));
        identify(document.getDocumentElement());
        return document;
    }

    static void identify(Element e) {
        for (String name : new String[] {"ID", "Id"}) {
            if (e.hasAttribute(name)) {
                e.setIdAttribute(name, true);
            }
        }
        for (var n = e.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element child) {
                identify(child);
            }
        }
    }
}
