import Contracts
import Foundation
import Matching
import Testing

/// The evaluation reads offers as production does.
@Suite struct SearchCaseTests {
    private func offers(_ files: String, locked: String = "[]") throws -> [OfferedFile] {
        let line =
            #"{"id":"a","wanted":{"artists":["A"],"title":"T"},"responses":[{"username":"u","files":\#(files),"#
            + #""lockedFiles":\#(locked)}]}"#
        return try JSONDecoder().decode(SearchCase.self, from: Data(line.utf8)).offers
    }

    @Test func `an attribute of zero is unknown`() throws {
        let read = try offers(
            #"[{"filename":"x\\A - T.flac","size":30000000,"bitDepth":0,"bitRate":0,"sampleRate":0,"length":0}]"#)
        let offer = try #require(read.first)
        #expect(offer.bitDepth == nil && offer.bitrateKbps == nil && offer.sampleRate == nil)
        #expect(offer.durationMS == nil)
    }

    @Test func `what production does not offer is not evaluated`() throws {
        let read = try offers(
            #"[{"filename":"x\\cover.jpg","size":9},{"filename":"x\\T.mp3","size":0},{"size":3},"#
                + #"{"filename":"x\\T.mp3","size":9,"length":9223372036854775807},{"filename":"T.FLAC","size":"9"}]"#)
        #expect(read.map(\.path) == [#"x\T.mp3"#])
        #expect(read.first?.durationMS == nil)
    }

    @Test func `a file is locked by its list or by its own member`() throws {
        let read = try offers(
            #"[{"filename":"a.mp3","size":9},{"filename":"b.mp3","size":9,"isLocked":true}]"#,
            locked: #"[{"filename":"c.mp3","size":9}]"#)
        #expect(read.map(\.isLocked) == [false, true, true])
        #expect(read.allSatisfy { $0.user == "u" && $0.source == "slskd" && $0.peer?.queueLength == 0 })
    }

    @Test func `a line without a wanted track names the missing member`() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(SearchCase.self, from: Data(#"{"id":"a","responses":[]}"#.utf8))
        }
    }
}
