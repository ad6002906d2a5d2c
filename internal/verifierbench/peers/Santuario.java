import com.sun.management.OperatingSystemMXBean;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.Init;
import org.apache.xml.security.signature.XMLSignature;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Parses and verifies signed documents with Apache Santuario: milliseconds a measurement, how many of them, then pairs of
 * certificate (PEM) and document. Prints the nanoseconds of CPU time that each document took, the median, one line a document.
 */
public class Santuario {
    static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";

    static void verify(DocumentBuilder builder, byte[] octets, PublicKey key) throws Exception {
        Document document = builder.parse(new ByteArrayInputStream(octets));
        Element root = document.getDocumentElement();
        root.setIdAttribute("ID", true);
        Element signature = (Element) root.getElementsByTagNameNS(DSIG, "Signature").item(0);
        if (!new XMLSignature(signature, "").checkSignatureValue(key)) {
            throw new IllegalStateException("does not verify");
        }
    }

    public static void main(String[] args) throws Exception {
        long each = Long.parseLong(args[0]) * 1_000_000;
        int rounds = Integer.parseInt(args[1]);
        Init.init();
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        CertificateFactory certificates = CertificateFactory.getInstance("X.509");
        for (int i = 2; i + 1 < args.length; i += 2) {
            PublicKey key;
            try (FileInputStream in = new FileInputStream(args[i])) {
                key = certificates.generateCertificate(in).getPublicKey();
            }
            byte[] octets = Files.readAllBytes(Path.of(args[i + 1]));
            // The just-in-time compiler has had its time before anything counts.
            for (long start = System.nanoTime(); System.nanoTime() - start < 3_000_000_000L;) {
                verify(builder, octets, key);
            }
            long[] took = new long[rounds];
            for (int round = 0; round < rounds; round++) {
                long begin = System.nanoTime();
                long start = process.getProcessCpuTime();
                long n = 0;
                for (; System.nanoTime() - begin < each; n++) {
                    verify(builder, octets, key);
                }
                took[round] = (process.getProcessCpuTime() - start) / n;
            }
            Arrays.sort(took);
            System.out.println(took[rounds / 2]);
        }
    }
}
