import Contracts
import Foundation
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["a", "0b6c3f8e-52a1-4a7e-9a43-6f0c1d2e3a4b", "A_-9", String(repeating: "x", count: 64)])
    func `a job id of letters, digits, hyphens and underscores is accepted`(_ text: String) {
        #expect(JobID(text)?.text == text)
    }

    @Test(arguments: ["", "..", "a/b", "a.b", "a b", "ä", "a\n", "a\0", "%2e", String(repeating: "x", count: 65)])
    func `a job id with characters of paths or routing keys is refused`(_ text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func `a new job id is unique and has an allowed shape`() {
        let ids = (0..<1000).map { _ in JobID() }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { JobID($0.text) == $0 })
    }

    @Test func `the dedupe key is the explicit one, otherwise the ISRC, otherwise the names`() {
        var track = Track(artist: "Björk", title: "Jóga", album: "Homogenic")
        #expect(DedupeKey.of(track) == "björk|jóga|homogenic")
        track.isrc = "gb-aab-97-00312"
        #expect(DedupeKey.of(track) == "GBAAB9700312")
        #expect(DedupeKey.of(track, explicit: "my-key") == "my-key")
        #expect(DedupeKey.of(track, explicit: " ") == "GBAAB9700312")
        #expect(DedupeKey.of(track, batch: "party") == "party:GBAAB9700312")
        var nameless = Track(artist: "", title: "")
        nameless.spotifyID = "4uLU6hMCjMI75M1A2tKUQC"
        #expect(DedupeKey.of(nameless) == "spotify:4uLU6hMCjMI75M1A2tKUQC")
        nameless.isrc = "gb-aab-97-00312"
        #expect(DedupeKey.of(nameless) == "GBAAB9700312")
        #expect(DedupeKey.of(track, explicit: "k", batch: "party") == "party:k")
    }

    @Test(arguments: ["N/A", "NA", "-", " ", "", "unknown", "GBAAB970031"])
    func `a placeholder in the ISRC field is not a dedupe key`(_ placeholder: String) throws {
        var track = Track(artist: "Björk", title: "Jóga", album: "Homogenic")
        track.isrc = placeholder
        #expect(DedupeKey.of(track) == "björk|jóga|homogenic")
        let read = try ContractCoding.decode(
            JobDocument.self, from: try ContractCoding.encode(JobDocument(track: track)))
        #expect(read.track.isrc == placeholder && read.dedupeKey == "björk|jóga|homogenic")
        var other = Track(artist: "Massive Attack", title: "Angel")
        other.isrc = placeholder
        #expect(DedupeKey.of(other) != DedupeKey.of(track))
    }

    @Test func `tracks that have only a malformed ISRC are equal only if it is the same`() throws {
        func key(_ isrc: String) throws -> String {
            try ContractCoding.decode(
                JobDocument.self, from: Data(#"{"schema":"hdm.job/1","job_id":"a","track":{"isrc":"\#(isrc)"}}"#.utf8)
            )
            .dedupeKey
        }
        #expect(try key("GBAAB970031") != key("GBAAB970032"))
        #expect(try key("GBAAB970031") == key("gbaab970031"))
    }

    @Test(arguments: [
        ("BJÖRK", "Joga"), ("  Björk ", "Joga"), ("Bjo\u{308}rk", "Joga"), ("björk", "J\u{FF4F}ga"),
        ("björk", "joga\u{A0}"),
    ])
    func `case, width, white space and composition do not change the dedupe key`(_ artist: String, _ title: String) {
        #expect(
            DedupeKey.of(Track(artist: artist, title: title)) == DedupeKey.of(Track(artist: "Björk", title: "Joga")))
    }

    @Test func `names that are equal only when they are joined have different keys`() {
        let one = Track(artist: "A|B", title: "C", album: "D")
        let other = Track(artist: "A", title: "B|C", album: "D")
        #expect(DedupeKey.of(one) != DedupeKey.of(other))
        #expect(
            DedupeKey.of(Track(artist: "A", title: "T")) != DedupeKey.of(Track(artist: "A", title: "T", album: "X")))
    }
}
