import Contracts
import Foundation
import Testing

@Suite struct CandidateKeyTests {
    @Test func `a copy at another peer in another folder has the same key`() {
        let first = CandidateKey(path: #"@@music\Marlene Quist\Harbour Lights\07 Tide Tables.flac"#, size: 28_311_552)
        let second = CandidateKey(path: "/srv/music/new/07 TIDE tables.FLAC", size: 28_311_552)
        #expect(first == second)
        #expect(first.rawValue == "28311552/07 tide tables.flac")
    }

    @Test func `another size or another name is another file`() {
        let key = CandidateKey(path: "a/song.mp3", size: 1000)
        #expect(key != CandidateKey(path: "a/song.mp3", size: 1001))
        #expect(key != CandidateKey(path: "a/song (live).mp3", size: 1000))
    }

    @Test func `a name is the same however its accents are written`() {
        #expect(CandidateKey(path: "x/caf\u{e9}.mp3", size: 5) == CandidateKey(path: "y/cafe\u{301}.mp3", size: 5))
    }

    @Test(arguments: ["", "/", "\\\\", String(repeating: "ü", count: 10_000)])
    func `any path has a key of bounded length`(path: String) {
        #expect(CandidateKey(path: path, size: .max).rawValue.utf8.count <= 200)
    }
}
