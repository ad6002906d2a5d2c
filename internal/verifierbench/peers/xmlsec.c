/* Parses and verifies signed documents with libxmlsec1: milliseconds a measurement, how many of them, then pairs of
 * certificate (PEM) and document. Prints the nanoseconds of CPU time that each document took, the median, one line a document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <libxml/parser.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static double nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void verify(const char *octets, int size, xmlSecKeyPtr key) {
    xmlDocPtr document = xmlReadMemory(octets, size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
    if (document == NULL) fail("not read");
    xmlNodePtr root = xmlDocGetRootElement(document);
    xmlAttrPtr id = xmlHasProp(root, BAD_CAST "ID");
    xmlChar *name = xmlGetProp(root, BAD_CAST "ID");
    xmlAddID(NULL, document, name, id);
    xmlFree(name);
    xmlNodePtr signature = root->last;
    while (signature != NULL && !xmlSecCheckNodeName(signature, xmlSecNodeSignature, xmlSecDSigNs)) signature = signature->prev;
    if (signature == NULL) fail("no signature");
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    context->signKey = xmlSecKeyDuplicate(key);
    if (xmlSecDSigCtxVerify(context, signature) < 0 || context->status != xmlSecDSigStatusSucceeded) fail("does not verify");
    xmlSecDSigCtxDestroy(context);
    xmlFreeDoc(document);
}

int main(int argc, char **argv) {
    if (argc < 5) fail("usage: xmlsec MILLISECONDS ROUNDS CERTIFICATE DOCUMENT…");
    double each = atof(argv[1]) * 1e6;
    int rounds = atoi(argv[2]);
    double *took = calloc(rounds, sizeof *took);
    xmlInitParser();
    if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) fail("not initialized");
    for (int i = 3; i + 1 < argc; i += 2) {
        xmlSecKeyPtr key = xmlSecCryptoAppKeyLoad(argv[i], xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
        if (key == NULL) fail("no key");
        FILE *f = fopen(argv[i + 1], "rb");
        if (f == NULL) fail("no document");
        fseek(f, 0, SEEK_END);
        long size = ftell(f);
        rewind(f);
        char *octets = malloc(size);
        if (fread(octets, 1, size, f) != (size_t)size) fail("not read");
        fclose(f);
        verify(octets, size, key);
        for (int round = 0; round < rounds; round++) {
            double begin = nanoseconds(CLOCK_MONOTONIC), start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
            long n = 0;
            for (; nanoseconds(CLOCK_MONOTONIC) - begin < each; n++) verify(octets, size, key);
            took[round] = (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start) / n;
        }
        qsort(took, rounds, sizeof *took, ascending);
        printf("%.0f\n", took[rounds / 2]);
        fflush(stdout);
        free(octets);
        xmlSecKeyDestroy(key);
    }
    return 0;
}
