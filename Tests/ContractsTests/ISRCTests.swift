import Contracts
import Testing

@Suite struct ISRCTests {
    @Test(arguments: [
        "GBAAB9700312", "gb-aab-97-00312", " GB AAB 97 00312 ", "Gb-A1b-97-00312\n", "GB.AAB.97.00312",
        "GB_AAB_97_00312",
        "GB–AAB–97–00312",
    ])
    func `a code is read in any case, with or without separators`(_ text: String) {
        #expect(ISRC(text)?.text.hasPrefix("GBA") == true)
        #expect(ISRC(text)?.text.count == 12)
    }

    @Test(arguments: [
        "", " ", "-", "--", "N/A", "NA", "n/a", "unknown", "none", "0", "000000000000", "GBAAB970031", "GBAAB97003122",
        "G1AAB9700312", "GBAAB97003I2", "GBAA_9700312", "ＧBAAB9700312", "GBAAB970031٢", "ISRC GBAAB9700312",
        "ßAAB9700312", "ıBAAB9700312",
    ])
    func `a placeholder or a malformed code is not an ISRC`(_ text: String) {
        #expect(ISRC(text) == nil)
    }

    @Test func `codes that differ only in their notation are equal`() {
        #expect(ISRC("gb-aab-97-00312") == ISRC("GBAAB9700312"))
        #expect(ISRC("GBAAB9700312") != ISRC("GBAAB9700313"))
    }
}
